/* Stage reader: the files of a folder. */
#ifndef SS_TEXT_WALK_H
#define SS_TEXT_WALK_H

#include "samestory.h"

/* Paths, each owned. */
typedef struct ss_paths {
    char **items;
    size_t count, capacity;
} ss_paths;

/* Adds every regular file below `folder`, in the byte order of names, hidden ones left out; links
 * to files are followed, links to folders are not. */
samestory_status ss_walk(const char *folder, ss_paths *paths, samestory_error *error);
void ss_paths_free(ss_paths *paths);

#endif
