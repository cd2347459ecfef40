/* The engine, through the public header, with the shipped model. */
#include "unit.h"

#include "documents.h"
#include "shipped_model.h"

#include <stdbool.h>
#include <unistd.h>

static documents news, reports;

enum { DAY = 86400, NOVEMBER_12 = 1762905600 };

static int open_all(void **state)
{
    if (open_model(state)) return -1;
    news = documents_read("news.jsonl");
    reports = documents_read("reports.jsonl.zst");
    return 0;
}

static int close_all(void **state)
{
    documents_free(&news);
    documents_free(&reports);
    return close_model(state);
}

static samestory_engine *engine_with(const samestory_options *options)
{
    samestory_engine *engine = NULL;
    samestory_error error = {0};
    if (samestory_engine_new(model, options, &engine, &error)) fail_msg("%s", error.message);
    return engine;
}

/* Gathers in blocks, settles. */
static samestory_engine *settled(const documents *d, const samestory_options *options, size_t block)
{
    samestory_engine *engine = engine_with(options);
    samestory_error error = {0};
    for (size_t i = 0; i < d->count; i += block) {
        size_t count = d->count - i < block ? d->count - i : block;
        if (samestory_gather(engine, d->items + i, count, &error)) fail_msg("%s", error.message);
    }
    if (samestory_settle(engine, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(samestory_count(engine), d->count);
    return engine;
}

static samestory_verdict verdict_of(const samestory_engine *engine, size_t number)
{
    samestory_verdict verdict = SAMESTORY_VERDICT_INIT;
    assert_int_equal(samestory_verdict_of(engine, number, &verdict), SAMESTORY_OK);
    return verdict;
}

static bool same_string(samestory_string a, samestory_string b)
{
    return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

static bool is_string(samestory_string a, const char *b)
{
    return same_string(a, string_of(b));
}

static void assert_same_verdict(const samestory_verdict *a, const samestory_verdict *b)
{
    assert_int_equal(a->relation, b->relation);
    assert_true(a->probability >= b->probability && a->probability <= b->probability);
    assert_true(same_string(a->story, b->story));
    assert_true(same_string(a->of, b->of));
    assert_int_equal(a->reason_count, b->reason_count);
    for (size_t i = 0; i < a->reason_count; i++)
        assert_true(same_string(a->reasons[i], b->reasons[i]));
}

static void assert_same_answers(const samestory_engine *a, const samestory_engine *b)
{
    assert_int_equal(samestory_count(a), samestory_count(b));
    for (size_t i = 0; i < samestory_count(a); i++) {
        samestory_verdict u = verdict_of(a, i), v = verdict_of(b, i);
        assert_same_verdict(&u, &v);
    }
    const samestory_edge *x, *y;
    size_t x_count, y_count;
    assert_int_equal(samestory_edges(a, &x, &x_count), SAMESTORY_OK);
    assert_int_equal(samestory_edges(b, &y, &y_count), SAMESTORY_OK);
    assert_int_equal(x_count, y_count);
    for (size_t i = 0; i < x_count; i++) {
        assert_int_equal(x[i].a, y[i].a);
        assert_int_equal(x[i].b, y[i].b);
        assert_int_equal(x[i].relation, y[i].relation);
        assert_int_equal(x[i].dated, y[i].dated);
        assert_near(x[i].alone, y[i].alone, 0);
        assert_near(x[i].probability, y[i].probability, 0);
    }
}

/* ---- What a user expects
 * ------------------------------------------------------------------------------ */

static void news_becomes_stories(void **state)
{
    (void)state;
    samestory_engine *engine = settled(&news, NULL, news.count);
    samestory_verdict copy = verdict_of(engine, documents_find(&news, "wd-1"));
    assert_int_equal(copy.relation, SAMESTORY_COPY);
    assert_true(is_string(copy.of, "pc-1"));
    samestory_verdict revision = verdict_of(engine, documents_find(&news, "hz-3"));
    assert_int_equal(revision.relation, SAMESTORY_REVISION);
    assert_true(is_string(revision.of, "hz-1"));
    /* five papers on one round of talks; the other delegation in town is another story */
    static const char *const talks[] = {"tg-1", "pc-1", "wd-1", "dp-1", "hz-3"};
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        samestory_verdict v = verdict_of(engine, documents_find(&news, talks[i]));
        if (!is_string(v.story, "hz-1")) fail_msg("%s is not told as the story of hz-1", talks[i]);
        assert_true(v.reason_count > 0);
        assert_true(v.probability > 0 && v.probability <= 1);
    }
    static const char *const others[] = {"ht-1", "hz-2", "dp-2", "vs-1",
                                         "lr-1", "tg-2", "wd-2", "hz-6"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        samestory_verdict v = verdict_of(engine, documents_find(&news, others[i]));
        if (is_string(v.story, "hz-1")) fail_msg("%s is told as the story of hz-1", others[i]);
    }
    /* two quakes, two days and 70 kilometres apart, in the words of one template */
    assert_true(is_string(verdict_of(engine, documents_find(&news, "vs-2")).story, "vs-2"));
    assert_true(is_string(verdict_of(engine, documents_find(&news, "pc-2")).story, "vs-1"));
    samestory_engine_free(engine);
}

/* Short, of one day and one language, and with nothing in common. */
static void unrelated_news_of_a_day_is_no_story(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "The ferry Blankenwater ran aground off Port Ellery with 214 people on board, all rescued.",
        "Surgeons in Tarnoveld have transplanted a larynx, an operation of nineteen hours.",
        "Striker Ousmane Kettering scored four goals as Rovers beat United in the cup final.",
        "A late frost has destroyed half of the apricot harvest in the Zelmira valley.",
        "Parliament votes on the pension bill next week.",
        "Der Stadtrat hat den Haushalt beschlossen.",
        "Ein Brand hat in der Nacht eine Lagerhalle zerstört.",
        "De koning opent donderdag het nieuwe museum.",
        "Giá gạo xuất khẩu tăng tuần thứ ba liên tiếp.",
        "Un séisme a été ressenti dans le nord du pays.",
    };
    enum { TEXTS = sizeof texts / sizeof *texts };
    for (int dated = 0; dated < 2; dated++) {
        documents d = {0};
        for (int i = 0; i < TEXTS; i++) {
            char id[16];
            snprintf(id, sizeof id, "%d", i);
            documents_add_text(&d, id, texts[i], dated ? NOVEMBER_12 + i : SAMESTORY_NO_DATE);
        }
        samestory_engine *engine = settled(&d, NULL, TEXTS);
        for (size_t i = 0; i < TEXTS; i++) {
            samestory_verdict v = verdict_of(engine, i);
            if (v.relation != SAMESTORY_NONE)
                fail_msg("%zu is told as the story of %.*s, p %.3f, %s dates", i, (int)v.of.size,
                         v.of.data, v.probability, dated ? "with" : "without");
        }
        samestory_engine_free(engine);
        documents_free(&d);
    }
}

static void new_means_nothing_earlier(void **state)
{
    (void)state;
    samestory_engine *engine = settled(&news, NULL, news.count);
    for (size_t i = 0; i < news.count; i++) {
        samestory_verdict v = verdict_of(engine, i);
        if (v.relation != SAMESTORY_NONE) {
            size_t of = documents_find(&news, v.of.data ? v.of.data : "");
            assert_true(news.items[of].date <= news.items[i].date);
            assert_true(same_string(verdict_of(engine, of).story, v.story));
            continue;
        }
        assert_int_equal(v.of.size, 0);
        assert_true(same_string(v.story, news.items[i].id));
        assert_int_equal(v.reason_count, 0);
        assert_true(v.probability >= 0 && v.probability < 1);
    }
    samestory_engine_free(engine);
}

static void the_same_id_with_the_same_text_is_answered_again(void **state)
{
    (void)state;
    documents d = {0};
    for (size_t i = 0; i < news.count; i++) documents_add(&d, &news.items[i], news.label[i]);
    size_t again = documents_find(&news, "dp-1");
    documents_add(&d, &news.items[again], news.label[again]);
    samestory_engine *engine = settled(&d, NULL, 7);
    samestory_verdict first = verdict_of(engine, again), second = verdict_of(engine, d.count - 1);
    assert_same_verdict(&first, &second);
    samestory_report report = {.struct_size = sizeof report};
    assert_int_equal(samestory_engine_report(engine, &report), SAMESTORY_OK);
    assert_int_equal(report.repeated, 1);
    samestory_engine_free(engine);

    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.ids_repeat = true; /* now it is another document with the same words */
    engine = settled(&d, &options, 7);
    second = verdict_of(engine, d.count - 1);
    assert_int_equal(second.relation, SAMESTORY_COPY);
    samestory_engine_free(engine);
    documents_free(&d);
}

static void the_same_id_with_another_text_is_a_revision(void **state)
{
    (void)state;
    documents d = {0};
    for (size_t i = 0; i < news.count; i++) documents_add(&d, &news.items[i], news.label[i]);
    documents_add_text(&d, "dp-1", "Heel iets anders, met geen woord van het eerste bericht.",
                       news.items[documents_find(&news, "dp-1")].date + 3600);
    samestory_engine *engine = settled(&d, NULL, d.count);
    samestory_verdict v = verdict_of(engine, d.count - 1);
    assert_int_equal(v.relation, SAMESTORY_REVISION);
    assert_true(is_string(v.of, "dp-1"));
    samestory_engine_free(engine);
    documents_free(&d);
}

/* ---- Laws
 * ------------------------------------------------------------------------------------------------
 */

static void threads_and_blocks_do_not_count(void **state)
{
    (void)state;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    samestory_engine *expected = settled(&reports, &options, reports.count);
    static const struct {
        unsigned threads;
        size_t block;
    } ways[] = {{1, 1}, {2, 1000}, {2, 7}, {3, 64}, {8, 100}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        options.threads = ways[i].threads;
        samestory_engine *engine = settled(&reports, &options, ways[i].block);
        assert_same_answers(engine, expected);
        samestory_engine_free(engine);
    }
    samestory_engine_free(expected);
}

/* Sketches, pairs and what they share in files of a folder, under a cap that lets go of them all
 * the time. */
static void files_instead_of_memory_do_not_count(void **state)
{
    (void)state;
    char folder[] = "/tmp/samestory-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    samestory_engine *expected = settled(&reports, NULL, reports.count);
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.folder = folder;
    for (unsigned threads = 1; threads <= 2; threads++) {
        options.threads = threads;
        options.memory = threads == 1 ? 0 : 1 << 20;
        samestory_engine *engine = settled(&reports, &options, 100);
        assert_same_answers(engine, expected);
        samestory_engine_free(engine);
    }
    samestory_engine_free(expected);
    assert_int_equal(rmdir(folder), 0); /* nothing is left behind */
}

/* Alone as anybody would judge the two; then again, by what others say, unless the text itself
 * tells. */
static void pairs_are_judged_alone_and_then_again(void **state)
{
    (void)state;
    samestory_engine *engine = settled(&reports, NULL, 100);
    const samestory_edge *edges;
    size_t count, changed = 0;
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    for (size_t i = 0; i < count; i++) {
        const samestory_edge *edge = &edges[i];
        samestory_evidence e = {.struct_size = sizeof e};
        assert_int_equal(samestory_pair(engine, edge->a, edge->b, &e), SAMESTORY_OK);
        assert_int_equal(edge->dated, !isnan(e.gap_days));
        if (edge->relation != SAMESTORY_STORY) assert_near(edge->probability, edge->alone, 0);
        changed += fabs(edge->probability - edge->alone) > 0.01;
    }
    print_message("# %zu of %zu pairs are judged otherwise\n", changed, count);
    assert_true(changed > 0);
    samestory_engine_free(engine);
}

/* Nobody who comes later has a say in what a stream has answered. */
static void a_stream_judges_pairs_alone(void **state)
{
    (void)state;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.as_stream = true;
    samestory_engine *engine = settled(&reports, &options, 100);
    const samestory_edge *edges;
    size_t count;
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) assert_near(edges[i].probability, edges[i].alone, 0);
    samestory_engine_free(engine);
}

