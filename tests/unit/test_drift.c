/* A story drifts by no more than its window: each of these reports is told within the window of the
 * one before, and yet the story ends a window after its first. The same for a collection, for a
 * collection answered as a stream, for a stream in memory, and for an index that is closed and
 * opened again after every document. */
#include "unit.h"

#include "documents.h"
#include "index_folder.h"
#include "shipped_model.h"

#include <stdbool.h>

enum { HOUR = 3600, DAY = 86400, MAY_11 = 1746921600, UNDATED = -1, MOST = 8 };

typedef enum mode { COLLECTION, AS_STREAM, STREAM, INDEX, MODES } mode;
static const char *const mode_name[] = {"collection", "as stream", "stream", "index"};

static int open_all(void **state)
{
    name_folder("drift");
    return open_model(state);
}

static int close_all(void **state)
{
    clear_folder();
    return close_model(state);
}

/* ---- Documents ------------------------------------------------------------------------------- */

/* One event, told by six papers that did not copy from each other; and what has nothing to do with
 * it. */
static const struct {
    const char *language, *title, *text;
} told[] = {
    {"es", "Explosión en la fábrica Cromalia de Valdorra",
     "Una explosión destruyó la nave principal de la fábrica de pinturas Cromalia en Valdorra. El "
     "alcalde Tomás Irigaray pidió a los 2.300 vecinos que no salgan de casa; 47 bomberos trabajan "
     "en el lugar, dijo la jefa Nerea Olabarri."},
    {"en", "Blast wrecks Cromalia paint factory in Valdorra",
     "The main hall of the Cromalia paint works in Valdorra has been wrecked by an explosion. "
     "Mayor "
     "Tomás Irigaray told 2,300 residents to stay indoors while 47 firefighters under Nerea "
     "Olabarri fight the flames."},
    {"de", "Explosion zerstört Farbenfabrik Cromalia in Valdorra",
     "In Valdorra hat eine Explosion die Haupthalle der Farbenfabrik Cromalia zerstört. "
     "Bürgermeister Tomás Irigaray bat 2.300 Anwohner, in den Häusern zu bleiben. 47 "
     "Feuerwehrleute sind unter Leitung von Nerea Olabarri im Einsatz."},
    {"fr", "Explosion à l'usine Cromalia de Valdorra",
     "Le hall principal de l'usine de peinture Cromalia, à Valdorra, a été détruit par une "
     "explosion. Le maire Tomás Irigaray a demandé aux 2 300 habitants de rester chez eux ; 47 "
     "pompiers sont sur place, selon leur cheffe Nerea Olabarri."},
    {"it", "Esplosione nella fabbrica Cromalia di Valdorra",
     "A Valdorra un'esplosione ha distrutto il capannone principale della fabbrica di vernici "
     "Cromalia. Il sindaco Tomás Irigaray ha chiesto ai 2.300 abitanti di non uscire di casa; sul "
     "posto lavorano 47 vigili del fuoco guidati da Nerea Olabarri."},
    {"nl", "Ontploffing verwoest verffabriek Cromalia in Valdorra",
     "In Valdorra is de grote hal van verffabriek Cromalia door een ontploffing verwoest. "
     "Burgemeester Tomás Irigaray vroeg 2.300 inwoners binnen te blijven. Er zijn 47 "
     "brandweerlieden aan het werk onder leiding van Nerea Olabarri."},
    {"en", "Museum of clocks opens its doors again",
     "After two years of works the museum of clocks in Hestvik can be visited again. Its oldest "
     "piece was built by Oskar Lindahl in 1704."},
};
enum { REPORTS = 6, OTHER = 6 };

/* A report, so many hours after the first day began; its id is a letter: "a" is the first. */
static void add_told(documents *d, size_t which, int hours)
{
    char id[2] = {(char)('a' + d->count), 0};
    samestory_document document = SAMESTORY_DOCUMENT_INIT;
    document.id = string_of(id);
    document.language = string_of(told[which].language);
    document.title = string_of(told[which].title);
    document.text = string_of(told[which].text);
    if (hours != UNDATED) document.date = MAY_11 + hours * HOUR;
    documents_add(d, &document, (samestory_string){NULL, 0});
}

/* The reports one after the other, at these hours. */
static documents chain(const int *hours, size_t count)
{
    documents d = {0};
    for (size_t i = 0; i < count; i++) add_told(&d, i % REPORTS, hours[i]);
    return d;
}

/* ---- Answers --------------------------------------------------------------------------------- */

typedef struct answer {
    samestory_relation relation;
    char story; /* the letter of its first document */
} answer;

static answer answer_of(const samestory_verdict *v)
{
    assert_int_equal(v->story.size, 1);
    return (answer){v->relation, v->story.data[0]};
}

