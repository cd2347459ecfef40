/* Stage reader: what a second pass needs of records that took work to read, kept in a file.
 *
 * A page of a crawl costs 100 us and more to unpack and parse; what dedup writes of it is its id,
 * address, title and date. The first pass notes these (some 200 bytes a record), the second reads
 * the notes. A file without a name, which goes when it is closed. */
#ifndef SS_TEXT_NOTES_H
#define SS_TEXT_NOTES_H

#include "samestory.h"
#include "text/input.h"

typedef struct ss_note {
    bool bad;        /* a bad record; no strings */
    uint64_t number; /* of its line or record */
    int64_t date;
    samestory_string id, url, title;
} ss_note;

typedef struct ss_notes {
    int fd; /* -1: there is no file, or it is full: nothing is noted */
    char *buffer;
    size_t used;
    uint64_t written; /* bytes in the file */
} ss_notes;

/* Makes a file in `folder` (NULL: /tmp). Notes only save work: where no file can be made or there
 * is no room in it, notes->fd becomes -1, and records have to be read again. */
void ss_notes_open(ss_notes *notes, const char *folder);
void ss_notes_close(ss_notes *notes);

/* Where in the file the next note will be. */
uint64_t ss_notes_at(const ss_notes *notes);
void ss_notes_add(ss_notes *notes, const ss_note *note);
/* To be called before notes are read. */
void ss_notes_flush(ss_notes *notes);

/* The next note from an input that has been started at the place of one; its strings live until the
 * next call. */
samestory_status ss_notes_next(ss_input *input, ss_note *note, samestory_error *error);

#endif