static double threshold_of(samestory_engine *engine)
{
    samestory_report report = {.struct_size = sizeof report};
    assert_int_equal(samestory_engine_report(engine, &report), SAMESTORY_OK);
    return report.threshold;
}

/* A link must be surer where nobody else is asked: in a stream, and in a collection settled as one. */
static void a_stream_has_a_threshold_of_its_own(void **state)
{
    (void)state;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    samestory_engine *collection = settled(&news, &options, 100);
    double asked = threshold_of(collection);
    options.as_stream = true;
    samestory_engine *as_stream = settled(&news, &options, 100);
    double alone = threshold_of(as_stream);
    assert_true(alone > asked);
    samestory_engine *stream = engine_with(NULL);
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    samestory_error error;
    assert_int_equal(samestory_add(stream, &news.items[0], &v, &error), SAMESTORY_OK);
    assert_near(threshold_of(stream), alone, 0);
    samestory_engine *given = engine_with(&(samestory_options){
        .struct_size = sizeof(samestory_options), .threads = 1, .threshold = .9});
    assert_int_equal(samestory_add(given, &news.items[0], &v, &error), SAMESTORY_OK);
    assert_near(threshold_of(given), .9, 0);
    samestory_engine_free(collection);
    samestory_engine_free(as_stream);
    samestory_engine_free(stream);
    samestory_engine_free(given);
}

