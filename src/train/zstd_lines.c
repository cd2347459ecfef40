/* Lines of a .zst file, by libzstd's streaming interface. */
#include "train/zstd_lines.h"

#include "base/array.h"

#include <string.h>
#include <zstd.h>

enum { BLOCK = 1 << 20 };

struct zstd_lines {
    FILE *file;
    ZSTD_DStream *stream;
    char *path;
    char *in, *text;
    ZSTD_inBuffer input;
    size_t used, begin, capacity; /* text[begin..used) is not yet given out */
    uint64_t line;
    bool inside; /* a frame that has not ended */
    bool full;   /* the last output left no room: there may be more without more input */
};

samestory_status zstd_lines_open(const char *path, zstd_lines **out, samestory_error *error)
{
    zstd_lines *l = calloc(1, sizeof *l);
    if (!l) return ss_fail_memory(error);
    l->file = fopen(path, "rb");
    l->stream = ZSTD_createDStream();
    l->path = strdup(path);
    l->in = malloc(BLOCK);
    l->text = malloc(l->capacity = 2 * BLOCK);
    if (!l->file) {
        ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name", path);
        zstd_lines_free(l);
        return SAMESTORY_INPUT_FAILED;
    }
    if (!l->stream || !l->path || !l->in || !l->text) {
        zstd_lines_free(l);
        return ss_fail_memory(error);
    }
    l->input.src = l->in;
    *out = l;
    return SAMESTORY_OK;
}

/* Decompresses some more text; 0 at the end, -1 when it fails. */
static int fill(zstd_lines *l, samestory_error *error)
{
    if (l->begin) {
        memmove(l->text, l->text + l->begin, l->used - l->begin);
        l->used -= l->begin;
        l->begin = 0;
    }
    if (!ss_reserve(&l->text, &l->capacity, l->used + BLOCK + 1)) {
        ss_fail_memory(error);
        return -1;
    }
    if (l->input.pos == l->input.size && !l->full) {
        l->input.size = fread(l->in, 1, BLOCK, l->file);
        l->input.pos = 0;
        if (!l->input.size && !l->inside && !ferror(l->file)) return 0;
        if (!l->input.size) {
            ss_fail_at(error, SAMESTORY_INPUT_FAILED, "ends too early: fetch the file anew", l->path,
                       l->line, 0);
            return -1;
        }
    }
    ZSTD_outBuffer output = {l->text + l->used, BLOCK, 0};
    size_t result = ZSTD_decompressStream(l->stream, &output, &l->input);
    if (ZSTD_isError(result)) {
        ss_fail_at(error, SAMESTORY_INPUT_FAILED, "damaged zstd data: fetch the file anew", l->path,
                   l->line, 0);
        return -1;
    }
    l->used += output.pos;
    l->inside = result != 0;
    l->full = l->inside && output.pos == output.size;
    return 1;
}

char *zstd_lines_next(zstd_lines *l, size_t *size, samestory_error *error)
{
    size_t searched = 0;
    for (;;) {
        char *start = l->text + l->begin;
        char *end = memchr(start + searched, '\n', l->used - l->begin - searched);
        if (!end) {
            searched = l->used - l->begin;
            int more = fill(l, error);
            if (more > 0) continue;
            if (more < 0 || l->begin == l->used) return NULL;
            start = l->text + l->begin;
            end = l->text + l->used;
        }
        *end = 0;
        *size = (size_t)(end - start);
        l->begin += *size + 1;
        if (l->begin > l->used) l->begin = l->used;
        l->line++;
        return start;
    }
}

void zstd_lines_free(zstd_lines *l)
{
    if (!l) return;
    if (l->file) fclose(l->file);
    ZSTD_freeDStream(l->stream);
    free(l->path);
    free(l->in);
    free(l->text);
    free(l);
}

samestory_status zstd_lines_end(zstd_lines *lines, samestory_status status,
                                const samestory_error *reading, samestory_error *error)
{
    zstd_lines_free(lines);
    if (status || !reading->status) return status;
    if (error) *error = *reading;
    return reading->status;
}
