/* Whole files by mmap and by write-then-rename. */
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

samestory_status ss_file_map(const char *path, void **data, size_t *size, samestory_error *error)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name and rights",
                             path);
    if (fstat(file, &info) || !S_ISREG(info.st_mode)) {
        close(file);
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED, "is no regular file: name one", path, 0, 0);
    }
    void *map = NULL;
    if (info.st_size > 0) {
        map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (map == MAP_FAILED) {
            samestory_status status =
                ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't be mapped into memory", path);
            close(file);
            return status;
        }
    }
    close(file);
    *data = map;
    *size = (size_t)info.st_size;
    return SAMESTORY_OK;
}

void ss_file_unmap(void *data, size_t size)
{
    if (data) munmap(data, size);
}

static bool write_all(int file, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(file, data, size < (size_t)1 << 30 ? size : (size_t)1 << 30);
        if (done < 0) return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

samestory_status ss_file_write(const char *path, const ss_piece *pieces, size_t count,
                               samestory_error *error)
{
    static const char suffix[] = ".XXXXXX";
    size_t length = strlen(path);
    char *name = malloc(length + sizeof suffix);
    if (!name) return ss_fail_memory(error);
    memcpy(name, path, length);
    memcpy(name + length, suffix, sizeof suffix);
    int file = mkstemp(name);
    bool good = file >= 0;
    for (size_t i = 0; i < count && good; i++)
        good = write_all(file, pieces[i].data, pieces[i].size);
    good = good && fchmod(file, 0644) == 0 && fsync(file) == 0;
    if (file >= 0) good = close(file) == 0 && good;
    good = good && rename(name, path) == 0;
    samestory_status status = SAMESTORY_OK;
    if (!good) {
        status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                               "can't be written: check rights and room on the disk", path);
        if (file >= 0) unlink(name);
    }
    free(name);
    return status;
}