/* linked[a * reports + b] of the first so many documents: do a and b tell one story? Returns how
 * many do. */
static size_t find_links(const documents *d, bool ignore_dates, bool *linked)
{
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.ignore_dates = ignore_dates;
    samestory_engine *engine = settled(d, &options, 100);
    samestory_report report = {.struct_size = sizeof report};
    assert_int_equal(samestory_engine_report(engine, &report), SAMESTORY_OK);
    const samestory_edge *edges;
    size_t count, links = 0;
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    for (size_t i = 0; i < count; i++) {
        if (edges[i].a >= reports.count || edges[i].b >= reports.count) continue;
        if (edges[i].probability < report.threshold) continue;
        size_t low = edges[i].a < edges[i].b ? edges[i].a : edges[i].b;
        size_t high = edges[i].a < edges[i].b ? edges[i].b : edges[i].a;
        linked[low * reports.count + high] = true;
        links++;
    }
    samestory_engine_free(engine);
    return links;
}

/* Wires are copied: when another outlet prints each report as well, nearly all still belong
 * together that did. What is lost is lost because names that stand in more texts are less rare. */
static void stories_hold_when_every_report_is_copied(void **state)
{
    (void)state;
    documents d = {0};
    for (size_t i = 0; i < reports.count; i++)
        documents_add(&d, &reports.items[i], reports.label[i]);
    for (size_t i = 0; i < reports.count; i++) {
        samestory_document copy = reports.items[i];
        char id[64];
        snprintf(id, sizeof id, "copy-%zu", i);
        copy.id = string_of(id);
        copy.url = (samestory_string){NULL, 0};
        copy.source = string_of("Another Daily");
        documents_add(&d, &copy, reports.label[i]);
    }
    for (int ignore_dates = 0; ignore_dates < 2; ignore_dates++) {
        bool *before = calloc(reports.count * reports.count, sizeof *before);
        bool *after = calloc(reports.count * reports.count, sizeof *after);
        assert_non_null(before);
        assert_non_null(after);
        size_t links = find_links(&reports, ignore_dates, before), kept = 0;
        find_links(&d, ignore_dates, after);
        for (size_t i = 0; i < reports.count * reports.count; i++) kept += before[i] && after[i];
        print_message("# %zu of %zu links hold, %s dates\n", kept, links,
                      ignore_dates ? "without" : "with");
        assert_true((double)kept >= (ignore_dates ? 0.85 : 0.97) * (double)links);
        free(before);
        free(after);
    }
    documents_free(&d);
}

