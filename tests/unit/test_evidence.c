/* Evidence: what two sketches share, the same from both sides, and never anything but numbers. */
#include "unit.h"

#include "hand_sketch.h"
#include "match/evidence.h"
#include "match/judge.h"

#include <math.h>
#include <stdbool.h>

static ss_evidence evidence_of(const ss_sketch *a, const ss_sketch *b, int32_t dot)
{
    uint32_t frequency[SS_ANCHORS_MAX];
    for (size_t i = 0; i < SS_ANCHORS_MAX; i++) frequency[i] = 2;
    ss_evidence e;
    ss_evidence_of(a, frequency, b, dot, 100, &e);
    return e;
}

static void same(double a, double b)
{
    assert_true(a >= b && a <= b);
}

static void shared_anchors_are_counted_by_type(void **state)
{
    (void)state;
    const ss_anchor a[] = {
        hand_anchor(SS_ANCHOR_NAME, 5, 4),   hand_anchor(SS_ANCHOR_NAME, 7, 3),
        hand_anchor(SS_ANCHOR_NAME, 9, 5),   hand_anchor(SS_ANCHOR_NUMBER, 5, 2),
        hand_anchor(SS_ANCHOR_NUMBER, 8, 3), hand_anchor(SS_ANCHOR_DATE, 1114, 2),
    };
    const ss_anchor b[] = {
        hand_anchor(SS_ANCHOR_NAME, 7, 3),   hand_anchor(SS_ANCHOR_NAME, 8, 3),
        hand_anchor(SS_ANCHOR_NAME, 9, 5),   hand_anchor(SS_ANCHOR_NUMBER, 7, 2),
        hand_anchor(SS_ANCHOR_NUMBER, 8, 3), hand_anchor(SS_ANCHOR_DATE, 1114, 2),
    };
    ss_sketch *x = hand_sketch(a, 6), *y = hand_sketch(b, 6);
    ss_evidence e = evidence_of(x, y, 0);
    assert_int_equal(e.names, 2);
    assert_int_equal(e.numbers, 1);
    assert_int_equal(e.dates, 1);
    same(e.signal[SS_SIGNAL_NOTHING], 0);
    assert_true(e.signal[SS_SIGNAL_NUMBERS_CLASH] > 0); /* 5 stands against 7 */
    assert_true(e.clash);
    /* the strongest first: name 9, by its weight */
    assert_true(e.shared >= 1);
    assert_int_equal(e.shared_anchor[0], 2);
    free(x);
    free(y);
}

/* Sixty names and some others, of which a few or all are the same. */
static void every_shared_anchor_is_found(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    for (uint32_t step = 1; step < 40; step++) {
        ss_anchor a[COUNT], b[COUNT];
        unsigned expected = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            a[i] = hand_anchor(SS_ANCHOR_NAME, (i + 1) * 12345701u / 3 * 3 % 9000000, 3);
            b[i] =
                hand_anchor(SS_ANCHOR_NAME, (i * step % 97 + 1) * 12345701u / 3 * 3 % 9000000, 3);
        }
        for (size_t i = 1; i < COUNT; i++) /* ordered, each once */
            for (size_t k = i; k > 0; k--) {
                if (a[k].key < a[k - 1].key) {
                    ss_anchor t = a[k];
                    a[k] = a[k - 1], a[k - 1] = t;
                }
                if (b[k].key < b[k - 1].key) {
                    ss_anchor t = b[k];
                    b[k] = b[k - 1], b[k - 1] = t;
                }
            }
        size_t fewer = 0;
        for (size_t i = 0; i < COUNT; i++)
            if (!i || b[i].key != b[i - 1].key) b[fewer++] = b[i];
        for (size_t i = 0; i < COUNT; i++)
            for (size_t k = 0; k < fewer; k++) expected += a[i].key == b[k].key;
        ss_sketch *x = hand_sketch(a, COUNT), *y = hand_sketch(b, fewer);
        assert_int_equal(evidence_of(x, y, 0).names, expected);
        assert_int_equal(evidence_of(y, x, 0).names, expected);
        free(x);
        free(y);
    }
}

