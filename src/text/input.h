/* Stage reader, first step: the bytes of one file as lines, or as blocks whose size is known.
 *
 * In: an open file, packed or not (packed.h). Out: lines, blocks, or the whole of it. Memory: a
 * buffer that grows to the longest line or block, at most `max_bytes` and a little. */
#ifndef SS_TEXT_INPUT_H
#define SS_TEXT_INPUT_H

#include "samestory.h"

#include <sys/types.h>

/* Bytes that may be read behind a line's last one; the JSON parser looks ahead that far. */
#define SS_INPUT_PADDING 64

typedef struct ss_input ss_input;

/* A line, or a piece of one that is longer than `max_bytes`. Lives until the next call. */
typedef struct ss_line {
    samestory_string bytes;    /* line end excluded, SS_INPUT_PADDING readable bytes behind it */
    samestory_string line_end; /* "\n", "\r\n" or "" */
    uint64_t number;           /* from 1 */
    uint64_t offset;           /* of its first byte, in the decompressed file */
    bool piece;                /* the line is longer than max_bytes: this is a part of it */
} ss_line;

/* NULL when memory is out. One ss_input serves one file after another. */
ss_input *ss_input_new(void);
void ss_input_free(ss_input *input);

/* Begins to read `fd` from `base` on, which stays the caller's and is only read with pread. `name`
 * is for errors and must live as long as the file is read. */
samestory_status ss_input_start(ss_input *input, int fd, off_t base, const char *name,
                                samestory_error *error);

/* Fails when the file that has just been started begins like something that holds no lines (bzip2,
 * Parquet, UTF-16 ...), saying what to do. */
samestory_status ss_input_check_lines(const ss_input *input, samestory_error *error);

/* The next line, SAMESTORY_END after the last. A line longer than max_bytes comes in pieces of
 * max_bytes, so that nothing is lost and memory stays bounded. */
samestory_status ss_input_line(ss_input *input, size_t max_bytes, ss_line *line,
                               samestory_error *error);

/* The whole file as one line without line end. SAMESTORY_BAD_RECORD when it is longer. */
samestory_status ss_input_whole(ss_input *input, size_t max_bytes, ss_line *line,
                                samestory_error *error);

/* At least `want` bytes, fewer only where the file ends; SS_INPUT_PADDING readable ones behind
 * them. They stay, and live until the next call that reads. After a failure *bytes is what is
 * there. */
samestory_status ss_input_peek(ss_input *input, size_t want, samestory_string *bytes,
                               samestory_error *error);
/* Passes over bytes that ss_input_peek gave. */
void ss_input_drop(ss_input *input, size_t size);
/* Where in the decompressed file the next byte is. */
uint64_t ss_input_offset(const ss_input *input);

/* Is the packing damaged behind the bytes that are there? *from (may be NULL) is where in the
 * decompressed file the damaged member begins. */
bool ss_input_damaged(const ss_input *input, uint64_t *from);
/* Forgets the bytes that are there and goes on with the next member behind the damage, or at the
 * file's end. */
samestory_status ss_input_recover(ss_input *input, samestory_error *error);

/* Bytes read from the file so far, as they are stored. */
uint64_t ss_input_consumed(const ss_input *input);

#endif
