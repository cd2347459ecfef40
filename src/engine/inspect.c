/* Looking inside an engine: the evidence of any pair, a sketch in words. */
#include "base/status.h"
#include "engine/engine.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ss_engine_evidence(const samestory_engine *e, size_t a, size_t b, ss_evidence *out)
{
    const ss_sketch *x = e->sketch[a], *y = e->sketch[b];
    uint32_t frequency[SS_ANCHORS_MAX];
    ss_statistics_of(e->statistics, x, frequency);
    int32_t dot = ss_dot(ss_sketch_vector(x), ss_sketch_vector(y), x->dimension);
    int64_t later = x->date > y->date ? x->date : y->date;
    if (x->date == SAMESTORY_NO_DATE || y->date == SAMESTORY_NO_DATE) later = SAMESTORY_NO_DATE;
    ss_evidence_of(x, frequency, y, dot, ss_around(e, later, 0), out);
}

/* By the numbers that a store knows them by: never to be changed. */
static const char *const words_known[] = {
    NULL, "the same text", "nearly the same text", "holds the earlier text, with changes",
    "held by the earlier text", "close in meaning"};

const char *ss_relation_words(samestory_relation relation, const ss_sketch *later,
                              const ss_sketch *earlier, bool anchors)
{
    switch (relation) {
    case SAMESTORY_COPY: return words_known[later->text_hash == earlier->text_hash ? 1 : 2];
    case SAMESTORY_REVISION: return words_known[later->shingles >= earlier->shingles ? 3 : 4];
    case SAMESTORY_STORY: return anchors ? NULL : words_known[5];
    default: return NULL;
    }
}

uint8_t ss_words_code(const char *words)
{
    for (uint8_t i = 1; words && i < sizeof words_known / sizeof *words_known; i++)
        if (!strcmp(words, words_known[i])) return i;
    return 0;
}

const char *ss_words_of_code(uint8_t code)
{
    return code < sizeof words_known / sizeof *words_known ? words_known[code] : NULL;
}

/* The edge between two documents, or NULL: edges stand in the order in which the later one of each was
 * answered, at most SS_LINKS_KEPT of one. */
static const samestory_edge *find_edge(const samestory_engine *e, size_t a, size_t b)
{
    if (e->phase != SS_SETTLED) return NULL;
    a = e->original[a];
    b = e->original[b];
    uint32_t later = e->answer[e->answer[a].order < e->answer[b].order ? b : a].order;
    size_t low = 0, high = e->edge_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->answer[e->edge[middle].b].order < later)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < e->edge_count && e->answer[e->edge[low].b].order == later; low++) {
        const samestory_edge *edge = &e->edge[low];
        if ((edge->a == a && edge->b == b) || (edge->a == b && edge->b == a)) return edge;
    }
    return NULL;
}

/* What the judge's signals leave open of the final log odds is what the neighbours said. */
static void add_neighbours(const samestory_edge *edge, double odds, samestory_evidence *out)
{
    static const double least = 5e-7; /* probabilities are rounded to twice that */
    double p = edge->probability;
    p = p < least ? least : p > 1 - least ? 1 - least : p;
    out->asked = true;
    out->signal_name[out->signal_count] = "neighbours";
    out->signal_value[out->signal_count] = edge->probability - edge->alone;
    out->signal_effect[out->signal_count++] = ss_log(p / (1 - p)) - odds;
}

static void add_signals(const samestory_engine *e, const ss_evidence *evidence,
                        const samestory_edge *edge, samestory_evidence *out)
{
    double odds = ss_judge_odds(e->model->judge_parsed, evidence, out->signal_effect);
    for (size_t i = 0; i < SS_SIGNALS; i++) {
        out->signal_name[i] = ss_signal_name[i];
        out->signal_value[i] = evidence->signal[i];
    }
    out->signal_count = SS_SIGNALS;
    if (edge && edge->relation == SAMESTORY_STORY && !e->options.as_stream)
        add_neighbours(edge, odds, out);
}

_Static_assert((int)SS_SIGNALS + 1 <= (int)SAMESTORY_SIGNALS, "room for every signal, and the neighbours");

static void add_reasons(const ss_evidence *evidence, const ss_sketch *x, const ss_sketch *y,
                        samestory_evidence *out)
{
    uint16_t reason[SAMESTORY_REASONS];
    size_t reasons = ss_reasons_of(evidence, x, reason, SAMESTORY_REASONS);
    bool later = x->date != SAMESTORY_NO_DATE && y->date != SAMESTORY_NO_DATE && x->date > y->date;
    const char *words = ss_relation_words(out->relation, later ? x : y, later ? y : x, reasons > 0);
    if (words) snprintf(out->reasons[out->reason_count++], sizeof out->reasons[0], "%s", words);
    for (size_t i = 0; i < reasons && out->reason_count < SAMESTORY_REASONS; i++) {
        const ss_anchor *anchor = &ss_sketch_anchors(x)[reason[i]];
        memcpy(out->reasons[out->reason_count], ss_sketch_pool(x) + anchor->text, anchor->text_size);
        out->reasons[out->reason_count++][anchor->text_size] = 0;
    }
}

