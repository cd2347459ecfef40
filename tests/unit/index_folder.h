/* The folder of an index on disk that a test makes: in memory where that can be, for an index syncs
 * much. */
#ifndef INDEX_FOLDER_H
#define INDEX_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static char folder[256];

static void name_folder(const char *test)
{
    const char *parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(folder, sizeof folder, "%s/samestory-%s-%d", parent, test, (int)getpid());
}

/* Removes it, and all that is in it. */
static void clear_folder(void)
{
    char path[600];
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.') unlink(path);
    }
    if (d) closedir(d);
    rmdir(folder);
}

#endif
