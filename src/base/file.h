/* Whole files: mapped read-only, or written in one go through a temporary name. */
#ifndef SS_BASE_FILE_H
#define SS_BASE_FILE_H

#include "base/status.h"

/* Maps a regular file; an empty one gives size 0 and *data NULL. Release with ss_file_unmap. */
samestory_status ss_file_map(const char *path, void **data, size_t *size, samestory_error *error);
void ss_file_unmap(void *data, size_t size);

typedef struct ss_piece {
    const void *data;
    size_t size;
} ss_piece;

/* Writes the pieces one after the other to `path`: whole, or not at all. */
samestory_status ss_file_write(const char *path, const ss_piece *pieces, size_t count,
                               samestory_error *error);

#endif
