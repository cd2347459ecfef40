/* Notes for a second pass; see notes.h.
 *
 * A note: "note", then what is in `head`, then the strings. It never leaves this process, so that
 * its numbers stand in the machine's order. */
#include "text/notes.h"
#include "base/status.h"
#include "text/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 << 10, STRINGS = 3 };

typedef struct head {
    char mark[4]; /* also keeps the bytes from looking packed */
    uint32_t bad;
    uint64_t number;
    int64_t date;
    uint64_t size[STRINGS];
} head;

void ss_notes_open(ss_notes *n, const char *folder)
{
    *n = (ss_notes){.fd = -1, .buffer = malloc(BUFFER_BYTES)};
    if (n->buffer && ss_spool_file(folder, &n->fd, NULL)) n->fd = -1;
}

void ss_notes_close(ss_notes *n)
{
    if (n->fd >= 0) close(n->fd);
    free(n->buffer);
    *n = (ss_notes){.fd = -1};
}

uint64_t ss_notes_at(const ss_notes *n)
{
    return n->written + n->used;
}

static void write_out(ss_notes *n, const char *bytes, size_t size)
{
    while (size && n->fd >= 0) {
        ssize_t done = write(n->fd, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            close(n->fd);
            n->fd = -1;
            return;
        }
        bytes += done;
        size -= (size_t)done;
        n->written += (uint64_t)done;
    }
}

void ss_notes_flush(ss_notes *n)
{
    write_out(n, n->buffer, n->used);
    n->used = 0;
}

static void put(ss_notes *n, const void *bytes, size_t size)
{
    if (size > BUFFER_BYTES - n->used) ss_notes_flush(n);
    if (size > BUFFER_BYTES) {
        write_out(n, bytes, size);
    } else if (size) {
        memcpy(n->buffer + n->used, bytes, size);
        n->used += size;
    }
}

void ss_notes_add(ss_notes *n, const ss_note *note)
{
    const samestory_string strings[STRINGS] = {note->id, note->url, note->title};
    head h = {{'n', 'o', 't', 'e'}, note->bad, note->number, note->date, {0}};
    if (n->fd < 0) return;
    for (size_t i = 0; i < STRINGS; i++) h.size[i] = note->bad ? 0 : strings[i].size;
    put(n, &h, sizeof h);
    for (size_t i = 0; i < STRINGS; i++) put(n, strings[i].data, (size_t)h.size[i]);
}

samestory_status ss_notes_next(ss_input *input, ss_note *note, samestory_error *error)
{
    head h;
    samestory_string bytes;
    samestory_string *const strings[STRINGS] = {&note->id, &note->url, &note->title};
    samestory_status status = ss_input_peek(input, sizeof h, &bytes, error);
    if (status) return status;
    bool there = bytes.size >= sizeof h;
    if (there) memcpy(&h, bytes.data, sizeof h);
    size_t size = there ? (size_t)(h.size[0] + h.size[1] + h.size[2]) : 0;
    if (there) {
        ss_input_drop(input, sizeof h);
        status = ss_input_peek(input, size, &bytes, error);
        if (status) return status;
    }
    if (!there || bytes.size < size)
        return ss_fail(error, SAMESTORY_INPUT_FAILED,
                       "the notes on the first pass can't be read: check the disk of TMPDIR");
    *note = (ss_note){.bad = h.bad, .number = h.number, .date = h.date};
    const char *p = bytes.data;
    for (size_t i = 0; i < STRINGS; p += h.size[i++])
        *strings[i] = (samestory_string){p, (size_t)h.size[i]};
    ss_input_drop(input, size); /* the bytes stay until more are read */
    return SAMESTORY_OK;
}
