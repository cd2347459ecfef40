/* Stage reader, before its first step: what the user named, as a list of files.
 *
 * In: paths of files, folders, lists of files (*.paths) and "-". Out: files that can be read twice,
 * in a fixed order: folders in the byte order of names, lists as they stand. Cost: one look at each
 * file; what can't be read twice is copied. */
#ifndef SS_TEXT_SOURCES_H
#define SS_TEXT_SOURCES_H

#include "samestory.h"
#include "text/walk.h"

#include <sys/stat.h>

/* What a file holds; SS_UNKNOWN until its first bytes have been looked at. */
typedef enum ss_kind { SS_UNKNOWN, SS_LINES, SS_TEXT, SS_WARC, SS_SFEED } ss_kind;

typedef struct ss_source {
    const char *name; /* the path, as given or found; ids and errors show it */
    ss_kind kind;
    bool named_text; /* its name is a text file's: *.txt, *.md */
    bool in_folder;  /* found in one, and not named as JSONL is */
    bool kept;       /* `fd` is a spooled pipe or standard input, and stays open */
    int fd;
    off_t base;       /* where it begins */
    struct stat seen; /* when it was opened: it must not change until it is read again */
    uint64_t notes_at, notes; /* where its notes begin, and how many there are */
    bool noted;               /* there are notes on all of its records */
} ss_source;

typedef struct ss_sources {
    ss_source *items;
    size_t count, capacity;
    bool one;       /* the user's input is one file, whatever is this share of it */
    uint64_t total; /* bytes as stored */
    ss_paths paths; /* names of their own */
} ss_sources;

/* Finds the files of `paths` and looks at each of this share (options->shard of ->shards: of
 * several files every shards-th). ss_sources_free in any case. */
samestory_status ss_sources_open(ss_sources *sources, const char *const *paths, size_t count,
                                 const samestory_reader_options *options, samestory_error *error);
void ss_sources_free(ss_sources *sources);

/* Opens a file to be read; *is tells what it is. Close *fd unless the source is kept. */
samestory_status ss_source_open(const ss_source *source, int *fd, samestory_error *error);
/* Fails when the file is not the one any more that ss_sources_open saw. */
samestory_status ss_source_unchanged(const ss_source *source, samestory_error *error);

#endif
