/* Helpers for filling samestory_error. Messages are constants: what is wrong, and what to do. */
#ifndef SS_BASE_STATUS_H
#define SS_BASE_STATUS_H

#include "samestory.h"

/* Fills *error (which may be NULL) and returns `status`, so that a caller can `return ss_fail(...)`. */
samestory_status ss_fail(samestory_error *error, samestory_status status, const char *message);
samestory_status ss_fail_at(samestory_error *error, samestory_status status, const char *message,
                            const char *file, uint64_t line, uint64_t offset);
/* The same, with errno kept. */
samestory_status ss_fail_errno(samestory_error *error, samestory_status status, const char *message,
                               const char *file);
samestory_status ss_fail_memory(samestory_error *error);

#endif
