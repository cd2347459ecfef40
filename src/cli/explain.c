/* samestory explain: two documents side by side, what they share marked in their texts, what was measured
 * of them, what spoke for and against, what the other documents say, and the verdict; as text or as an HTML
 * page. The collection is settled as dedup does it, so that both say the same. */
#include "agreement.h"
#include "cli.h"
#include "collection.h"
#include "commands.h"
#include "ids.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN = 56 }; /* characters of a column; longer lines go on below */

/* All that is told of two documents. */
typedef struct explained {
    const samestory_engine *engine;
    size_t a, b;
    samestory_evidence evidence;
    agreement others;
    samestory_marked marked[2]; /* the two texts */
} explained;

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

/* Text as it is, or with what HTML would read as its own spelled out; control characters are not shown. */
static void put_escaped(output *out, const char *text, size_t size, bool html)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (html && c == '<') output_text(out, "&lt;");
        else if (html && c == '>') output_text(out, "&gt;");
        else if (html && c == '&') output_text(out, "&amp;");
        else if (html && c == '"') output_text(out, "&quot;");
        else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) output_text(out, "?");
        else output_bytes(out, text + i, 1);
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

/* What the judge's signals are about, by how their names begin: the first topic that fits; the last is the
 * rest. */
static const struct {
    const char *name, *beginnings[6];
} topics[] = {
    {"what other reports say", {"neighbours", NULL}},
    {"names, numbers, dates in title and lead",
     {"lead-", "title-", "strangers", "numbers-lead", "dates-lead", NULL}},
    {"meaning", {"cosine", "relative", "near-", "far", "usual", NULL}},
    {"names", {"names", "pairs", "skeletons", NULL}},
    {"numbers", {"numbers", "clash", NULL}},
    {"dates in the text", {"dates", "weekdays", NULL}},
    {"places", {"known", "only-known", "cities", NULL}},
    {"links", {"links", NULL}},
    {"wording", {"jaccard", "containment", NULL}},
    {"time between them", {"gap", NULL}},
    {"all that is rare", {"anchors", "few", "nothing", NULL}},
    {"what such texts are, before looking", {NULL}},
};
enum { TOPICS = sizeof topics / sizeof *topics };

static size_t topic_of(const char *signal)
{
    for (size_t t = 0; t < TOPICS - 1; t++)
        for (const char *const *b = topics[t].beginnings; *b; b++)
            if (!strncmp(signal, *b, strlen(*b))) return t;
    return TOPICS - 1;
}

static void sum_topics(const samestory_evidence *e, double sum[TOPICS])
{
    memset(sum, 0, TOPICS * sizeof *sum);
    for (size_t i = 0; i < e->signal_count; i++)
        sum[topic_of(e->signal_name[i])] += e->signal_effect[i];
}

/* The topic that weighs most of those not shown yet. */
static size_t next_topic(const double sum[TOPICS], bool shown[TOPICS])
{
    size_t best = TOPICS;
    for (size_t t = 0; t < TOPICS; t++)
        if (!shown[t] && (best == TOPICS || fabs(sum[t]) > fabs(sum[best]))) best = t;
    shown[best] = true;
    return best;
}

static void put_topics(output *out, const samestory_evidence *e)
{
    double sum[TOPICS];
    bool shown[TOPICS] = {false};
    char line[160];
    sum_topics(e, sum);
    output_text(out, "\nspeaks for (+) or against (-) one story      log odds\n");
    for (size_t i = 0; i < TOPICS; i++) {
        size_t t = next_topic(sum, shown);
        if (fabs(sum[t]) < 0.005) continue;
        snprintf(line, sizeof line, "  %c %-40s %+8.2f\n", sum[t] > 0 ? '+' : '-', topics[t].name,
                 sum[t]);
        output_text(out, line);
    }
}

/* The judge's inputs, the weightiest first; those that add nothing are left out. */
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
        if (fabs(e->signal_effect[best]) < 0.00005) break;
        snprintf(line, sizeof line, "%-24s %12.4f  %+10.4f\n", e->signal_name[best],
                 e->signal_value[best], e->signal_effect[best]);
        output_text(out, line);
    }
}

/* ---- What other reports say
 * --------------------------------------------------------------------------- */

static void begin_item(output *out, bool html)
{
    output_text(out, html ? "<li>" : "  ");
}

static void end_item(output *out, bool html)
{
    output_text(out, html ? "</li>\n" : "\n");
}

static void put_reports(output *out, size_t count, const char *one, const char *more)
{
    output_count(out, count);
    output_text(out, count == 1 ? " report " : " reports ");
    output_text(out, count == 1 ? one : more);
}

