/* Input that can be read once, kept in an unnamed file; see spool.h. */
#include "text/spool.h"
#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 20 };

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static samestory_status copy(int from, const char *name, int to, const char *folder, char *block,
                             samestory_error *error)
{
    for (;;) {
        ssize_t n = read(from, block, BLOCK_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                                 "reading failed: check where the input comes from", name);
        if (!n) return SAMESTORY_OK;
        if (!write_all(to, block, (size_t)n))
            return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                                 "no room to keep the input in this folder: free some or name "
                                 "another one (TMPDIR)",
                                 folder);
    }
}

samestory_status ss_spool_file(const char *folder, int *out, samestory_error *error)
{
    if (!folder) folder = "/tmp";
    static const char name[] = "/samestory.XXXXXX";
    char *path = malloc(strlen(folder) + sizeof name);
    if (!path) return ss_fail_memory(error);
    strcpy(path, folder);
    strcat(path, name);
    *out = mkstemp(path);
    if (*out >= 0) unlink(path);
    free(path);
    if (*out >= 0) return SAMESTORY_OK;
    return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                         "can't keep the input in this folder: name another one (TMPDIR)", folder);
}

samestory_status ss_spool(int fd, const char *name, const char *folder, int *out,
                          samestory_error *error)
{
    if (!folder) folder = "/tmp";
    int spooled = -1;
    char *block = malloc(BLOCK_BYTES);
    if (!block) return ss_fail_memory(error);
    samestory_status status = ss_spool_file(folder, &spooled, error);
    if (!status) {
        status = copy(fd, name, spooled, folder, block, error);
        if (status)
            close(spooled);
        else
            *out = spooled;
    }
    free(block);
    return status;
}
