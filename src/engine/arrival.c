/* A document arrives: what the index proposes is judged, and the links that hold make the answer. */
#include "engine/engine.h"

#include <string.h>

enum { COPY_DAYS = 90 };

int64_t ss_copy_seconds(const samestory_engine *e)
{
    if (e->options.copy_window) return e->options.copy_window;
    return e->phase == SS_STREAM ? (int64_t)COPY_DAYS * SS_DAY : -1;
}

ss_view ss_view_of(const samestory_engine *e)
{
    return (ss_view){.model = e->model,
                     .window = e->window,
                     .postings = e->postings,
                     .store = e->tail.store,
                     .first = e->base,
                     .live = e->live,
                     .sketch = e->arrived,
                     .rows = e->rows.data,
                     .shelf = e->shelf,
                     .place = e->place,
                     .date = e->date,
                     .window_seconds = e->options.window,
                     .copy_seconds = ss_copy_seconds(e)};
}

uint32_t ss_around(const samestory_engine *e, int64_t date, uint32_t before)
{
    ss_view view = ss_view_of(e);
    int64_t seconds = e->options.window;
    if (e->phase != SS_STREAM) before = (uint32_t)e->arrived_count;
    if (seconds < 0 || date == SAMESTORY_NO_DATE) return before - e->live;
    bool last = e->phase == SS_STREAM || date == INT64_MAX;
    uint32_t end = last ? before : ss_first_placed(&view, date + 1, before);
    uint32_t first = ss_first_placed(&view, ss_window_begin(date, seconds), before);
    return end > first ? end - first : 0;
}

bool ss_engine_propose(const samestory_engine *e, size_t at, ss_proposal *out)
{
    uint32_t frequency[SS_ANCHORS_MAX], arrival = (uint32_t)at;
    ss_view view = ss_view_of(e);
    size_t count, compared;
    if (!e->near || !ss_near_find(e->near, arrival, 1)) return false;
    const ss_candidate *near = ss_near_of(e->near, arrival, &count, &compared);
    ss_frequencies(e, e->arrived[at], frequency);
    ss_propose_near(e->proposer[0], &view, e->arrived[at], frequency, e->place[at], e->date[at],
                    arrival, near, count, compared, out);
    return true;
}

/* Of a collection, document `before` itself asks. */
static bool propose(const samestory_engine *e, unsigned worker, const ss_view *view,
                    const ss_sketch *s, const uint32_t *frequency, int64_t place, int64_t date,
                    uint32_t before, ss_proposal *out)
{
    size_t count, compared;
    if (!view->postings)
        return ss_propose(e->proposer[worker], view, s, frequency, place, date, before, out);
    const ss_candidate *near = ss_near_of(e->near, before, &count, &compared);
    ss_propose_near(e->proposer[worker], view, s, frequency, place, date, before, near, count,
                    compared, out);
    return true;
}

/* Asks for the memory of a sketch that will be read soon. */
static void prefetch_sketch(const ss_sketch *s)
{
    enum { USUAL_SIZE = 1280 };
    for (size_t i = 0; i < USUAL_SIZE; i += 64) __builtin_prefetch((const char *)s + i);
}

/* Keeps the strongest links; ties in the order of arrival. */
static void keep_link(ss_finding *f, const ss_link *link, const ss_sketch *s,
                      const ss_evidence *evidence)
{
    size_t at = f->links;
    while (at > 0 && link->probability > f->link[at - 1].probability) at--;
    if (at == SS_LINKS_KEPT) return;
    if (f->links < SS_LINKS_KEPT) f->links++;
    for (size_t k = f->links - 1; k > at; k--) {
        f->link[k] = f->link[k - 1];
        memcpy(f->reason[k], f->reason[k - 1], sizeof f->reason[k]);
        f->reasons[k] = f->reasons[k - 1];
    }
    f->link[at] = *link;
    f->reasons[at] = (uint8_t)ss_reasons_of(evidence, s, f->reason[at], SAMESTORY_REASONS);
}

void ss_judge_document(const samestory_engine *e, unsigned worker, const ss_sketch *s,
                           int64_t place, int64_t date, uint32_t before, uint32_t twin, ss_finding *f)
{
    uint32_t frequency[SS_ANCHORS_MAX];
    ss_proposal proposal = {.count = 0};
    ss_view view = ss_view_of(e);
    f->links = f->judged = 0;
    f->best = 0;
    f->failed = false;
    ss_frequencies(e, s, frequency);
    if (twin < before && s->words && ss_within(ss_date_at(e, twin), date, view.copy_seconds)) {
        int32_t dot = ss_dot(ss_sketch_vector(s), ss_sketch_vector(s), s->dimension);
        proposal.candidate[proposal.count++] = (ss_candidate){twin, dot};
        proposal.compared = 1;
    } else {
        f->failed = !propose(e, worker, &view, s, frequency, place, date, before, &proposal);
    }
    if (f->failed) return;
    f->compared = proposal.compared;
    f->hot = proposal.hot;
    f->judged = proposal.count;
    ss_side side;
    ss_side_of(s, frequency, &side);
    /* a record of tomorrow was held against the days before today */
    int64_t until = s->date > place ? place : s->date;
    uint32_t all = ss_around(e, SAMESTORY_NO_DATE, before), around = ss_around(e, until, before);
    for (size_t i = 0; i < proposal.count; i++) {
        ss_evidence evidence;
        const ss_candidate *c = &proposal.candidate[i];
        if (i + 1 < proposal.count) prefetch_sketch(ss_view_sketch(&view, c[1].document));
        if (e->phase == SS_STREAM && ss_flags_at(e, c->document) & SS_ROW_DELETED) continue;
        const ss_sketch *other = ss_sketch_at(e, c->document);
        bool dated = other->date != SAMESTORY_NO_DATE;
        ss_evidence_beside(&side, other, c->dot, dated ? around : all, &evidence);
        ss_judgement j = ss_judge_of(e->model->judge_parsed, &evidence);
        if (j.probability > f->best) f->best = j.probability;
        if (j.probability < SS_NEIGHBOUR_LEAST) continue;
        ss_link link = {.document = c->document,
                        .relation = j.relation,
                        .dated = evidence.dated,
                        .probability = j.probability};
        keep_link(f, &link, s, &evidence);
    }
}

