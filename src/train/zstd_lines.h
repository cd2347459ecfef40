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

#endif
