/* The sketches of a collection in a file: written once, block by block as documents are gathered,
 * read through a mapping, so that they need not fit in memory; and taken up again after a run that
 * was killed.
 *
 * The file, little-endian, in segments of at least 64 MiB (offsets in bytes):
 *   segment   0  magic "SSsegmt1"   8  size of the segment   16  stamp   24  0   32  blocks, to the
 * size block     0  magic "SSblock1"   8  size of the block   16  how many documents 24  XXH3 of
 * the rest, seeded by their number   32  documents document  0  the sketch         then  size of
 * the id (4)   the id   zeros, to a multiple of 8 A segment's rest without a block is zero. A block
 * counts when its checksum is right, and ends the file when it isn't. */
#ifndef SS_INDEX_SKETCHES_H
#define SS_INDEX_SKETCHES_H

#include "base/shelf.h"
#include "sketch/sketch.h"

typedef struct ss_sketches ss_sketches;

/* path NULL: a file without a name in the shelf's folder. stamp: of everything that makes the
 * sketches what they are. again: begin with the documents that the file has, if it has this stamp;
 * else it starts empty. Another process that uses the file is an error. */
samestory_status ss_sketches_open(ss_shelf *shelf, const char *path, uint64_t stamp, bool again,
                                  ss_sketches **out, samestory_error *error);
void ss_sketches_free(ss_sketches *sketches);

/* What is handed over for each document: it lives as long as the shelf. */
typedef bool ss_kept(void *context, const ss_sketch *sketch, samestory_string id);

/* Hands over the documents that the file had when it was opened, in their order. */
samestory_status ss_sketches_load(ss_sketches *sketches, ss_kept *kept, void *context,
                                  samestory_error *error);
/* Appends a block of documents, and hands them over. */
samestory_status ss_sketches_add(ss_sketches *sketches, const ss_sketch *const *sketch,
                                 const samestory_string *id, size_t count, ss_kept *kept,
                                 void *context, samestory_error *error);
/* A number that tells this content from any other: of all blocks' checksums, in their order. */
uint64_t ss_sketches_check(const ss_sketches *sketches);

#endif
