/* Stage reader, before the first step: the bytes of one file, out of what they are packed in.
 *
 * In: an open file, plain, gzip (many members), zstd (many frames, also with the dictionary of a
 * .warc.zst in front) or xz, told by its first bytes. Out: its bytes. Memory: 256 KiB and the
 * decoder's (xz: at most 256 MiB, as its file asks for). RFC 1952, RFC 8878. */
#ifndef SS_TEXT_PACKED_H
#define SS_TEXT_PACKED_H

#include "samestory.h"

#include <sys/types.h>

typedef struct ss_packed ss_packed;

/* NULL when memory is out. One ss_packed serves one file after another. */
ss_packed *ss_packed_new(void);
void ss_packed_free(ss_packed *packed);

/* Begins to read `fd` from `base` on, which stays the caller's and is only read with pread. `name`
 * is for errors and must live as long as the file is read. */
samestory_status ss_packed_start(ss_packed *packed, int fd, off_t base, const char *name,
                                 samestory_error *error);

/* The next bytes, at most `room`; *got is 0 at the end of the file. What a damaged file gives
 * before its damage is given first. */
samestory_status ss_packed_read(ss_packed *packed, char *out, size_t room, size_t *got,
                                samestory_error *error);

/* Is the packing known to be damaged behind the bytes that have been given? *from is then how many
 * bytes had been given when the damaged member or frame began. */
bool ss_packed_damaged(const ss_packed *packed, uint64_t *from);
/* Goes to the next member or frame that begins behind the damage; without one the file has ended.
 */
samestory_status ss_packed_recover(ss_packed *packed, samestory_error *error);

/* Why a file that begins like this holds no lines, where it is known (bzip2, Parquet ...), and what
 * to do; else NULL. For the file that has just been started. */
const char *ss_packed_foreign(const ss_packed *packed);

/* Bytes of the file that have been read, as they are stored. */
uint64_t ss_packed_consumed(const ss_packed *packed);

#endif
