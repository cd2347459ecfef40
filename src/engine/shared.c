/* samestory_shared: two documents in, their texts out, with what they share marked. */
#include "base/status.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ONLY_ROOM = 2048 };

void samestory_marked_free(samestory_marked *m)
{
    if (!m) return;
    free(m->text);
    free(m->mark);
    free(m->only);
    *m = (samestory_marked){0};
}

/* The anchors of one document, kept while the sketcher goes on. */
typedef struct one {
    ss_anchors anchors;
    bool shared[SS_ANCHORS_MAX];
    double weight[SS_ANCHORS_MAX];
    samestory_marked *out;
} one;

static samestory_status take(samestory_engine *e, const samestory_document *d, one *o,
                             samestory_error *error)
{
    size_t size, title_size;
    if (!ss_sketch_make(e->sketcher[0], d, e->options.ignore_dates, true))
        return ss_fail_memory(error);
    const char *text = ss_sketcher_text(e->sketcher[0], &size, &title_size);
    o->anchors = *ss_sketcher_anchors(e->sketcher[0]);
    samestory_marked *m = o->out;
    m->text = malloc(size + 1);
    m->mark = malloc((o->anchors.count + 1) * sizeof *m->mark);
    m->only = calloc(1, ONLY_ROOM);
    if (!m->text || !m->mark || !m->only) return ss_fail_memory(error);
    memcpy(m->text, text, size);
    m->text[size] = 0;
    m->size = size;
    m->title_size = title_size;
    return SAMESTORY_OK;
}

static void meet(one *a, one *b)
{
    for (size_t i = 0; i < a->anchors.count; i++)
        for (size_t k = 0; k < b->anchors.count; k++) {
            const ss_anchor *x = &a->anchors.items[i], *y = &b->anchors.items[k];
            if (x->type != y->type || x->key != y->key) continue;
            a->shared[i] = b->shared[k] = true;
            a->weight[i] = b->weight[k] = (x->weight < y->weight ? x->weight : y->weight) / 32.0;
        }
}

static int by_place(const void *x, const void *y)
{
    const samestory_mark *a = x, *b = y;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    return (a->end < b->end) - (a->end > b->end);
}

/* One mark of a place: the longest from its start, with the largest weight. */
static void mark(one *o)
{
    samestory_marked *m = o->out;
    for (size_t i = 0; i < o->anchors.count; i++) {
        ss_place at = o->anchors.place[i];
        if (!o->shared[i] || at.start >= at.end || at.end > m->size) continue;
        m->mark[m->marks++] = (samestory_mark){
            at.start, at.end, ss_anchor_type_name(o->anchors.items[i].type), o->weight[i]};
    }
    if (m->marks) qsort(m->mark, m->marks, sizeof *m->mark, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < m->marks; i++) {
        samestory_mark *last = kept ? &m->mark[kept - 1] : NULL;
        if (!last || m->mark[i].start >= last->end)
            m->mark[kept++] = m->mark[i];
        else if (m->mark[i].weight > last->weight)
            last->weight = m->mark[i].weight;
    }
    m->marks = kept;
}

/* Names and numbers that only this one has; a skeleton is the same word once more. */
static void list_only(one *o)
{
    size_t used = 0;
    for (size_t i = 0; i < o->anchors.count; i++) {
        const ss_anchor *x = &o->anchors.items[i];
        if (o->shared[i] || !x->text_size || x->type == SS_ANCHOR_SKELETON) continue;
        int size = snprintf(o->out->only + used, ONLY_ROOM - used, "%s%.*s", used ? ", " : "",
                            (int)x->text_size, o->anchors.pool + x->text);
        if (size < 0 || (size_t)size >= ONLY_ROOM - used) {
            o->out->only[used] = 0;
            return;
        }
        used += (size_t)size;
    }
}

samestory_status samestory_shared(samestory_engine *e, const samestory_document *a,
                                  const samestory_document *b, samestory_marked out[2],
                                  samestory_error *error)
{
    if (!e || !a || !b || !out || a->struct_size != sizeof *a || b->struct_size != sizeof *b)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "documents: begin with SAMESTORY_DOCUMENT_INIT");
    samestory_marked made[2] = {{0}, {0}};
    one *o = calloc(2, sizeof *o);
    samestory_status status = o ? SAMESTORY_OK : ss_fail_memory(error);
    for (int i = 0; i < 2 && !status; i++) {
        o[i].out = &made[i];
        status = take(e, i ? b : a, &o[i], error);
    }
    if (!status) {
        meet(&o[0], &o[1]);
        for (int i = 0; i < 2; i++) {
            mark(&o[i]);
            list_only(&o[i]);
            out[i] = made[i];
        }
    } else {
        samestory_marked_free(&made[0]);
        samestory_marked_free(&made[1]);
    }
    free(o);
    return status;
}