/* "x-3 (p 0.98 with A, 0.95 with B)", for each of the first `count`. */
static void put_bridges(output *out, const explained *x, size_t count, bool html)
{
    for (size_t i = 0; i < count && i < x->others.bridges; i++) {
        const bridge *k = &x->others.bridge[i];
        samestory_string id = samestory_id(x->engine, k->document);
        if (i) output_text(out, ", ");
        put_escaped(out, id.data, id.size, html);
        output_text(out, " (p ");
        output_number(out, k->with_a, 4);
        output_text(out, " with A, ");
        output_number(out, k->with_b, 4);
        output_text(out, " with B)");
    }
}

static void put_both(output *out, const explained *x, bool html)
{
    const agreement *others = &x->others;
    begin_item(out, html);
    if (others->both) {
        put_reports(out, others->both, "agrees with both: ", "agree with both: ");
        put_bridges(out, x, others->both, html);
        if (others->both > others->bridges) output_text(out, " and others");
    } else {
        output_text(out, "no report agrees with both");
        if (others->bridges) output_text(out, "; what comes nearest is ");
        put_bridges(out, x, 1, html);
    }
    end_item(out, html);
}

static void put_one_sided(output *out, size_t count, char one, char other, bool html)
{
    char line[96];
    if (!count) return;
    begin_item(out, html);
    snprintf(line, sizeof line, "%c agrees with ", one);
    output_text(out, line);
    snprintf(line, sizeof line, "that %c does not agree with", other);
    put_reports(out, count, line, line);
    end_item(out, html);
}

/* Why the verdict is of the two alone. */
static void put_not_asked(output *out, const explained *x)
{
    const samestory_engine *engine = x->engine;
    output_text(out, "not asked: ");
    if (samestory_original(engine, x->a) == samestory_original(engine, x->b)) {
        output_text(out, "A and B are one document");
    } else if (x->others.edge) {
        output_text(out, "a copy or a revision is known by the two texts and their ids");
    } else if (x->evidence.alone < SAMESTORY_EDGE_LEAST) {
        output_text(out, "A and B alone have too little in common (p below ");
        output_number(out, SAMESTORY_EDGE_LEAST, 6);
        output_text(out, ")");
    } else {
        output_text(out, "dedup does not hold A against B, as they are too far apart in time, or the "
                         "index finds too little that brings them together, or others are nearer");
    }
}

/* Lines of text, or items of a list in HTML. */
static void put_others(output *out, const explained *x, bool html)
{
    begin_item(out, html);
    if (!x->evidence.asked) {
        put_not_asked(out, x);
        end_item(out, html);
        return;
    }
    output_text(out, "A and B alone: p = ");
    output_number(out, x->evidence.alone, 6);
    output_text(out, "; with what others say: p = ");
    output_number(out, x->evidence.probability, 6);
    end_item(out, html);
    put_both(out, x, html);
    put_one_sided(out, x->others.only_a, 'A', 'B', html);
    put_one_sided(out, x->others.only_b, 'B', 'A', html);
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

/* ---- The two texts
 * ---------------------------------------------------------------------------------- */

/* A document of the input, copied; the strings of the reader live for a moment only. */
typedef struct copied {
    samestory_document document;
    char *bytes;
    bool found;
} copied;

static samestory_string keep(char **at, samestory_string s)
{
    samestory_string kept = {*at, s.size};
    if (s.size) memcpy(*at, s.data, s.size);
    *at += s.size;
    return kept;
}

static bool copy_document(const samestory_document *d, copied *out)
{
    char *at = malloc(d->title.size + d->text.size + d->language.size + 1);
    if (!at) return false;
    out->bytes = at;
    out->document = (samestory_document)SAMESTORY_DOCUMENT_INIT;
    out->document.title = keep(&at, d->title);
    out->document.text = keep(&at, d->text);
    out->document.language = keep(&at, d->language);
    out->document.date = d->date;
    out->found = true;
    return true;
}

/* Reads the input again, up to the documents with these ids. */
static int read_two(const collection *c, samestory_string a, samestory_string b, copied two[2])
{
    samestory_error error;
    samestory_status status = samestory_reader_rewind(c->reader, false, &error);
    while (!status && !(two[0].found && two[1].found)) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(c->reader, &r, &error);
        if (status == SAMESTORY_BAD_RECORD) status = SAMESTORY_OK;
        else if (!status && !r.is_blank) {
            samestory_string id = r.document.id, wanted[2] = {a, b};
            for (int i = 0; i < 2; i++)
                if (!two[i].found && id.size == wanted[i].size &&
                    !memcmp(id.data, wanted[i].data, id.size) && !copy_document(&r.document, &two[i]))
                    return cli_fail_memory();
        }
    }
    return status && status != SAMESTORY_END ? cli_fail(&error) : 0;
}