static void edges_and_verdicts_agree(void **state)
{
    (void)state;
    samestory_engine *engine = settled(&reports, NULL, 100);
    const samestory_edge *edges;
    size_t count;
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(edges[i].a < reports.count && edges[i].b < reports.count);
        assert_true(edges[i].a != edges[i].b);
        assert_true(edges[i].probability >= 0 && edges[i].probability <= 1);
        assert_true(reports.items[edges[i].a].date <= reports.items[edges[i].b].date);
    }
    size_t linked = 0;
    for (size_t i = 0; i < reports.count; i++) {
        samestory_verdict v = verdict_of(engine, i);
        if (v.relation == SAMESTORY_NONE) continue;
        linked++;
        bool found = false;
        for (size_t k = 0; k < count && !found; k++)
            found = edges[k].b == i && same_string(samestory_id(engine, edges[k].a), v.of);
        assert_true(found);
    }
    assert_true(linked > reports.count / 4);
    size_t *story = malloc(reports.count * sizeof *story);
    samestory_report report = {.struct_size = sizeof report};
    assert_int_equal(samestory_engine_report(engine, &report), SAMESTORY_OK);
    assert_int_equal(samestory_stories(edges, count, reports.count, report.threshold, story, NULL),
                     SAMESTORY_OK);
    assert_int_equal(report.documents, reports.count);
    assert_int_equal(report.copies + report.revisions + report.stories, linked);
    free(story);
    samestory_engine_free(engine);
}

static double effects_of(const samestory_evidence *e)
{
    double sum = 0;
    for (size_t i = 0; i < e->signal_count; i++) sum += e->signal_effect[i];
    return sum;
}

/* The pair of an edge is its edge, from both sides, and its signals add up to the final log odds.
 * Returns whether the documents around it were asked. */
static bool check_edge(const samestory_engine *engine, const samestory_edge *edge, size_t a,
                       size_t b, double threshold)
{
    samestory_evidence e = {.struct_size = sizeof e};
    assert_int_equal(samestory_pair(engine, a, b, &e), SAMESTORY_OK);
    assert_near(e.probability, edge->probability, 0);
    assert_near(e.alone, edge->alone, 0);
    bool linked = edge->probability >= threshold;
    assert_int_equal(e.relation, linked ? edge->relation : SAMESTORY_NONE);
    bool named = !strcmp(e.signal_name[e.signal_count - 1], "neighbours");
    assert_int_equal(e.asked, named);
    double p = e.probability;
    if (e.asked && p < 1) assert_near(effects_of(&e), log(p / (1 - p)), 1e-6);
    if (!e.asked) assert_near(e.alone, p, 0);
    return e.asked;
}