samestory_status samestory_pair(const samestory_engine *e, size_t a, size_t b,
                                samestory_evidence *out)
{
    if (!e || !out || out->struct_size != sizeof *out || a >= e->count || b >= e->count ||
        e->phase < SS_FROZEN)
        return SAMESTORY_BAD_ARGUMENT;
    ss_evidence evidence;
    ss_shelf_relieve(e->shelf);
    ss_engine_evidence(e, a, b, &evidence);
    ss_judgement j = ss_judge_of(e->model->judge_parsed, &evidence);
    const samestory_edge *edge = find_edge(e, a, b);
    double alone = edge ? edge->alone : j.probability;
    if (edge) j = (ss_judgement){edge->relation, edge->probability};
    /* copies and revisions need nobody */
    double threshold = edge || j.relation != SAMESTORY_STORY ? e->threshold : e->alone;
    *out = (samestory_evidence){
        .struct_size = sizeof *out,
        .relation = j.probability >= threshold ? j.relation : SAMESTORY_NONE,
        .probability = j.probability,
        .alone = alone,
        .cosine = evidence.cosine,
        .jaccard = evidence.jaccard,
        .containment = evidence.containment,
        .gap_days = evidence.gap_days,
        .names = evidence.names,
        .dates = evidence.dates,
        .numbers = evidence.numbers,
    };
    add_signals(e, &evidence, edge, out);
    add_reasons(&evidence, e->sketch[a], e->sketch[b], out);
    return SAMESTORY_OK;
}

/* ---- A sketch in words -------------------------------------------------------------------------------- */

typedef struct text {
    char *data;
    size_t size, capacity;
    bool failed;
} text;

__attribute__((format(printf, 2, 3))) static void say(text *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char part[512];
    int size = vsnprintf(part, sizeof part, format, list);
    va_end(list);
    if (size < 0 || (size_t)size >= sizeof part) size = (int)sizeof part - 1;
    if (t->size + (size_t)size + 1 > t->capacity) {
        size_t wish = (t->capacity + (size_t)size) * 2 + 256;
        char *moved = realloc(t->data, wish);
        if (!moved) {
            t->failed = true;
            return;
        }
        t->data = moved;
        t->capacity = wish;
    }
    memcpy(t->data + t->size, part, (size_t)size + 1);
    t->size += (size_t)size;
}

/* An id is any bytes: those that a terminal obeys, or that end a line, are not said. */
static void say_id(text *t, samestory_string id)
{
    say(t, "id         ");
    for (size_t i = 0; i < id.size && i < 300; i++) {
        unsigned char c = (unsigned char)id.data[i];
        say(t, "%c", c < 0x20 || c == 0x7F ? '?' : c);
    }
    say(t, "\n");
}

static void say_date(text *t, int64_t date)
{
    if (date == SAMESTORY_NO_DATE) {
        say(t, "date       none\n");
        return;
    }
    /* days to a civil date: Hinnant 2013, "chrono-Compatible Low-Level Date Algorithms" */
    int64_t z = date / 86400 - (date % 86400 < 0) + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
    say(t, "date       %04lld-%02lld-%02lld\n", (long long)year, (long long)month,
        (long long)(doy - (153 * mp + 2) / 5 + 1));
}

samestory_status samestory_describe(const samestory_engine *e, size_t number, char **out)
{
    if (!e || !out || number >= e->count) return SAMESTORY_BAD_ARGUMENT;
    const ss_sketch *s = e->sketch[number];
    const ss_anchor *anchor = ss_sketch_anchors(s);
    text t = {0};
    say_id(&t, e->id[number]);
    say(&t, "language   %s\n",
        s->language < e->model->languages ? e->model->language[s->language].code : "unknown");
    say_date(&t, s->date);
    say(&t, "words      %u\nshingles   %u\nsketch     %u bytes\n", s->words, s->shingles, s->size);
    for (unsigned type = 0; type < SS_ANCHOR_TYPES; type++) {
        size_t said = 0;
        for (size_t i = 0; i < s->anchors; i++) {
            if (anchor[i].type != type) continue;
            if (said++) say(&t, ", ");
            else say(&t, "%-10s ", ss_anchor_type_name(type));
            say(&t, "%.*s (%.1f", (int)anchor[i].text_size, ss_sketch_pool(s) + anchor[i].text,
                anchor[i].weight / 32.0);
            if (e->phase >= SS_FROZEN)
                say(&t, ", in %u", ss_statistics_frequency(e->statistics, type, anchor[i].key));
            say(&t, ")");
        }
        if (said) say(&t, "\n");
    }
    if (t.failed) {
        free(t.data);
        return SAMESTORY_NO_MEMORY;
    }
    *out = t.data;
    return SAMESTORY_OK;
}