/* Writes a piece of a text with its marks. */
static void put_marked(output *out, const samestory_marked *m, size_t from, size_t to, bool html)
{
    size_t at = from;
    for (size_t i = 0; i <= m->marks; i++) {
        bool last = i == m->marks || m->mark[i].start >= to;
        size_t end = last ? to : m->mark[i].start;
        if (end < at) continue;
        put_escaped(out, m->text + at, end - at, html);
        at = end;
        if (last) return;
        const samestory_mark *k = &m->mark[i];
        if (html) {
            output_text(out, "<mark class=\"");
            output_text(out, k->type);
            output_text(out, "\" title=\"");
            output_text(out, k->type);
            output_text(out, ", weight ");
            output_number(out, k->weight, 1);
            output_text(out, "\">");
        } else {
            output_text(out, "[");
        }
        size_t stop = k->end < to ? k->end : to;
        put_escaped(out, m->text + at, stop - at, html);
        output_text(out, html ? "</mark>" : "]");
        at = stop;
    }
}

static void put_texts(output *out, const samestory_marked two[2])
{
    for (int i = 0; i < 2; i++) {
        output_text(out, i ? "\n--- B, [shared] ---\n" : "\n--- A, [shared] ---\n");
        put_marked(out, &two[i], 0, two[i].size, false);
        output_text(out, "\nonly here: ");
        put_escaped(out, two[i].only, strlen(two[i].only), false);
        output_text(out, "\n");
    }
}

static samestory_status put_explanation(const explained *x, output *out)
{
    const samestory_evidence *e = &x->evidence;
    char *left = NULL, *right = NULL;
    samestory_status status = samestory_describe(x->engine, x->a, &left);
    if (!status) status = samestory_describe(x->engine, x->b, &right);
    if (!status) {
        put_columns(out, left, right);
        put_texts(out, x->marked);
        output_text(out, "\n");
        put_measure(out, "cosine", e->cosine);
        put_measure(out, "jaccard", e->jaccard);
        put_measure(out, "containment", e->containment);
        put_measure(out, "gap in days", e->gap_days);
        put_measure(out, "names shared", e->names);
        put_measure(out, "dates shared", e->dates);
        put_measure(out, "numbers shared", e->numbers);
        put_signals(out, e);
        put_topics(out, e);
        output_text(out, "\nwhat other reports say\n");
        put_others(out, x, false);
        put_verdict(out, e);
    }
    samestory_free(left);
    samestory_free(right);
    return status;
}

/* ---- HTML
 * --------------------------------------------------------------------------------------------- */

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>samestory</title><style>\n"
    ":root{color-scheme:light dark;--line:#8886;--for:#2a7f4f;--against:#b3402e}\n"
    "body{font:16px/1.5 sans-serif;max-width:76rem;margin:1rem auto;padding:0 1rem}\n"
    ".two{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}\n"
    "@media(max-width:48rem){.two{grid-template-columns:1fr}}\n"
    "article{border:1px solid var(--line);border-radius:.4rem;padding:.5rem 1rem;overflow-wrap:anywhere;"
    "white-space:pre-line}\n"
    "mark{border-radius:.2rem;padding:0 .15rem;color:inherit;background:#f5c51866}\n"
    "mark.number{background:#4a90d966}mark.date{background:#8bc34a66}mark.link{background:#ab47bc66}\n"
    "table{border-collapse:collapse}td{padding:.15rem .6rem}td.n{text-align:right}\n"
    ".bar{display:inline-block;height:.8em;background:var(--for)}.bar.against{background:"
    "var(--against)}\n.id,.only{color:#888;font-size:.85em}\n</style></head><body>\n";

static void page_verdict(output *out, const samestory_evidence *e)
{
    output_text(out, "<h1>");
    output_text(out, e->relation ? samestory_relation_name(e->relation) : "not the same story");
    output_text(out, ", p = ");
    output_number(out, e->probability, 3);
    output_text(out, "</h1>\n<p>");
    for (size_t i = 0; i < e->reason_count; i++) {
        output_text(out, i ? ", " : e->relation ? "because of: " : "they share: ");
        put_escaped(out, e->reasons[i], strlen(e->reasons[i]), true);
    }
    output_text(out, "</p>\n");
}

