/* Files that the command writes: whole or not at all.
 *
 * A file is written under "NAME.part" and gets its name when it is complete; a signal that ends the
 * command removes the part. stdout, devices and pipes are written as they are. Errors stick: write
 * on, and ask output_close. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli.h"

#include <stdio.h>

typedef struct output {
    int fd;
    char *buffer;
    size_t used;
    char *path, *part; /* NULL for stdout; part NULL when the file is written in place */
    uint64_t written;  /* bytes given so far */
    int error;         /* errno of the first failure, or 0 */
} output;

/* Makes SIGINT, SIGTERM, SIGHUP and SIGPIPE remove parts before they end the command. Call first.
 */
void output_catch_signals(void);

/* path NULL: stdout. 0 or an exit code, explained on stderr. */
int output_open(output *o, const char *path);
void output_bytes(output *o, const void *data, size_t size);
void output_text(output *o, const char *text);
/* Writes out what has been given so far; `error` tells at once whether that worked. */
void output_flush(output *o);
/* Writes all, gives the file its name and closes it. 0 or an exit code, explained on stderr. */
int output_close(output *o);
/* Closes and removes what is not complete. Safe on a zeroed or closed output. */
void output_drop(output *o);

/* JSON and TSV. */
void output_json_string(output *o, samestory_string s);
void output_json_text(output *o, const char *text);
/* A number with at most `decimals` of them, no zeros at their end; NaN: null. */
void output_number(output *o, double number, int decimals);
void output_count(output *o, uint64_t count);
/* Tab, newline, carriage return and backslash as \t, \n, \r, \\. */
void output_tsv(output *o, samestory_string s);

#endif
