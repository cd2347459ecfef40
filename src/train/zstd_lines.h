/* Lines of a .zst file, one after the other. */
#ifndef SS_TRAIN_ZSTD_LINES_H
#define SS_TRAIN_ZSTD_LINES_H

#include "base/status.h"

#include <stdio.h>

typedef struct zstd_lines zstd_lines;

samestory_status zstd_lines_open(const char *path, zstd_lines **out, samestory_error *error);
/* The next line without its end, NUL-terminated, until the next call; NULL at the end of the file or
 * on an error, which *error then tells (status SAMESTORY_OK at the end). */
char *zstd_lines_next(zstd_lines *lines, size_t *size, samestory_error *error);
void zstd_lines_free(zstd_lines *lines);
/* Frees them, at the end of a loop: returns `status`, the caller's own failure, of which *error tells, or
 * else what zstd_lines_next left in *reading, which then goes to *error. */
samestory_status zstd_lines_end(zstd_lines *lines, samestory_status status,
                                const samestory_error *reading, samestory_error *error);

#endif