static void page_document(output *out, const char *which, samestory_string id, const samestory_marked *m)
{
    output_text(out, "<article><div class=\"id\">");
    output_text(out, which);
    put_escaped(out, id.data, id.size, true);
    output_text(out, "</div><h2>");
    put_marked(out, m, 0, m->title_size, true);
    output_text(out, "</h2>");
    put_marked(out, m, m->title_size, m->size, true);
    output_text(out, "<p class=\"only\">only here: ");
    put_escaped(out, m->only, strlen(m->only), true);
    output_text(out, "</p></article>\n");
}

static void page_topics(output *out, const samestory_evidence *e)
{
    double sum[TOPICS];
    bool shown[TOPICS] = {false};
    char line[256];
    sum_topics(e, sum);
    output_text(out, "<h2>For and against</h2>\n<table>\n");
    for (size_t i = 0; i < TOPICS; i++) {
        size_t t = next_topic(sum, shown);
        if (fabs(sum[t]) < 0.005) continue;
        double width = fabs(sum[t]) < 12 ? fabs(sum[t]) : 12;
        snprintf(line, sizeof line,
                 "<tr><td>%s</td><td class=\"n\">%+.2f</td><td><span class=\"bar%s\" "
                 "style=\"width:%drem\"></span></td></tr>\n",
                 topics[t].name, sum[t], sum[t] < 0 ? " against" : "", (int)(width + 0.5));
        output_text(out, line);
    }
    output_text(out, "</table>\n");
}

static void put_page(const explained *x, output *out)
{
    output_text(out, page_head);
    page_verdict(out, &x->evidence);
    output_text(out, "<div class=\"two\">\n");
    page_document(out, "A: ", samestory_id(x->engine, x->a), &x->marked[0]);
    page_document(out, "B: ", samestory_id(x->engine, x->b), &x->marked[1]);
    output_text(out, "</div>\n");
    page_topics(out, &x->evidence);
    output_text(out, "<h2>What other reports say</h2>\n<ul>\n");
    put_others(out, x, true);
    output_text(out, "</ul>\n</body></html>\n");
}

/* ---- The command
 * -------------------------------------------------------------------------------------- */

static int find_id(const ids *known, const char *id, size_t *number)
{
    *number = ids_find(known, (samestory_string){id, strlen(id)});
    if (*number != IDS_NONE) return 0;
    cli_say("no document has the id %s: give ids as the records have them", id);
    return EXIT_IO;
}

static int put_explained(const explained *x, bool html)
{
    output out;
    samestory_status status = SAMESTORY_OK;
    int code = output_open(&out, NULL);
    if (code) return code;
    if (html)
        put_page(x, &out);
    else
        status = put_explanation(x, &out);
    code = output_close(&out);
    return status ? cli_fail_status(status) : code;
}

static int explain_two(const collection *c, bool html, size_t a, size_t b, copied two[2])
{
    samestory_error error;
    explained x = {.engine = c->engine, .a = a, .b = b, .evidence = {.struct_size = sizeof x.evidence}};
    int code = read_two(c, samestory_id(c->engine, a), samestory_id(c->engine, b), two);
    samestory_status status = code ? SAMESTORY_OK : samestory_pair(c->engine, a, b, &x.evidence);
    if (status) code = cli_fail_status(status);
    if (!code) code = agreement_find(c, a, b, &x.others);
    if (!code && samestory_shared(c->engine, &two[0].document, &two[1].document, x.marked, &error))
        code = cli_fail(&error);
    if (!code) code = put_explained(&x, html);
    samestory_marked_free(&x.marked[0]);
    samestory_marked_free(&x.marked[1]);
    return code;
}

static int explain(const collection *c, bool html, const char *first, const char *second)
{
    ids known;
    size_t a = 0, b = 0;
    copied two[2] = {{SAMESTORY_DOCUMENT_INIT, NULL, false}, {SAMESTORY_DOCUMENT_INIT, NULL, false}};
    if (!ids_build(&known, c->engine)) return cli_fail_memory();
    int code = find_id(&known, first, &a);
    if (!code) code = find_id(&known, second, &b);
    ids_free(&known);
    if (!code) code = explain_two(c, html, a, b, two);
    free(two[0].bytes);
    free(two[1].bytes);
    return code;
}

int explain_run(const cli_options *given)
{
    collection c;
    cli_options options = *given;
    if (options.operand_count < 3) {
        cli_say("explain needs a file and two ids: samestory explain FILE A B");
        return EXIT_USAGE;
    }
    options.operand_count -= 2;
    const char *first = options.operands[options.operand_count];
    const char *second = options.operands[options.operand_count + 1];
    int code = collection_read(&c, &options, 0);
    if (!code) code = collection_settle(&c, &options, NULL);
    if (!code) code = explain(&c, options.html, first, second);
    collection_free(&c);
    return code;
}