static ss_anchor sure_name(uint32_t key, unsigned flags)
{
    ss_anchor a = hand_anchor(SS_ANCHOR_NAME, key, 3);
    a.flags = (uint8_t)(SS_ANCHOR_CAPITAL | SS_ANCHOR_SURE | flags);
    return a;
}

/* Two texts about other people: what each names in its lead and the other nowhere. */
static void names_that_only_one_lead_has_are_strangers(void **state)
{
    (void)state;
    const ss_anchor a[] = {sure_name(1, SS_ANCHOR_TITLE), sure_name(2, SS_ANCHOR_LEAD),
                           sure_name(9, 0)};
    const ss_anchor b[] = {sure_name(3, SS_ANCHOR_TITLE), sure_name(4, SS_ANCHOR_LEAD),
                           sure_name(5, SS_ANCHOR_LEAD), sure_name(9, SS_ANCHOR_LEAD)};
    const ss_anchor c[] = {sure_name(1, 0), sure_name(2, 0), sure_name(7, SS_ANCHOR_LEAD)};
    ss_sketch *x = hand_sketch(a, 3), *y = hand_sketch(b, 4), *z = hand_sketch(c, 3);
    same(evidence_of(x, y, 0).signal[SS_SIGNAL_STRANGERS], ss_log(3)); /* two against three */
    same(evidence_of(x, y, 0).signal[SS_SIGNAL_TITLE_STRANGERS], ss_log(2));
    /* who is in the lead of one and in the tail of the other is no stranger */
    same(evidence_of(x, z, 0).signal[SS_SIGNAL_STRANGERS], 0);
    free(x);
    free(y);
    free(z);
}

static void other_cities_and_countries_in_the_lead_clash(void **state)
{
    (void)state;
    const ss_anchor a[] = {sure_name(1, SS_ANCHOR_TITLE | SS_ANCHOR_CITY),
                           sure_name(2, SS_ANCHOR_LEAD | SS_ANCHOR_KNOWN)};
    const ss_anchor b[] = {sure_name(2, SS_ANCHOR_LEAD | SS_ANCHOR_KNOWN),
                           sure_name(3, SS_ANCHOR_LEAD | SS_ANCHOR_CITY)};
    const ss_anchor c[] = {sure_name(4, SS_ANCHOR_LEAD | SS_ANCHOR_KNOWN)};
    ss_sketch *x = hand_sketch(a, 2), *y = hand_sketch(b, 2), *z = hand_sketch(c, 1);
    same(evidence_of(x, y, 0).signal[SS_SIGNAL_CITIES_CLASH], 1);
    same(evidence_of(x, y, 0).signal[SS_SIGNAL_KNOWN_CLASH], 0);
    same(evidence_of(x, z, 0).signal[SS_SIGNAL_CITIES_CLASH], 0); /* z names no city */
    same(evidence_of(x, z, 0).signal[SS_SIGNAL_KNOWN_CLASH], 1);
    free(x);
    free(y);
    free(z);
}

static ss_anchor told(ss_anchor_type type, uint32_t key, double weight, unsigned flags)
{
    ss_anchor a = hand_anchor(type, key, weight);
    a.flags = (uint8_t)flags;
    return a;
}

/* The evidence of two documents with these anchors. */
static ss_evidence between(const ss_anchor *a, size_t a_count, const ss_anchor *b, size_t b_count)
{
    ss_sketch *x = hand_sketch(a, a_count), *y = hand_sketch(b, b_count);
    ss_evidence e = evidence_of(x, y, 0);
    free(x);
    free(y);
    return e;
}

#define BETWEEN(a, b) between(a, sizeof(a) / sizeof *(a), b, sizeof(b) / sizeof *(b))

/* A name and its consonants, as a text in Latin letters has it. */
#define NAMED(key, flags) told(SS_ANCHOR_NAME, key, 3, flags)
#define SPELT(key, flags) told(SS_ANCHOR_SKELETON, key, 3, flags)