/* Pairs of a settled collection, beside those of one that is only frozen and so judged alone.
 * Returns how many edges others were asked about. */
static size_t check_pairs(const documents *d, const samestory_options *options)
{
    samestory_engine *engine = settled(d, options, 100), *alone = engine_with(options);
    samestory_error error = {0};
    samestory_report report = {.struct_size = sizeof report};
    const samestory_edge *edges;
    size_t count, asked = 0, edge = 0;
    assert_int_equal(samestory_engine_report(engine, &report), SAMESTORY_OK);
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    assert_int_equal(samestory_gather(alone, d->items, d->count, &error), SAMESTORY_OK);
    assert_int_equal(samestory_freeze(alone, &error), SAMESTORY_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        asked += check_edge(engine, &edges[i], edges[i].a, edges[i].b, report.threshold);
        check_edge(engine, &edges[i], edges[i].b, edges[i].a, report.threshold);
        samestory_evidence e = {.struct_size = sizeof e};
        assert_int_equal(samestory_pair(alone, edges[i].a, edges[i].b, &e), SAMESTORY_OK);
        if (!options->as_stream) assert_near(e.probability, edges[i].alone, 0);
    }
    for (size_t b = 0; b < d->count; b += 7) /* what is no edge */
        for (size_t a = 0; a < b; a += 3) {
            samestory_evidence e = {.struct_size = sizeof e}, f = e;
            for (edge = 0; edge < count && !(edges[edge].a + edges[edge].b == a + b &&
                                             (edges[edge].a == a || edges[edge].a == b));)
                edge++;
            if (edge < count || samestory_original(engine, b) != b) continue;
            assert_int_equal(samestory_pair(engine, a, b, &e), SAMESTORY_OK);
            assert_int_equal(samestory_pair(alone, a, b, &f), SAMESTORY_OK);
            assert_near(e.probability, f.probability, 0);
            assert_near(e.alone, f.alone, 0);
            assert_near(f.alone, f.probability, 0);
            assert_false(e.asked || f.asked);
        }
    samestory_engine_free(alone);
    samestory_engine_free(engine);
    return asked;
}

static void the_pair_of_an_edge_is_what_the_edge_says(void **state)
{
    (void)state;
    documents mixed = {0};
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    for (size_t i = reports.count; i-- > 0;) {
        samestory_document d = reports.items[i];
        if (i % 3 == 0) d.date = SAMESTORY_NO_DATE;
        documents_add(&mixed, &d, reports.label[i]);
    }
    assert_true(check_pairs(&reports, &options) > 0);
    assert_true(check_pairs(&mixed, &options) > 0);
    options.threshold = .99;
    assert_true(check_pairs(&reports, &options) > 0);
    options.as_stream = true; /* which knows no neighbours */
    assert_int_equal(check_pairs(&mixed, &options), 0);
    documents_free(&mixed);
}

/* A record that came twice is in no edge; what holds of it is what holds of the first. */
static void a_repeated_record_has_the_pairs_of_the_first(void **state)
{
    (void)state;
    documents twice = {0};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < reports.count; i++)
            documents_add(&twice, &reports.items[i], reports.label[i]);
    samestory_engine *engine = settled(&twice, NULL, 100);
    samestory_report report = {.struct_size = sizeof report};
    const samestory_edge *edges;
    size_t count, n = reports.count;
    assert_int_equal(samestory_engine_report(engine, &report), SAMESTORY_OK);
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(edges[i].a < n && edges[i].b < n);
        check_edge(engine, &edges[i], edges[i].a + n, edges[i].b, report.threshold);
        check_edge(engine, &edges[i], edges[i].a + n, edges[i].b + n, report.threshold);
    }
    samestory_evidence e = {.struct_size = sizeof e};
    assert_int_equal(samestory_pair(engine, 0, n, &e), SAMESTORY_OK);
    assert_int_equal(e.relation, SAMESTORY_COPY);
    assert_false(e.asked);
    samestory_engine_free(engine);
    documents_free(&twice);
}