static samestory_engine *opened(mode how, const samestory_options *options)
{
    samestory_engine *engine = NULL;
    samestory_error error = {0};
    samestory_status status = how == INDEX
                                  ? samestory_engine_open(model, folder, options, &engine, &error)
                                  : samestory_engine_new(model, options, &engine, &error);
    if (status) fail_msg("%s: %s", error.file, error.message);
    return engine;
}

static samestory_engine *closed_and_opened(samestory_engine *engine, mode how,
                                           const samestory_options *options)
{
    if (how != INDEX) return engine;
    assert_int_equal(samestory_commit(engine, NULL), SAMESTORY_OK);
    samestory_engine_free(engine);
    return opened(how, options);
}

/* Adds a document to a stream or an index; asked first, it tells the same. */
static answer add(samestory_engine *engine, const samestory_document *document)
{
    samestory_verdict asked = SAMESTORY_VERDICT_INIT, v = SAMESTORY_VERDICT_INIT;
    samestory_error error = {0};
    if (samestory_query(engine, document, &asked, &error)) fail_msg("%s", error.message);
    answer expected = answer_of(&asked);
    if (samestory_add(engine, document, &v, &error)) fail_msg("%s", error.message);
    answer a = answer_of(&v);
    assert_int_equal(a.relation, expected.relation);
    assert_int_equal(a.story, expected.story);
    return a;
}

static void answer_all(mode how, const documents *d, samestory_options options, answer *out)
{
    options.as_stream = how == AS_STREAM;
    samestory_engine *engine = opened(how, &options);
    if (how == COLLECTION || how == AS_STREAM) {
        assert_int_equal(samestory_gather(engine, d->items, d->count, NULL), SAMESTORY_OK);
        assert_int_equal(samestory_settle(engine, NULL, NULL, NULL), SAMESTORY_OK);
    }
    for (size_t i = 0; i < d->count; i++) {
        samestory_verdict v = SAMESTORY_VERDICT_INIT;
        if (how == COLLECTION || how == AS_STREAM) {
            assert_int_equal(samestory_verdict_of(engine, i, &v), SAMESTORY_OK);
            out[i] = answer_of(&v);
            continue;
        }
        out[i] = add(engine, &d->items[i]);
        engine = closed_and_opened(engine, how, &options);
    }
    samestory_engine_free(engine);
    clear_folder();
}

/* In each mode documents a, b, ... have these stories. Frees the documents. */
static void assert_stories(documents d, samestory_options options, const char *expected)
{
    assert_int_equal(strlen(expected), d.count);
    for (mode how = COLLECTION; how < MODES; how++) {
        answer got[MOST];
        char stories[MOST + 1] = "";
        answer_all(how, &d, options, got);
        for (size_t i = 0; i < d.count; i++) stories[i] = got[i].story;
        if (strcmp(stories, expected) != 0)
            fail_msg("%s: the stories are %s, not %s", mode_name[how], stories, expected);
    }
    documents_free(&d);
}

static samestory_options window_of(int64_t seconds)
{
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.window = seconds;
    return options;
}

/* ---- What must hold -------------------------------------------------------------------------- */

static void a_story_ends_a_window_after_its_first_report(void **state)
{
    (void)state;
    static const int hours[] = {0, 20, 30, 40, 50, 60};
    assert_stories(chain(hours, 6), window_of(DAY), "aacccf");
    assert_stories(chain(hours, 6), window_of(30 * HOUR), "aaaddd");
    assert_stories(chain(hours, 6), window_of(0), "aaaaaa"); /* a week */
    assert_stories(chain(hours, 6), window_of(-1), "aaaaaa");
}

static void the_last_second_of_the_window_belongs_to_it(void **state)
{
    (void)state;
    static const int hours[] = {0, 24, 25};
    assert_stories(chain(hours, 3), window_of(DAY), "aac");
    assert_stories(chain(hours, 3), window_of(DAY - 1), "abb");
    assert_stories(chain(hours, 3), window_of(DAY + HOUR), "aaa");
}

static void copies_and_revisions_come_back_and_bring_no_reports(void **state)
{
    (void)state;
    static const int hours[] = {0, 20};
    documents d = chain(hours, 2);
    char more[1024];
    add_told(&d, 1, 30); /* the second report's text again, */
    add_told(&d, 1, 31); /* and with more to it */
    snprintf(more, sizeof more,
             "%s Nobody was hurt. The factory, built in 1962, makes paint for ships. Its owners said "
             "that the cause was not known yet, and that all who work there will be paid.",
             told[1].text);
    string_free(d.items[3].text);
    d.items[3].text = string_copied(string_of(more));
    add_told(&d, 3, 40); /* told by another: only those of the old story are near */
    add_told(&d, 4, 41);
    for (mode how = COLLECTION; how < MODES; how++) {
        answer got[MOST];
        answer_all(how, &d, window_of(DAY), got);
        assert_int_equal(got[2].relation, SAMESTORY_COPY);
        assert_int_equal(got[3].relation, SAMESTORY_REVISION);
        assert_int_equal(got[4].relation, SAMESTORY_NONE);
        assert_int_equal(got[5].relation, SAMESTORY_STORY);
    }
    assert_stories(d, window_of(DAY), "aaaaee");
}