/* What one names in its title or lead stands anywhere in the other: all of it, half of it, none. */
static void names_of_a_lead_are_looked_for_in_the_whole_other_text(void **state)
{
    (void)state;
    enum { TITLE = SS_ANCHOR_TITLE, LEAD = SS_ANCHOR_LEAD };
    const ss_anchor lead[] = {NAMED(1, TITLE), NAMED(2, LEAD), NAMED(3, 0),
                              SPELT(1, TITLE), SPELT(2, LEAD), SPELT(3, 0)};
    const ss_anchor all[] = {NAMED(1, 0), NAMED(2, 0), NAMED(7, LEAD),
                             SPELT(1, 0), SPELT(2, 0), SPELT(7, LEAD)};
    const ss_anchor half[] = {NAMED(2, LEAD), NAMED(3, LEAD), SPELT(2, LEAD), SPELT(3, LEAD)};
    const ss_anchor none[] = {NAMED(8, LEAD), SPELT(8, LEAD)};
    ss_evidence e = BETWEEN(lead, all); /* the other's lead names what the first never does */
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_MOST], 7 / 8.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 1 / 5.0, 1e-9);
    e = BETWEEN(half, lead);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_MOST], 7 / 8.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 4 / 8.0, 1e-9);
    e = BETWEEN(lead, none);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_MOST], 1 / 5.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 1 / 8.0, 1e-9);
    ss_evidence nobody = between(NULL, 0, NULL, 0); /* neither for nor against */
    assert_near(nobody.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 0.5, 0);
    assert_near(nobody.signal[SS_SIGNAL_LEAD_NAMES_MOST], 0.5, 0);
}

/* Countries stand in every lead; and a name in another script meets as its consonants do. */
static void countries_in_a_lead_say_nothing_and_skeletons_stand_for_names(void **state)
{
    (void)state;
    const ss_anchor known[] = {told(SS_ANCHOR_NAME, 1, 3, SS_ANCHOR_LEAD | SS_ANCHOR_KNOWN)};
    ss_evidence e = BETWEEN(known, known);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 0.5, 0);
    const ss_anchor latin[] = {told(SS_ANCHOR_NAME, 1, 3, SS_ANCHOR_LEAD),
                               told(SS_ANCHOR_SKELETON, 5, 2, SS_ANCHOR_LEAD)};
    const ss_anchor thai[] = {told(SS_ANCHOR_SKELETON, 5, 2, SS_ANCHOR_LEAD)};
    e = BETWEEN(latin, thai);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 3 / 4.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_MOST], 3 / 4.0, 1e-9);
}

static void facts_of_a_lead_are_its_numbers_and_dates(void **state)
{
    (void)state;
    const ss_anchor a[] = {told(SS_ANCHOR_NUMBER, 12, 2, SS_ANCHOR_LEAD),
                           told(SS_ANCHOR_NUMBER, 40, 2, SS_ANCHOR_TITLE),
                           told(SS_ANCHOR_DATE, 330, 2, SS_ANCHOR_LEAD)};
    const ss_anchor same_facts[] = {told(SS_ANCHOR_NUMBER, 12, 2, SS_ANCHOR_LEAD),
                                    told(SS_ANCHOR_NUMBER, 40, 2, 0),
                                    told(SS_ANCHOR_DATE, 330, 2, 0)};
    const ss_anchor other_facts[] = {told(SS_ANCHOR_NUMBER, 12, 2, 0),
                                     told(SS_ANCHOR_NUMBER, 41, 2, SS_ANCHOR_LEAD)};
    ss_evidence e = BETWEEN(a, same_facts);
    assert_near(e.signal[SS_SIGNAL_LEAD_FACTS_MOST], 7 / 8.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_FACTS_LEAST], 3 / 4.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_NAMES_LEAST], 0.5, 0); /* that is another question */
    e = BETWEEN(a, other_facts);
    assert_near(e.signal[SS_SIGNAL_LEAD_FACTS_MOST], 3 / 8.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_LEAD_FACTS_LEAST], 1 / 4.0, 1e-9);
}

