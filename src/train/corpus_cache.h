/* The corpus as it was read, in one file that is mapped the next time: reading the texts takes a minute,
 * mapping them a second.
 *
 * Layout (of this machine's byte order and structures; a cache is made anew, never sent around):
 *   cache_head, then each at a multiple of 64 bytes:
 *   text_pair[pairs], u32 unit[units], text_group[groups], u64 feature[features],
 *   u64 feature_first[unit_kinds + 1], u64 folded[unit_kinds], ss_language_entry[languages].
 *
 * It is valid as long as its stamp is: the hash of everything that the corpus was made of (bytes of all
 * source files, weights, dropped lines; normaliser and features by version and by what they make of a
 * fixed text). Every byte is under a checksum and every number is checked before it is used. */
#ifndef SS_TRAIN_CORPUS_CACHE_H
#define SS_TRAIN_CORPUS_CACHE_H

#include "train/corpus.h"

/* The stamp of a corpus of these files. */
samestory_status corpus_stamp(const corpus_files *files, const ss_normalizer *normalizer,
                              uint64_t *stamp, samestory_error *error);
/* Maps a cache with this stamp; *valid tells whether it is there and is good. */
samestory_status corpus_cache_map(const char *path, uint64_t stamp, corpus *out, bool *valid,
                                  samestory_error *error);
samestory_status corpus_cache_write(const char *path, uint64_t stamp, const corpus *c,
                                    samestory_error *error);

#endif
