/* Stage reader: input that can be read once, kept to be read again. */
#ifndef SS_TEXT_SPOOL_H
#define SS_TEXT_SPOOL_H

#include "samestory.h"

/* A file to write to and read from, which has no name in `folder` (NULL: /tmp) any more when it is
 * given in *out. The caller closes it. */
samestory_status ss_spool_file(const char *folder, int *out, samestory_error *error);

/* Copies all that comes from `fd` to a file without a name in `folder` (NULL: /tmp) and gives its
 * descriptor in *out, which the caller closes. `name` is for errors. */
samestory_status ss_spool(int fd, const char *name, const char *folder, int *out,
                          samestory_error *error);

#endif