/* The number of an arrival. */
static uint32_t ss_number_of(const samestory_engine *e, uint32_t at)
{
    return at >= e->base ? e->arrival[at - e->base] : at;
}

/* Did a story begin more than a window from this document? Dates that somebody gave are compared; what is
 * forgotten is older than any window. The sketch of the story's first document, which may have to be read
 * from a disk, is asked only where its place in time is too far away. */
static bool is_over(const samestory_engine *e, uint32_t story, const ss_sketch *s, int64_t date)
{
    int64_t window = e->options.window;
    if (window < 0) return false;
    if (story >= e->live && ss_within(ss_date_at(e, story), date, window)) return false;
    if (s->date == SAMESTORY_NO_DATE) return false;
    if (story < e->live) return true;
    if (e->phase == SS_STREAM && ss_flags_at(e, story) & SS_ROW_DELETED) return true;
    return ss_sketch_at(e, story)->date != SAMESTORY_NO_DATE;
}

/* The answer to the document that arrives as `at` (after all before it have theirs). */
ss_answer ss_answer_of(const samestory_engine *e, uint32_t number, const ss_sketch *s, int64_t date,
                       const ss_finding *f)
{
    ss_answer a = {.probability = f->best, .of = UINT32_MAX, .story = number};
    ss_link links[SS_LINKS_KEPT];
    for (size_t i = 0; i < f->links; i++) {
        links[i] = f->link[i];
        if (links[i].probability < e->threshold) continue;
        links[i].story = ss_story_at(e, links[i].document);
        links[i].story_size = ss_story_size_of(e, links[i].story);
        links[i].over = links[i].relation == SAMESTORY_STORY && is_over(e, links[i].story, s, date);
    }
    int64_t joined = ss_story_join(links, f->links, e->threshold);
    if (joined < 0) return a;
    const ss_link *link = &links[joined];
    a.probability = link->probability;
    a.relation = (uint8_t)link->relation;
    a.of = ss_number_of(e, link->document);
    a.story = ss_number_of(e, link->story);
    a.reasons = f->reasons[joined];
    memcpy(a.reason, f->reason[joined], sizeof a.reason);
    return a;
}

void ss_count_finding(samestory_engine *e, const ss_finding *f)
{
    samestory_report *r = &e->report;
    r->candidates += f->judged;
    r->compared += f->compared;
    r->hot_keys += f->hot;
}

void ss_count_answer(samestory_engine *e, const ss_answer *a)
{
    samestory_report *r = &e->report;
    r->copies += a->relation == SAMESTORY_COPY;
    r->revisions += a->relation == SAMESTORY_REVISION;
    r->stories += a->relation == SAMESTORY_STORY;
}

/* Puts document `at` (by arrival) into the story of its answer. */
bool ss_enter_story(samestory_engine *e, uint32_t at, const ss_answer *a, const ss_finding *f)
{
    uint32_t story = at;
    if (a->of != UINT32_MAX)
        for (size_t i = 0; i < f->links; i++)
            if (ss_number_of(e, f->link[i].document) == a->of) story = ss_story_at(e, f->link[i].document);
    e->story[at - e->base] = story;
    if (story == at) e->story_size[at - e->base] = 0;
    if (story >= e->base) e->story_size[story - e->base]++;
    return story >= e->base || ss_stored_join(e, story);
}

void ss_fill_verdict(const samestory_engine *e, const ss_sketch *s, const ss_answer *a,
                         samestory_string own_id, samestory_verdict *out)
{
    const ss_anchor *anchor = ss_sketch_anchors(s);
    *out = (samestory_verdict){.struct_size = sizeof *out,
                               .relation = (samestory_relation)a->relation,
                               .probability = a->probability,
                               .story = own_id};
    if (a->of == UINT32_MAX) return;
    out->of = ss_id_at(e, a->of);
    out->story = ss_story_id_at(e, a->of, a->story);
    const ss_sketch *of = a->of >= e->base ? e->sketch[a->of - e->base] : ss_sketch_at(e, a->of);
    const char *words = ss_relation_words(out->relation, s, of, a->reasons > 0);
    if (words) out->reasons[out->reason_count++] = (samestory_string){words, strlen(words)};
    for (size_t i = 0; i < a->reasons && out->reason_count < SAMESTORY_REASONS; i++)
        if (anchor[a->reason[i]].text_size)
            out->reasons[out->reason_count++] =
                (samestory_string){ss_sketch_pool(s) + anchor[a->reason[i]].text,
                                   anchor[a->reason[i]].text_size};
}
