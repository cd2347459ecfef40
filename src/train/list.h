/* Lists in files of lines: # begins a comment, empty lines are passed over. */
#ifndef SS_TRAIN_LIST_H
#define SS_TRAIN_LIST_H

#include "base/status.h"

/* Takes a line, which it may change: SAMESTORY_OK, SAMESTORY_BAD_ARGUMENT when it is not what the list is
 * made of, SAMESTORY_NO_MEMORY. */
typedef samestory_status list_take(void *context, char *line);

/* Hands over line after line; path NULL: there are none. expected: what is told, with file and line, of one
 * that is not. SAMESTORY_INPUT_FAILED, SAMESTORY_NO_MEMORY. */
samestory_status list_read(const char *path, const char *expected, list_take *take, void *context,
                           samestory_error *error);

#endif
