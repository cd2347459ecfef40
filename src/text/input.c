/* The bytes of a file as lines; see input.h. */
#include "text/input.h"
#include "base/status.h"
#include "text/packed.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1 << 20 }; /* the buffer's first size; a quarter of it is read at least */

struct ss_input {
    ss_packed *packed;
    const char *name;
    char *buffer; /* [start, end) is waiting; [start, searched) holds no line end */
    size_t capacity, start, searched, end;
    bool ended; /* nothing comes after `end` */
    uint64_t line, offset;
    bool in_pieces;
};

ss_input *ss_input_new(void)
{
    ss_input *in = calloc(1, sizeof *in);
    if (!in) return NULL;
    in->capacity = LINE_BYTES + SS_INPUT_PADDING;
    in->buffer = calloc(1, in->capacity);
    in->packed = ss_packed_new();
    if (in->buffer && in->packed) return in;
    ss_input_free(in);
    return NULL;
}

void ss_input_free(ss_input *in)
{
    if (!in) return;
    ss_packed_free(in->packed);
    free(in->buffer);
    free(in);
}

uint64_t ss_input_consumed(const ss_input *in)
{
    return ss_packed_consumed(in->packed);
}

samestory_status ss_input_start(ss_input *in, int fd, off_t base, const char *name,
                                samestory_error *error)
{
    in->name = name;
    in->line = in->offset = 0;
    in->start = in->searched = in->end = 0;
    in->ended = in->in_pieces = false;
    return ss_packed_start(in->packed, fd, base, name, error);
}

samestory_status ss_input_check_lines(const ss_input *in, samestory_error *error)
{
    const char *message = ss_packed_foreign(in->packed);
    return message ? ss_fail_at(error, SAMESTORY_INPUT_FAILED, message, in->name, 0, 0)
                   : SAMESTORY_OK;
}

/* ---- The buffer ------------------------------------------------------------------------------ */

/* Room for at least one more byte and the padding behind it. */
static bool make_room(ss_input *in)
{
    size_t waiting = in->end - in->start;
    if (in->start && (waiting < in->capacity / 2 || in->capacity - in->end <= SS_INPUT_PADDING)) {
        memmove(in->buffer, in->buffer + in->start, waiting);
        in->searched -= in->start;
        in->start = 0;
        in->end = waiting;
    }
    if (in->capacity - in->end > SS_INPUT_PADDING + LINE_BYTES / 4) return true;
    if (in->capacity > SIZE_MAX / 2) return false;
    char *moved = realloc(in->buffer, in->capacity * 2);
    if (!moved) return false;
    in->buffer = moved;
    in->capacity *= 2;
    return true;
}

static samestory_status fill(ss_input *in, samestory_error *error)
{
    if (!make_room(in)) return ss_fail_memory(error);
    size_t room = in->capacity - in->end - SS_INPUT_PADDING, got = 0;
    samestory_status status = ss_packed_read(in->packed, in->buffer + in->end, room, &got, error);
    if (status) {
        if (error && ss_input_damaged(in, NULL)) error->line = in->line + 1;
        return status;
    }
    if (!got) in->ended = true;
    in->end += got;
    memset(in->buffer + in->end, 0, SS_INPUT_PADDING);
    return SAMESTORY_OK;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

samestory_status ss_input_peek(ss_input *in, size_t want, samestory_string *bytes,
                               samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    while (!status && !in->ended && in->end - in->start < want) status = fill(in, error);
    *bytes = (samestory_string){in->buffer + in->start, in->end - in->start};
    return status;
}

void ss_input_drop(ss_input *in, size_t size)
{
    in->start += size;
    in->offset += size;
    if (in->searched < in->start) in->searched = in->start;
}

uint64_t ss_input_offset(const ss_input *in)
{
    return in->offset;
}

bool ss_input_damaged(const ss_input *in, uint64_t *from)
{
    uint64_t unused;
    return ss_packed_damaged(in->packed, from ? from : &unused);
}

samestory_status ss_input_recover(ss_input *in, samestory_error *error)
{
    ss_input_drop(in, in->end - in->start);
    return ss_packed_recover(in->packed, error);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* Cuts `size` bytes and a line end of `end_size` from the front of what is waiting. */
static void take(ss_input *in, size_t size, size_t end_size, ss_line *line)
{
    const char *data = in->buffer + in->start;
    bool goes_on = in->in_pieces;
    *line = (ss_line){{data, size}, {data + size, end_size}, in->line + 1, in->offset, goes_on};
    in->start += size + end_size;
    in->offset += size + end_size;
    in->searched = in->start;
}

samestory_status ss_input_line(ss_input *in, size_t max_bytes, ss_line *line,
                               samestory_error *error)
{
    for (;;) {
        const char *data = in->buffer + in->start;
        size_t waiting = in->end - in->start, size = waiting, end_size = 0;
        const char *newline = memchr(in->buffer + in->searched, '\n', in->end - in->searched);
        in->searched = in->end;
        if (newline) {
            size = (size_t)(newline - data);
            end_size = 1;
            if (size && data[size - 1] == '\r') size--, end_size++;
        }
        /* Without a line end in sight, one more byte may still be its "\r". */
        if (newline || in->ended ? size > max_bytes : size > max_bytes + 1) {
            in->in_pieces = true;
            take(in, max_bytes, 0, line);
            return SAMESTORY_OK;
        }
        if (newline || (in->ended && waiting)) {
            take(in, size, end_size, line);
            in->in_pieces = false;
            in->line++;
            return SAMESTORY_OK;
        }
        if (in->ended) return SAMESTORY_END;
        samestory_status status = fill(in, error);
        if (status) return status;
    }
}

samestory_status ss_input_whole(ss_input *in, size_t max_bytes, ss_line *line,
                                samestory_error *error)
{
    while (!in->ended && in->end - in->start <= max_bytes) {
        samestory_status status = fill(in, error);
        if (status) return status;
    }
    if (in->end - in->start > max_bytes) {
        *line = (ss_line){.number = 1, .piece = true};
        return ss_fail_at(error, SAMESTORY_BAD_RECORD,
                          "file longer than a record may be: raise max_record_bytes", in->name, 1,
                          0);
    }
    take(in, in->end - in->start, 0, line);
    return SAMESTORY_OK;
}