static void dates_decide_the_order_not_the_file(void **state)
{
    (void)state;
    documents backwards = {0};
    for (size_t i = news.count; i > 0; i--)
        documents_add(&backwards, &news.items[i - 1], news.label[i - 1]);
    samestory_engine *a = settled(&news, NULL, 5), *b = settled(&backwards, NULL, 5);
    for (size_t i = 0; i < news.count; i++) {
        if (is_string(news.items[i].id, "hz-5") || is_string(news.items[i].id, "hz-6"))
            continue; /* these two have one date: ties go by the order of the file */
        samestory_verdict u = verdict_of(a, i), v = verdict_of(b, news.count - 1 - i);
        assert_same_verdict(&u, &v);
    }
    samestory_engine_free(a);
    samestory_engine_free(b);
    documents_free(&backwards);
}

static void the_judge_sees_a_pair_the_same_from_both_sides(void **state)
{
    (void)state;
    samestory_engine *engine = settled(&news, NULL, 100);
    for (size_t a = 0; a < news.count; a++)
        for (size_t b = 0; b < news.count; b++) {
            if (a == b) continue;
            samestory_evidence e = {.struct_size = sizeof e}, f = {.struct_size = sizeof f};
            assert_int_equal(samestory_pair(engine, a, b, &e), SAMESTORY_OK);
            assert_int_equal(samestory_pair(engine, b, a, &f), SAMESTORY_OK);
            assert_true(e.probability >= f.probability && e.probability <= f.probability);
            assert_int_equal(e.relation, f.relation);
            assert_true(e.cosine >= -1 && e.cosine <= 1 && e.jaccard >= 0 && e.jaccard <= 1);
            assert_true(e.signal_count > 0 && e.signal_count <= SAMESTORY_SIGNALS);
            for (size_t i = 0; i < e.signal_count; i++) {
                assert_non_null(e.signal_name[i]);
                assert_true(e.signal_value[i] >= f.signal_value[i] &&
                            e.signal_value[i] <= f.signal_value[i]);
            }
            for (size_t i = 0; i < e.reason_count; i++)
                assert_non_null(memchr(e.reasons[i], 0, sizeof e.reasons[i]));
        }
    samestory_engine_free(engine);
}

static void windows_keep_stories_apart_but_not_copies(void **state)
{
    (void)state;
    documents d = {0};
    const samestory_document *first = &news.items[documents_find(&news, "pc-1")];
    samestory_document told = news.items[documents_find(&news, "tg-1")];
    samestory_document copy = *first;
    documents_add(&d, first, (samestory_string){NULL, 0});
    told.date = first->date + 30 * DAY;
    documents_add(&d, &told, (samestory_string){NULL, 0});
    copy.id = string_of("months later");
    copy.date = first->date + 200 * DAY;
    documents_add(&d, &copy, (samestory_string){NULL, 0});
    samestory_engine *engine = settled(&d, NULL, 1);
    assert_int_equal(verdict_of(engine, 1).relation, SAMESTORY_NONE);
    assert_int_equal(verdict_of(engine, 2).relation, SAMESTORY_COPY);
    samestory_engine_free(engine);
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.copy_window = 90 * DAY;
    engine = settled(&d, &options, 1);
    assert_int_equal(verdict_of(engine, 2).relation, SAMESTORY_NONE);
    samestory_engine_free(engine);
    documents_free(&d);
}

static void documents_without_words_are_new_and_harmless(void **state)
{
    (void)state;
    documents d = {0};
    static const char *const texts[] = {"",           "",         "?!", "?!", "a",
                                        "0123456789", "\xFF\xFE", "的", " \n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char id[16];
        snprintf(id, sizeof id, "empty-%zu", i);
        documents_add_text(&d, id, texts[i], NOVEMBER_12);
    }
    samestory_engine *engine = settled(&d, NULL, 3);
    for (size_t i = 0; i < d.count; i++) {
        samestory_verdict v = verdict_of(engine, i);
        assert_int_equal(v.relation, SAMESTORY_NONE);
        assert_true(same_string(v.story, d.items[i].id));
        for (size_t k = 0; k < d.count; k++) {
            samestory_evidence e = {.struct_size = sizeof e};
            if (i == k) continue;
            assert_int_equal(samestory_pair(engine, i, k, &e), SAMESTORY_OK);
            if (!(e.probability < .5)) /* nothing said is not the same said */
                fail_msg("\"%s\" and \"%s\": p %.3f", texts[i], texts[k], e.probability);
        }
        char *lines = NULL;
        assert_int_equal(samestory_describe(engine, i, &lines), SAMESTORY_OK);
        samestory_free(lines);
    }
    samestory_engine_free(engine);
    documents_free(&d);
}

