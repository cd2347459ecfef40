/* Lines of the training data that are not to be read, because an evaluation text is in them.
 *
 * A file of lines "source TAB XXH3 of the line, 16 hexadecimal digits TAB anything" (# begins a comment):
 * by hash, so that it stays right when lines move. `samestory-train contamination` writes it. */
#ifndef SS_TRAIN_DROPPED_H
#define SS_TRAIN_DROPPED_H

#include "base/lookup.h"
#include "base/status.h"

#include <stdbool.h>

typedef struct dropped_lines {
    ss_lookup lookup;
} dropped_lines;

/* path NULL: nothing is dropped. */
samestory_status dropped_read(const char *path, dropped_lines *out, samestory_error *error);
bool dropped_has(const dropped_lines *lines, const char *line, size_t size);
uint64_t dropped_hash(const char *line, size_t size);
void dropped_free(dropped_lines *lines);

#endif
