/* The files of a folder, depth first in the byte order of names; see walk.h. */
#include "text/walk.h"
#include "base/array.h"
#include "base/status.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void ss_paths_free(ss_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) free(paths->items[i]);
    free(paths->items);
    *paths = (ss_paths){0};
}

static bool paths_add(ss_paths *paths, const char *folder, const char *name)
{
    size_t before = strlen(folder), after = strlen(name);
    bool slash = before && folder[before - 1] != '/';
    if (!ss_reserve(&paths->items, &paths->capacity, paths->count + 1)) return false;
    char *path = malloc(before + slash + after + 1);
    if (!path) return false;
    memcpy(path, folder, before);
    if (slash) path[before] = '/';
    memcpy(path + before + slash, name, after + 1);
    paths->items[paths->count++] = path;
    return true;
}

/* The entries of one folder, unordered. */
static samestory_status list(const char *folder, ss_paths *entries, samestory_error *error)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "can't read this folder: check its name and permissions", folder);
    const struct dirent *entry;
    samestory_status status = SAMESTORY_OK;
    while (!status && (errno = 0, entry = readdir(dir)))
        if (entry->d_name[0] != '.' && !paths_add(entries, folder, entry->d_name))
            status = ss_fail_memory(error);
    if (!status && errno)
        status = ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                               "reading this folder failed: check the disk it is on", folder);
    closedir(dir);
    return status;
}

/* Moves entries->items[i] to `paths` if it is a file, or goes into it if it is a folder. */
static samestory_status visit(ss_paths *entries, size_t i, ss_paths *paths, samestory_error *error)
{
    struct stat is;
    const char *path = entries->items[i];
    if (lstat(path, &is))
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "can't look at this file: check its permissions", path);
    if (S_ISDIR(is.st_mode)) return ss_walk(path, paths, error);
    if (S_ISLNK(is.st_mode) && (stat(path, &is) || S_ISDIR(is.st_mode))) return SAMESTORY_OK;
    if (!S_ISREG(is.st_mode)) return SAMESTORY_OK;
    if (!ss_reserve(&paths->items, &paths->capacity, paths->count + 1))
        return ss_fail_memory(error);
    paths->items[paths->count++] = entries->items[i];
    entries->items[i] = NULL;
    return SAMESTORY_OK;
}

/* Recursion is as deep as a path that the system accepts has parts. */
samestory_status ss_walk(const char *folder, ss_paths *paths, samestory_error *error)
{
    ss_paths entries = {0};
    samestory_status status = list(folder, &entries, error);
    if (!status && entries.count)
        qsort(entries.items, entries.count, sizeof *entries.items, by_bytes);
    for (size_t i = 0; !status && i < entries.count; i++) status = visit(&entries, i, paths, error);
    ss_paths_free(&entries);
    return status;
}
