/* Files that are written whole or not at all; see output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 << 10, PARTS = 8 };

/* ---- Signals ------------------------------------------------------------------------------------
 */

/* The parts that a signal must remove; pointers to output.part. */
static const char *volatile parts[PARTS];

static void end_by_signal(int number)
{
    for (int i = 0; i < PARTS; i++)
        if (parts[i]) unlink(parts[i]);
    signal(number, SIG_DFL);
    raise(number);
}

void output_catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct sigaction action = {.sa_handler = end_by_signal};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        /* What nohup ignores stays ignored; a closed pipe must end the command all the same. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN &&
            numbers[i] != SIGPIPE)
            continue;
        sigaction(numbers[i], &action, NULL);
    }
}

static void forget_part(output *o)
{
    for (int i = 0; i < PARTS; i++)
        if (parts[i] == o->part) parts[i] = NULL;
    free(o->part);
    o->part = NULL;
}

/* ---- Open
 * ------------------------------------------------------------------------------------------ */

/* A new file that does not take the place of the old one yet. */
static int open_part(output *o)
{
    size_t size = strlen(o->path) + sizeof ".part";
    o->part = malloc(size);
    if (!o->part) return -1;
    snprintf(o->part, size, "%s.part", o->path);
    for (int i = 0; i < PARTS; i++)
        if (!parts[i]) {
            parts[i] = o->part;
            break;
        }
    return open(o->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

int output_open(output *o, const char *path)
{
    *o = (output){.fd = STDOUT_FILENO, .buffer = malloc(BUFFER_BYTES)};
    if (!o->buffer) return cli_fail_memory();
    if (!path) return 0;
    o->path = malloc(strlen(path) + 1);
    if (!o->path) {
        output_drop(o);
        return cli_fail_memory();
    }
    strcpy(o->path, path);
    struct stat is;
    bool in_place = !stat(path, &is) && !S_ISREG(is.st_mode);
    o->fd = in_place ? open(path, O_WRONLY | O_CLOEXEC) : open_part(o);
    if (o->fd >= 0) return 0;
    cli_say("%s: can't write here: check the folder and its permissions (%s)", path,
            strerror(errno));
    output_drop(o);
    return EXIT_IO;
}

/* ---- Write
 * ------------------------------------------------------------------------------------------- */

static void write_out(output *o, const char *data, size_t size)
{
    while (size && !o->error) {
        ssize_t n = write(o->fd, data, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            o->error = errno;
            return;
        }
        data += n;
        size -= (size_t)n;
    }
}

void output_flush(output *o)
{
    write_out(o, o->buffer, o->used);
    o->used = 0;
}

void output_bytes(output *o, const void *data, size_t size)
{
    o->written += size;
    if (size > BUFFER_BYTES - o->used) output_flush(o);
    if (size > BUFFER_BYTES) {
        write_out(o, data, size);
    } else if (size) {
        memcpy(o->buffer + o->used, data, size);
        o->used += size;
    }
}

void output_text(output *o, const char *text)
{
    output_bytes(o, text, strlen(text));
}

void output_drop(output *o)
{
    if (o->path && o->fd >= 0) close(o->fd);
    if (o->part) {
        unlink(o->part);
        forget_part(o);
    }
    free(o->path);
    free(o->buffer);
    *o = (output){.fd = -1};
}

int output_close(output *o)
{
    output_flush(o);
    if (o->path) {
        if (close(o->fd) && !o->error) o->error = errno;
        o->fd = -1;
        if (o->part && !o->error && rename(o->part, o->path)) o->error = errno;
        if (o->part && !o->error) forget_part(o);
    }
    int code = 0;
    if (o->error) {
        cli_say("%s: writing failed: make room, or write elsewhere (%s)",
                o->path ? o->path : "standard output", strerror(o->error));
        code = EXIT_IO;
    }
    output_drop(o);
    return code;
}

/* ---- JSON and TSV
 * ------------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 sequence at s, or 0 when there is none. */
static size_t utf8_bytes(const unsigned char *s, size_t left)
{
    unsigned char c = s[0];
    size_t size = c < 0x80                ? 1
                  : c >= 0xC2 && c < 0xE0 ? 2
                  : c >= 0xE0 && c < 0xF0 ? 3
                  : c >= 0xF0 && c < 0xF5 ? 4
                                          : 0;
    if (!size || size > left) return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    bool overlong = (c == 0xE0 && s[1] < 0xA0) || (c == 0xF0 && s[1] < 0x90);
    bool no_character = (c == 0xED && s[1] > 0x9F) || (c == 0xF4 && s[1] > 0x8F);
    return overlong || no_character ? 0 : size;
}

void output_json_string(output *o, samestory_string s)
{
    const unsigned char *bytes = (const unsigned char *)s.data;
    output_text(o, "\"");
    for (size_t i = 0; i < s.size;) {
        size_t size = utf8_bytes(bytes + i, s.size - i);
        unsigned char c = bytes[i];
        char escape[8];
        if (!size) {
            output_text(o, "\xEF\xBF\xBD");
            size = 1;
        } else if (c < 0x20 || c == 0x7F) {
            snprintf(escape, sizeof escape, "\\u%04x", c);
            output_text(o, c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : escape);
        } else {
            if (c == '"' || c == '\\') output_bytes(o, "\\", 1);
            output_bytes(o, bytes + i, size);
        }
        i += size;
    }
    output_text(o, "\"");
}

void output_json_text(output *o, const char *text)
{
    output_json_string(o, (samestory_string){text, strlen(text)});
}

void output_number(output *o, double number, int decimals)
{
    char text[64];
    if (!isfinite(number)) {
        output_text(o, "null");
        return;
    }
    size_t size = (size_t)snprintf(text, sizeof text, "%.*f", decimals, number);
    if (size >= sizeof text) size = (size_t)snprintf(text, sizeof text, "%.17g", number);
    while (decimals > 0 && size > 1 && text[size - 1] == '0' && memchr(text, '.', size)) size--;
    if (size > 1 && text[size - 1] == '.') size--;
    bool minus_zero = size == 2 && !memcmp(text, "-0", 2);
    output_bytes(o, text + minus_zero, size - minus_zero);
}

void output_count(output *o, uint64_t count)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, count);
    output_text(o, text);
}

void output_tsv(output *o, samestory_string s)
{
    for (size_t i = 0; i < s.size; i++) {
        char c = s.data[i];
        const char *escape = c == '\t'   ? "\\t"
                             : c == '\n' ? "\\n"
                             : c == '\r' ? "\\r"
                             : c == '\\' ? "\\\\"
                                         : NULL;
        if (escape)
            output_text(o, escape);
        else
            output_bytes(o, &c, 1);
    }
}