static void an_empty_collection_settles(void **state)
{
    (void)state;
    documents none = {0};
    samestory_engine *engine = settled(&none, NULL, 1);
    const samestory_edge *edges;
    size_t count = 7;
    assert_int_equal(samestory_edges(engine, &edges, &count), SAMESTORY_OK);
    assert_int_equal(count, 0);
    samestory_engine_free(engine);
    samestory_engine_free(NULL);
}

static void ten_thousand_identical_documents_are_one_story(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    documents d = {0};
    for (int i = 0; i < COUNT; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        documents_add_text(&d, id, "A line of news that comes again and again, word for word.",
                           SAMESTORY_NO_DATE);
    }
    samestory_engine *engine = settled(&d, NULL, 4096);
    for (size_t i = 1; i < COUNT; i += 97) {
        samestory_verdict v = verdict_of(engine, i);
        assert_int_equal(v.relation, SAMESTORY_COPY);
        assert_true(is_string(v.story, "0"));
    }
    samestory_engine_free(engine);
    documents_free(&d);
}

static void vectors_are_unit_and_cosines_theirs(void **state)
{
    (void)state;
    size_t dimension = samestory_model_dimension(model);
    float *a = malloc(dimension * sizeof *a), *b = malloc(dimension * sizeof *b);
    assert_non_null(a);
    assert_non_null(b);
    samestory_engine *engine = settled(&news, NULL, 100);
    assert_int_equal(samestory_vector(engine, 0, a), SAMESTORY_OK);
    assert_int_equal(samestory_vector(engine, 1, b), SAMESTORY_OK);
    double aa = 0, ab = 0;
    for (size_t i = 0; i < dimension; i++) aa += a[i] * a[i], ab += a[i] * b[i];
    assert_near(aa, 1, .02);
    samestory_evidence e = {.struct_size = sizeof e};
    assert_int_equal(samestory_pair(engine, 0, 1, &e), SAMESTORY_OK);
    assert_near(ab, e.cosine, .01);
    assert_int_equal(samestory_vector(engine, news.count, a), SAMESTORY_BAD_ARGUMENT);
    samestory_engine_free(engine);
    free(a);
    free(b);
}

/* ---- Streams
 * -----------------------------------------------------------------------------------------------
 */

static void a_stream_answers_as_documents_come(void **state)
{
    (void)state;
    samestory_engine *engine = engine_with(NULL);
    samestory_error error = {0};
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    const samestory_document *first = &news.items[documents_find(&news, "pc-1")];
    const samestory_document *copy = &news.items[documents_find(&news, "wd-1")];
    assert_int_equal(samestory_add(engine, first, &v, &error), SAMESTORY_OK);
    assert_int_equal(v.relation, SAMESTORY_NONE);
    assert_true(same_string(v.story, first->id));
    assert_int_equal(v.of.size, 0);
    assert_int_equal(samestory_add(engine, copy, &v, &error), SAMESTORY_OK);
    assert_int_equal(v.relation, SAMESTORY_COPY);
    assert_true(is_string(v.of, "pc-1"));
    assert_true(is_string(v.story, "pc-1"));
    /* delivered again: the same answer, and no copy of itself */
    assert_int_equal(samestory_add(engine, first, &v, &error), SAMESTORY_OK);
    assert_int_equal(v.relation, SAMESTORY_NONE);
    assert_true(same_string(v.story, first->id));
    samestory_engine_free(engine);
}

static void a_query_changes_nothing(void **state)
{
    (void)state;
    samestory_engine *asked = engine_with(NULL), *quiet = engine_with(NULL);
    samestory_error error = {0};
    for (size_t i = 0; i < news.count; i++) {
        samestory_verdict v = SAMESTORY_VERDICT_INIT, w = SAMESTORY_VERDICT_INIT;
        for (size_t k = 0; k < news.count; k += 3) /* of days before and after */
            assert_int_equal(samestory_query(asked, &news.items[k], &v, &error), SAMESTORY_OK);
        assert_int_equal(samestory_count(asked), i);
        assert_int_equal(samestory_add(asked, &news.items[i], &v, &error), SAMESTORY_OK);
        assert_int_equal(samestory_add(quiet, &news.items[i], &w, &error), SAMESTORY_OK);
        assert_same_verdict(&v, &w);
    }
    samestory_engine_free(asked);
    samestory_engine_free(quiet);
}

static void a_query_is_answered_as_an_addition_would_be(void **state)
{
    (void)state;
    samestory_engine *engine = engine_with(NULL);
    samestory_error error = {0};
    for (size_t i = 0; i < news.count; i++) {
        samestory_document document = news.items[i];
        document.date = NOVEMBER_12; /* one day, one slice */
        samestory_verdict v = SAMESTORY_VERDICT_INIT, w = SAMESTORY_VERDICT_INIT;
        assert_int_equal(samestory_query(engine, &document, &v, &error), SAMESTORY_OK);
        samestory_relation relation = v.relation;
        double probability = v.probability;
        assert_int_equal(samestory_add(engine, &document, &w, &error), SAMESTORY_OK);
        assert_int_equal(w.relation, relation);
        assert_near(w.probability, probability, 0);
    }
    samestory_engine_free(engine);
}

