/* Status names and errors. */
#include "base/status.h"

#include <errno.h>
#include <string.h>

const char *samestory_status_name(samestory_status status)
{
    switch (status) {
    case SAMESTORY_OK: return "ok";
    case SAMESTORY_END: return "end of input";
    case SAMESTORY_BAD_ARGUMENT: return "bad argument";
    case SAMESTORY_BAD_RECORD: return "bad record";
    case SAMESTORY_INPUT_FAILED: return "input failed";
    case SAMESTORY_OUTPUT_FAILED: return "output failed";
    case SAMESTORY_MODEL_MISMATCH: return "model mismatch";
    case SAMESTORY_NO_MEMORY: return "out of memory";
    }
    return "unknown status";
}

const char *samestory_version(void)
{
    return SAMESTORY_VERSION;
}

samestory_status ss_fail_at(samestory_error *error, samestory_status status, const char *message,
                            const char *file, uint64_t line, uint64_t offset)
{
    if (!error) return status;
    *error = (samestory_error){.status = status, .message = message, .line = line, .offset = offset};
    if (file) {
        size_t size = strlen(file);
        if (size >= sizeof error->file) size = sizeof error->file - 1;
        memcpy(error->file, file, size);
        error->file[size] = 0;
    }
    return status;
}

samestory_status ss_fail(samestory_error *error, samestory_status status, const char *message)
{
    return ss_fail_at(error, status, message, NULL, 0, 0);
}

samestory_status ss_fail_errno(samestory_error *error, samestory_status status, const char *message,
                               const char *file)
{
    int kept = errno;
    ss_fail_at(error, status, message, file, 0, 0);
    if (error) error->system_error = kept;
    return status;
}

samestory_status ss_fail_memory(samestory_error *error)
{
    return ss_fail(error, SAMESTORY_NO_MEMORY, "out of memory: free some, or give less input at a time");
}