/* All that a title names, countries as well; what only the lead has is another matter. */
static void a_title_is_looked_for_in_the_other_text(void **state)
{
    (void)state;
    const ss_anchor title[] = {told(SS_ANCHOR_NAME, 1, 3, SS_ANCHOR_TITLE),
                               told(SS_ANCHOR_NAME, 2, 1, SS_ANCHOR_TITLE | SS_ANCHOR_KNOWN),
                               told(SS_ANCHOR_NUMBER, 12, 2, SS_ANCHOR_TITLE)};
    const ss_anchor text[] = {
        told(SS_ANCHOR_NAME, 1, 3, 0), told(SS_ANCHOR_NAME, 2, 1, SS_ANCHOR_KNOWN),
        told(SS_ANCHOR_NAME, 3, 3, SS_ANCHOR_LEAD), told(SS_ANCHOR_NUMBER, 12, 2, 0)};
    const ss_anchor country[] = {told(SS_ANCHOR_NAME, 2, 1, SS_ANCHOR_TITLE | SS_ANCHOR_KNOWN),
                                 told(SS_ANCHOR_NAME, 9, 3, SS_ANCHOR_TITLE)};
    ss_evidence e = BETWEEN(title, text);
    assert_near(e.signal[SS_SIGNAL_TITLE_MOST], 7 / 8.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_TITLE_LEAST], 0.5, 0); /* the other has no title */
    e = BETWEEN(country, title);
    assert_near(e.signal[SS_SIGNAL_TITLE_MOST], 2 / 6.0, 1e-9);
    assert_near(e.signal[SS_SIGNAL_TITLE_LEAST], 2 / 8.0, 1e-9);
}

/* The talk of a handful of reports is nearly as telling as that of two, that of sixty tells
 * nothing. */
static void what_a_handful_of_others_share_is_still_rare(void **state)
{
    (void)state;
    const ss_anchor anchors[] = {hand_anchor(SS_ANCHOR_NAME, 5, 3)};
    ss_sketch *x = hand_sketch(anchors, 1), *y = hand_sketch(anchors, 1);
    static const uint32_t others[] = {0, 3, 6, 60, 4000};
    double few[5], rare[5];
    for (size_t i = 0; i < 5; i++) {
        uint32_t frequency = others[i] + 2;
        ss_evidence e;
        ss_evidence_of(x, &frequency, y, 0, 100, &e);
        few[i] = e.signal[SS_SIGNAL_FEW];
        rare[i] = e.signal[SS_SIGNAL_NAMES_RARE];
        assert_true(!i || few[i] < few[i - 1]);
    }
    assert_near(few[0], ss_log(2), 1e-9);
    assert_true(few[1] > 0.8 * few[0] && rare[1] < 0.5 * rare[0]);
    assert_true(few[3] < 0.02 * few[0]);
    const ss_anchor known[] = {told(SS_ANCHOR_NAME, 5, 3, SS_ANCHOR_KNOWN)};
    same(BETWEEN(known, known).signal[SS_SIGNAL_FEW], 0);
    same(BETWEEN(known, anchors).signal[SS_SIGNAL_FEW], 0);
    free(x);
    free(y);
}

/* Of records without a date: the day that the report names is the event's. */
static void weekdays_agree_or_clash_and_are_no_dates(void **state)
{
    (void)state;
    const ss_anchor monday[] = {told(SS_ANCHOR_DATE, SS_WEEKDAY_KEY + 1, 1, SS_ANCHOR_LEAD)};
    const ss_anchor both[] = {told(SS_ANCHOR_DATE, SS_WEEKDAY_KEY + 1, 1, SS_ANCHOR_LEAD),
                              told(SS_ANCHOR_DATE, SS_WEEKDAY_KEY + 7, 1, SS_ANCHOR_LEAD)};
    const ss_anchor sunday[] = {told(SS_ANCHOR_DATE, SS_WEEKDAY_KEY + 7, 1, SS_ANCHOR_LEAD)};
    const ss_anchor march[] = {told(SS_ANCHOR_DATE, 3 * 32 + 9, 2, SS_ANCHOR_LEAD)};
    ss_evidence e = BETWEEN(monday, both);
    same(e.signal[SS_SIGNAL_WEEKDAYS], 1);
    same(e.signal[SS_SIGNAL_WEEKDAYS_CLASH], 0);
    same(e.signal[SS_SIGNAL_DATES], 0); /* one of seven: no date that is shared */
    same(e.signal[SS_SIGNAL_NOTHING], 1);
    assert_int_equal(e.dates, 0);
    assert_int_equal(e.shared, 0); /* and no reason to be shown */
    e = BETWEEN(monday, sunday);
    same(e.signal[SS_SIGNAL_WEEKDAYS], 0);
    same(e.signal[SS_SIGNAL_WEEKDAYS_CLASH], 1);
    same(e.signal[SS_SIGNAL_DATES_CLASH], 0);
    same(e.signal[SS_SIGNAL_LEAD_FACTS_LEAST], 0.5);
    e = BETWEEN(monday, march); /* who names no weekday doesn't gainsay it */
    same(e.signal[SS_SIGNAL_WEEKDAYS], 0);
    same(e.signal[SS_SIGNAL_WEEKDAYS_CLASH], 0);
    e = BETWEEN(march, march);
    same(e.signal[SS_SIGNAL_WEEKDAYS], 0);
    same(e.signal[SS_SIGNAL_DATES], 1);
}

