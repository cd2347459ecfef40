/* samestory explain: two documents side by side, what was measured of them, and the verdict. */
#include "cli.h"
#include "collection.h"
#include "commands.h"
#include "ids.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN = 56 }; /* characters of a column; longer lines go on below */

/* ---- Two columns
 * --------------------------------------------------------------------------------- */

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes of the next piece of the line at `text`, at most COLUMN characters and to the end of a word
 * where there is one, and how many characters those are. */
static size_t piece(const char *text, size_t *characters)
{
    size_t size = 0, count = 0, word = 0, word_characters = 0;
    for (; text[size] && text[size] != '\n'; size++) {
        if (continues(text[size])) continue;
        if (count == COLUMN) {
            *characters = word ? word_characters : count;
            return word ? word : size;
        }
        count++;
        if (text[size] == ' ') word = size + 1, word_characters = count;
    }
    *characters = count;
    return size;
}

static void put_spaces(output *out, size_t count)
{
    while (count--) output_text(out, " ");
}

static void put_row(output *out, const char *left, size_t left_size, size_t characters,
                    const char *right, size_t right_size)
{
    output_bytes(out, left, left_size);
    if (right_size) {
        put_spaces(out, COLUMN - characters);
        output_text(out, " | ");
        output_bytes(out, right, right_size);
    }
    output_text(out, "\n");
}

/* Line n of the left text beside line n of the right one. */
static void put_columns(output *out, const char *left, const char *right)
{
    while (*left || *right) {
        do {
            size_t left_characters, right_characters;
            size_t l = piece(left, &left_characters), r = piece(right, &right_characters);
            put_row(out, left, l, left_characters, right, r);
            left += l;
            right += r;
        } while ((*left && *left != '\n') || (*right && *right != '\n'));
        left += *left == '\n';
        right += *right == '\n';
    }
}

/* ---- Evidence
 * --------------------------------------------------------------------------------------- */

static void put_measure(output *out, const char *name, double value)
{
    char line[96];
    snprintf(line, sizeof line, "%-24s ", name);
    output_text(out, line);
    if (isnan(value))
        output_text(out, "unknown");
    else
        output_number(out, value, 4);
    output_text(out, "\n");
}

/* The judge's inputs, the weightiest first. */
static void put_signals(output *out, const samestory_evidence *e)
{
    bool shown[SAMESTORY_SIGNALS] = {false};
    char line[160];
    output_text(out, "\nsignal                          value   adds (log odds)\n");
    for (size_t i = 0; i < e->signal_count; i++) {
        size_t best = e->signal_count;
        for (size_t k = 0; k < e->signal_count; k++)
            if (!shown[k] && (best == e->signal_count ||
                              fabs(e->signal_effect[k]) > fabs(e->signal_effect[best])))
                best = k;
        shown[best] = true;
        snprintf(line, sizeof line, "%-24s %12.4f  %+10.4f\n", e->signal_name[best],
                 e->signal_value[best], e->signal_effect[best]);
        output_text(out, line);
    }
}

static void put_verdict(output *out, const samestory_evidence *e)
{
    output_text(out, "\nverdict: ");
    output_text(out, samestory_relation_name(e->relation));
    output_text(out, ", p = ");
    output_number(out, e->probability, 6);
    for (size_t i = 0; i < e->reason_count; i++) {
        output_text(out, i ? ", " : e->relation ? ", because of " : "; both have ");
        output_text(out, e->reasons[i]);
    }
    output_text(out, "\n");
}

static samestory_status put_explanation(const samestory_engine *engine, size_t a, size_t b,
                                        output *out)
{
    samestory_evidence e = {.struct_size = sizeof e};
    char *left = NULL, *right = NULL;
    samestory_status status = samestory_pair(engine, a, b, &e);
    if (!status) status = samestory_describe(engine, a, &left);
    if (!status) status = samestory_describe(engine, b, &right);
    if (!status) {
        put_columns(out, left, right);
        output_text(out, "\n");
        put_measure(out, "cosine", e.cosine);
        put_measure(out, "jaccard", e.jaccard);
        put_measure(out, "containment", e.containment);
        put_measure(out, "gap in days", e.gap_days);
        put_measure(out, "names shared", e.names);
        put_measure(out, "dates shared", e.dates);
        put_measure(out, "numbers shared", e.numbers);
        put_signals(out, &e);
        put_verdict(out, &e);
    }
    samestory_free(left);
    samestory_free(right);
    return status;
}

static int find_id(const ids *known, const char *id, size_t *number)
{
    *number = ids_find(known, (samestory_string){id, strlen(id)});
    if (*number != IDS_NONE) return 0;
    cli_say("no document has the id %s: give ids as the records have them", id);
    return EXIT_IO;
}

static int explain(const collection *c, const char *first, const char *second)
{
    ids known;
    size_t a = 0, b = 0;
    output out;
    if (!ids_build(&known, c->engine)) return cli_fail_memory();
    int code = find_id(&known, first, &a);
    if (!code) code = find_id(&known, second, &b);
    ids_free(&known);
    if (!code) code = output_open(&out, NULL);
    if (code) return code;
    samestory_status status = put_explanation(c->engine, a, b, &out);
    code = output_close(&out);
    return status ? cli_fail_status(status) : code;
}

int explain_run(const cli_options *given)
{
    collection c;
    cli_options options = *given;
    samestory_error error;
    if (options.operand_count < 3) {
        cli_say("explain needs a file and two ids: samestory explain FILE A B");
        return EXIT_USAGE;
    }
    options.operand_count -= 2;
    const char *first = options.operands[options.operand_count];
    const char *second = options.operands[options.operand_count + 1];
    int code = collection_read(&c, &options, 0);
    if (!code && samestory_freeze(c.engine, &error)) code = cli_fail(&error);
    if (!code) code = explain(&c, first, second);
    collection_free(&c);
    return code;
}