/* What has no date can't be held against anybody. */
static void without_dates_there_is_no_limit(void **state)
{
    (void)state;
    documents d = {0};
    add_told(&d, OTHER, 0);
    add_told(&d, 0, UNDATED);
    for (int i = 1; i < 5; i++) add_told(&d, (size_t)i, 10 * i);
    assert_stories(d, window_of(DAY), "abbbbb");
    static const int hours[] = {0, 20};
    d = chain(hours, 2);
    add_told(&d, OTHER, 30); /* the latest date that is known when the next one comes */
    add_told(&d, 3, UNDATED);
    assert_stories(d, window_of(DAY), "aaca");
    static const int apart[] = {0, 20, 30, 40};
    samestory_options options = window_of(DAY);
    options.ignore_dates = true;
    assert_stories(chain(apart, 4), options, "aaaa");
}

/* The first report of the story is forgotten by the time that the last one comes. */
static void a_story_whose_beginning_is_forgotten_is_over(void **state)
{
    (void)state;
    documents d = {0};
    add_told(&d, 0, 23);
    add_told(&d, 1, 46);
    add_told(&d, OTHER, 49); /* a third day: the first is older than both windows */
    add_told(&d, 2, 60);
    add_told(&d, 3, UNDATED);
    samestory_options options = window_of(DAY);
    options.copy_window = DAY;
    for (mode how = AS_STREAM; how < MODES; how++) {
        answer got[MOST];
        answer_all(how, &d, options, got);
        assert_int_equal(got[1].story, 'a');
        assert_int_equal(got[3].relation, SAMESTORY_NONE);
        assert_int_equal(got[4].relation, SAMESTORY_STORY); /* of a or of d */
    }
    documents_free(&d);
}

/* Forgotten by command, while the window is still open. */
static void what_is_expired_takes_no_more_reports(void **state)
{
    (void)state;
    static const int hours[] = {23, 25, 26, 27};
    documents d = chain(hours, 4);
    for (mode how = STREAM; how <= INDEX; how++) {
        samestory_options options = window_of(DAY);
        samestory_engine *engine = opened(how, &options);
        assert_int_equal(add(engine, &d.items[0]).story, 'a');
        assert_int_equal(add(engine, &d.items[1]).story, 'a');
        engine = closed_and_opened(engine, how, &options);
        assert_int_equal(samestory_expire(engine, MAY_11 + DAY, NULL), SAMESTORY_OK);
        assert_int_equal(add(engine, &d.items[2]).story, 'c');
        engine = closed_and_opened(engine, how, &options);
        assert_int_equal(add(engine, &d.items[3]).story, 'c');
        samestory_engine_free(engine);
        clear_folder();
    }
    documents_free(&d);
}

/* A first report that was taken down still tells when its story began. */
static void a_story_outlives_its_first_report_by_no_more_than_the_window(void **state)
{
    (void)state;
    static const int hours[] = {0, 20, 22, 30};
    documents d = chain(hours, 4);
    for (mode how = STREAM; how <= INDEX; how++) {
        samestory_options options = window_of(DAY);
        samestory_engine *engine = opened(how, &options);
        size_t deleted = 0;
        add(engine, &d.items[0]);
        add(engine, &d.items[1]);
        engine = closed_and_opened(engine, how, &options);
        assert_int_equal(samestory_delete(engine, d.items[0].id, &deleted, NULL), SAMESTORY_OK);
        assert_int_equal(deleted, 1);
        assert_int_equal(add(engine, &d.items[2]).story, 'a');
        engine = closed_and_opened(engine, how, &options);
        assert_int_equal(add(engine, &d.items[3]).story, 'd');
        samestory_engine_free(engine);
        clear_folder();
    }
    documents_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_story_ends_a_window_after_its_first_report),
        cmocka_unit_test(the_last_second_of_the_window_belongs_to_it),
        cmocka_unit_test(copies_and_revisions_come_back_and_bring_no_reports),
        cmocka_unit_test(without_dates_there_is_no_limit),
        cmocka_unit_test(a_story_whose_beginning_is_forgotten_is_over),
        cmocka_unit_test(what_is_expired_takes_no_more_reports),
        cmocka_unit_test(a_story_outlives_its_first_report_by_no_more_than_the_window),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