static void how_many_stand_around_is_told_within_bounds(void **state)
{
    (void)state;
    ss_sketch *none = hand_sketch(NULL, 0);
    uint32_t frequency = 2;
    static const uint32_t around[] = {0, 30, 31, 500, 30000, 4000000};
    double told[6];
    for (size_t i = 0; i < 6; i++) {
        ss_evidence e;
        ss_evidence_of(none, &frequency, none, 0, around[i], &e);
        told[i] = e.signal[SS_SIGNAL_AROUND];
    }
    same(told[0], told[1]);
    assert_true(told[1] < told[2] && told[2] < told[3] && told[3] < told[4]);
    same(told[4], told[5]);
    free(none);
}

static void nothing_shared_says_so(void **state)
{
    (void)state;
    const ss_anchor a[] = {hand_anchor(SS_ANCHOR_NAME, 5, 4)},
                    b[] = {hand_anchor(SS_ANCHOR_LINK, 5, 4)};
    ss_sketch *x = hand_sketch(a, 1), *y = hand_sketch(b, 1), *none = hand_sketch(NULL, 0);
    same(evidence_of(x, y, 0).signal[SS_SIGNAL_NOTHING], 1);
    same(evidence_of(x, none, 0).signal[SS_SIGNAL_NOTHING], 1);
    same(evidence_of(none, none, 0).signal[SS_SIGNAL_NOTHING], 1);
    free(x);
    free(y);
    free(none);
}

static void what_is_common_in_the_collection_weighs_less(void **state)
{
    (void)state;
    const ss_anchor anchors[] = {hand_anchor(SS_ANCHOR_NAME, 5, 4)};
    ss_sketch *x = hand_sketch(anchors, 1), *y = hand_sketch(anchors, 1);
    double last = INFINITY;
    for (uint32_t frequency = 2; frequency < 3000; frequency *= 3) {
        ss_evidence e;
        ss_evidence_of(x, &frequency, y, 0, 100, &e);
        assert_true(e.signal[SS_SIGNAL_NAMES_RARE] < last);
        assert_true(e.signal[SS_SIGNAL_NAMES_RARE] > 0);
        last = e.signal[SS_SIGNAL_NAMES_RARE];
    }
    free(x);
    free(y);
}

static void gap_is_in_days_and_unknown_without_dates(void **state)
{
    (void)state;
    ss_sketch *x = hand_sketch(NULL, 0), *y = hand_sketch(NULL, 0);
    ss_evidence e = evidence_of(x, y, 0);
    assert_false(e.dated);
    assert_true(isnan(e.gap_days));
    x->date = 1763000000;
    e = evidence_of(x, y, 0);
    assert_false(e.dated);
    y->date = x->date - 36 * 3600;
    e = evidence_of(x, y, 0);
    assert_true(e.dated);
    same(e.gap_days, 1.5);
    same(evidence_of(y, x, 0).gap_days, 1.5);
    x->date = INT64_MAX; /* hostile dates: no overflow */
    y->date = INT64_MIN + 1;
    e = evidence_of(x, y, 0);
    assert_true(e.gap_days > 1e14 && isfinite(e.gap_days));
    free(x);
    free(y);
}