static void stream_and_collection_agree_on_copies(void **state)
{
    (void)state;
    samestory_engine *collection = settled(&news, NULL, 100), *stream = engine_with(NULL);
    samestory_error error = {0};
    /* by date, as the collection does it */
    bool done[64] = {false};
    for (size_t n = 0; n < news.count; n++) {
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < news.count; i++)
            if (!done[i] && (next == SIZE_MAX || news.items[i].date < news.items[next].date))
                next = i;
        done[next] = true;
        samestory_verdict v = SAMESTORY_VERDICT_INIT;
        assert_int_equal(samestory_add(stream, &news.items[next], &v, &error), SAMESTORY_OK);
        samestory_verdict w = verdict_of(collection, next);
        if (w.relation == SAMESTORY_COPY || w.relation == SAMESTORY_REVISION) {
            assert_int_equal(v.relation, w.relation);
            assert_true(same_string(v.of, w.of));
        }
    }
    samestory_engine_free(collection);
    samestory_engine_free(stream);
}

/* ---- Mistakes of the caller
 * -------------------------------------------------------------------------------- */

static void mistakes_are_told(void **state)
{
    (void)state;
    samestory_error error = {0};
    samestory_engine *engine = NULL;
    assert_int_equal(samestory_engine_new(NULL, NULL, &engine, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_engine_new(model, NULL, NULL, &error), SAMESTORY_BAD_ARGUMENT);
    assert_null(engine);
    engine = engine_with(NULL);
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    assert_int_equal(samestory_verdict_of(engine, 0, &v), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_gather(engine, NULL, 3, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_gather(engine, news.items, 2, &error), SAMESTORY_OK);
    assert_int_equal(samestory_add(engine, &news.items[2], &v, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(error.status, SAMESTORY_BAD_ARGUMENT);
    assert_true(strlen(error.message) > 10);
    samestory_evidence e = {.struct_size = sizeof e};
    assert_int_equal(samestory_pair(engine, 0, 1, &e), SAMESTORY_BAD_ARGUMENT); /* not frozen */
    assert_int_equal(samestory_settle(engine, NULL, NULL, &error), SAMESTORY_OK);
    assert_int_equal(samestory_gather(engine, news.items + 2, 1, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_pair(engine, 0, 2, &e), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_verdict_of(engine, 2, &v), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_verdict_of(engine, 0, NULL), SAMESTORY_BAD_ARGUMENT);
    samestory_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_becomes_stories),
        cmocka_unit_test(unrelated_news_of_a_day_is_no_story),
        cmocka_unit_test(new_means_nothing_earlier),
        cmocka_unit_test(the_same_id_with_the_same_text_is_answered_again),
        cmocka_unit_test(the_same_id_with_another_text_is_a_revision),
        cmocka_unit_test(threads_and_blocks_do_not_count),
        cmocka_unit_test(files_instead_of_memory_do_not_count),
        cmocka_unit_test(pairs_are_judged_alone_and_then_again),
        cmocka_unit_test(a_stream_judges_pairs_alone),
        cmocka_unit_test(a_stream_has_a_threshold_of_its_own),
        cmocka_unit_test(stories_hold_when_every_report_is_copied),
        cmocka_unit_test(edges_and_verdicts_agree),
        cmocka_unit_test(the_pair_of_an_edge_is_what_the_edge_says),
        cmocka_unit_test(a_repeated_record_has_the_pairs_of_the_first),
        cmocka_unit_test(dates_decide_the_order_not_the_file),
        cmocka_unit_test(the_judge_sees_a_pair_the_same_from_both_sides),
        cmocka_unit_test(windows_keep_stories_apart_but_not_copies),
        cmocka_unit_test(documents_without_words_are_new_and_harmless),
        cmocka_unit_test(an_empty_collection_settles),
        cmocka_unit_test(ten_thousand_identical_documents_are_one_story),
        cmocka_unit_test(vectors_are_unit_and_cosines_theirs),
        cmocka_unit_test(a_stream_answers_as_documents_come),
        cmocka_unit_test(a_query_changes_nothing),
        cmocka_unit_test(a_query_is_answered_as_an_addition_would_be),
        cmocka_unit_test(stream_and_collection_agree_on_copies),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