static void cosine_is_within_one(void **state)
{
    (void)state;
    ss_sketch *x = hand_sketch(NULL, 0), *y = hand_sketch(NULL, 0);
    double scale = ss_vector_scale(HAND_D);
    assert_near(evidence_of(x, y, (int32_t)(scale * scale / 2)).cosine, 0.5, 1e-4);
    same(evidence_of(x, y, 1 << 24).cosine, 1);
    same(evidence_of(x, y, -(1 << 24)).cosine, -1);
    free(x);
    free(y);
}

/* Random sketches: symmetric, finite, and nothing but what the header says. */
static void random_pairs_are_symmetric(void **state)
{
    (void)state;
    uint64_t seed = 17;
    for (int round = 0; round < 2000; round++) {
        ss_anchor anchors[2][24];
        size_t counts[2] = {0, 0};
        for (int side = 0; side < 2; side++)
            for (unsigned type = 0; type < SS_ANCHOR_TYPES; type++)
                for (uint32_t key = 0; key < 4; key++) {
                    seed = seed * 6364136223846793005u + 1442695040888963407u;
                    if (seed >> 63) continue;
                    ss_anchor a = hand_anchor((ss_anchor_type)type, key, (double)(seed >> 40 & 7));
                    a.flags = (uint8_t)(seed >> 50 & 15);
                    anchors[side][counts[side]++] = a;
                }
        ss_sketch *x = hand_sketch(anchors[0], counts[0]), *y = hand_sketch(anchors[1], counts[1]);
        x->language = seed >> 20 & 1;
        x->date = (int64_t)(seed >> 30);
        y->date = (int64_t)(seed >> 31);
        for (size_t i = 0; i < SS_SIGNATURE; i++) x->signature[i] = (uint8_t)(i * (seed >> 60));
        ss_evidence e = evidence_of(x, y, 100), f = evidence_of(y, x, 100);
        for (size_t i = 0; i < SS_SIGNALS; i++) {
            assert_true(isfinite(e.signal[i]));
            if (fabs(e.signal[i] - f.signal[i]) > 0) fail_msg("%s: one-sided", ss_signal_name[i]);
        }
        same(e.jaccard, f.jaccard);
        same(e.containment, f.containment);
        assert_true(e.jaccard >= 0 && e.jaccard <= 1 && e.containment >= e.jaccard - 1e-9 &&
                    e.containment <= 1);
        assert_int_equal(e.clash, f.clash);
        assert_int_equal(e.shared, f.shared);
        assert_true(e.shared <= SS_SHARED_MAX);
        for (size_t i = 0; i < e.shared; i++) {
            assert_true(e.shared_anchor[i] < x->anchors);
            assert_true(!i || e.shared_strength[i] <= e.shared_strength[i - 1]);
        }
        free(x);
        free(y);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_anchors_are_counted_by_type),
        cmocka_unit_test(every_shared_anchor_is_found),
        cmocka_unit_test(names_that_only_one_lead_has_are_strangers),
        cmocka_unit_test(other_cities_and_countries_in_the_lead_clash),
        cmocka_unit_test(names_of_a_lead_are_looked_for_in_the_whole_other_text),
        cmocka_unit_test(countries_in_a_lead_say_nothing_and_skeletons_stand_for_names),
        cmocka_unit_test(facts_of_a_lead_are_its_numbers_and_dates),
        cmocka_unit_test(a_title_is_looked_for_in_the_other_text),
        cmocka_unit_test(what_a_handful_of_others_share_is_still_rare),
        cmocka_unit_test(weekdays_agree_or_clash_and_are_no_dates),
        cmocka_unit_test(how_many_stand_around_is_told_within_bounds),
        cmocka_unit_test(nothing_shared_says_so),
        cmocka_unit_test(what_is_common_in_the_collection_weighs_less),
        cmocka_unit_test(gap_is_in_days_and_unknown_without_dates),
        cmocka_unit_test(cosine_is_within_one),
        cmocka_unit_test(random_pairs_are_symmetric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
