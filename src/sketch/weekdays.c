/* Stage anchors, days told by name. Comes in: the words. Goes out: the days that "on Tuesday", "hôm
 * qua", "本周三" mean beside the record's date, as dates; where the record has none, the weekday.
 *
 * A weekday without more is the nearest one from four days before the record to two days after it:
 * reports tell what has just been, or what is about to be. */
#include "sketch/finder.h"

#include <string.h>

enum { DAYS_AHEAD = 2 };

static const double WEEKDAY_WEIGHT = 1.6, RELATIVE_WEIGHT = 1.2, BARE_WEIGHT = 1.0;

/* Folded words beside a weekday that move it by a week. */
static const char next_words[] =
    "next coming kommenden kommender nachsten nachster volgende komende aanstaande prochain "
    "prochaine "
    "proximo proxima prossimo prossima nasta kommande neste kommende naeste ensi najblizszy "
    "najblizsza przyszly przyszla pristi buduci naslednji sljedeci sljedecu "
    "urmatoare viitoare depan mendatang gelecek onumuzdeki следующий следующую наступний наступну "
    "следващия "
    "επομενη المقبل المقبله القادم القادمه";
static const char last_words[] =
    "last past letzten letzter vergangenen vergangener vorigen voriger afgelopen vorige jl "
    "jongstleden "
    "dernier derniere pasado pasada passado passada scorso scorsa forra sidste sist siste viime "
    "ubiegly ubiegla zeszly zeszla minuly minulou prosli proslu trecuta lalu gecen прошлый прошлую "
    "минулого минулий περασμενη الماضي الماضيه";

/* ---- Resolving ------------------------------------------------------------------------------- */

/* Without a date, a weekday that opens the report is the event's, and the key is the weekday's. */
static void add_bare_weekday(ss_finder *f, size_t i, size_t end, int weekday)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    const char *name = names[weekday - 1];
    ss_place place = {f->words->items[i].start, (uint32_t)end};
    if (end > f->lead_end) return;
    ss_add_anchor(f, SS_ANCHOR_DATE, (uint32_t)(SS_WEEKDAY_KEY + weekday), BARE_WEIGHT, 0, place,
                  name, strlen(name));
}

/* How far from the record: not told; the one before or after it; that of the week before or after.
 */
typedef enum when { NEAREST, LAST, NEXT, LAST_WEEK, NEXT_WEEK } when;

static void add_weekday(ss_finder *f, size_t i, size_t end, int weekday, when told)
{
    if (weekday < 1 || weekday > 7) return;
    if (!f->dated) {
        add_bare_weekday(f, i, end, weekday);
        return;
    }
    int from = weekday - ss_weekday_of(f->record_days), ahead = (from + 7) % 7;
    if (told == LAST || (told == NEAREST && ahead > DAYS_AHEAD)) ahead -= 7;
    if (told == NEXT && ahead == 0) ahead = 7;
    if (told == LAST_WEEK) ahead = from - 7;
    if (told == NEXT_WEEK) ahead = from + 7;
    ss_add_day(f, i, end, ss_day_of(f->record_days + ahead), WEEKDAY_WEIGHT);
}

static void add_relative(ss_finder *f, size_t i, size_t end, int ahead)
{
    if (!f->dated) return;
    ss_add_day(f, i, end, ss_day_of(f->record_days + ahead), RELATIVE_WEIGHT);
}

/* ---- Spaced words ---------------------------------------------------------------------------- */

/* A date in digits stands right beside the weekday and tells the day better. */
static bool date_stands_beside(const ss_finder *f, size_t first, size_t last)
{
    for (size_t k = 1; k <= 2; k++)
        if (last + k < f->words->count && f->used[last + k] &&
            f->words->items[last + k].start - f->words->items[last].end < 8)
            return true;
    return first > 0 && f->used[first - 1] &&
           f->words->items[first].start - f->words->items[first - 1].end < 4;
}

static bool written_so(const ss_word *w, const char *form)
{
    return w->form_size == strlen(form) && memcmp(w->form, form, w->form_size) == 0;
}

/* "thứ Ba tới", "thứ Ba tuần trước" */
static when told_in_vietnamese(const ss_finder *f, size_t next)
{
    bool week = ss_word_among(f, next, "tuan");
    if (next + week >= f->words->count) return NEAREST;
    const ss_word *w = &f->words->items[next + week];
    if (written_so(w, "tới") || written_so(w, "sau")) return week ? NEXT_WEEK : NEXT;
    return written_so(w, "trước") || written_so(w, "qua") ? week ? LAST_WEEK : LAST : NEAREST;
}

static bool beside(const ss_finder *f, size_t first, size_t last, const char *words)
{
    bool after = last + 1 < f->words->count && ss_gap_before(f, last + 1) == SS_GAP_SPACE;
    return (first > 0 && ss_word_among(f, first - 1, words)) ||
           (after && ss_word_among(f, last + 1, words));
}

static when week_told(const ss_finder *f, size_t first, size_t last)
{
    static const char weeks[] = "week woche vecka uge uke viikon week";
    if (strcmp(f->code, "vi") == 0) return told_in_vietnamese(f, last + 1);
    if (first > 1 && ss_word_among(f, first - 1, weeks)) { /* "volgende week maandag" */
        if (ss_word_among(f, first - 2, next_words)) return NEXT_WEEK;
        if (ss_word_among(f, first - 2, last_words)) return LAST_WEEK;
    }
    if (ss_word_among(f, last + 2, weeks)) { /* "Monday next week" */
        if (ss_word_among(f, last + 1, next_words)) return NEXT_WEEK;
        if (ss_word_among(f, last + 1, last_words)) return LAST_WEEK;
    }
    if (beside(f, first, last, next_words)) return NEXT;
    return beside(f, first, last, last_words) ? LAST : NEAREST;
}

/* "thứ ba" is also "third", "minggu" a week, "pazar" a market, "τρίτη" the third. */
static bool means_the_day(const ss_finder *f, size_t i, size_t count)
{
    const ss_word *w = &f->words->items[i];
    if (strcmp(f->code, "vi") == 0 && ss_word_among(f, i, "thu"))
        return (count == 2 && w[1].letter_case >= SS_CAPITAL) ||
               (i > 0 && ss_word_among(f, i - 1, "ngay hom sang chieu toi trua dem vao khuya"));
    if (ss_language_among(f, "en de el id ms fil tl")) return w->letter_case >= SS_CAPITAL;
    if (ss_word_among(f, i, "pazar")) return ss_word_among(f, i + 1, "gunu gunku");
    return true;
}

/* -tag, -dag, -och, -tai: saves looking up every beginning of every long word. */
static bool ends_weekday(const char *end)
{
    return memcmp(end, "tag", 3) == 0 || memcmp(end, "dag", 3) == 0 || memcmp(end, "och", 3) == 0 ||
           memcmp(end, "tai", 3) == 0;
}

/* The weekday that a compound begins with, "Dienstagabend", or a Hebrew word ends with. */
static int weekday_inside(const ss_finder *f, const ss_word *w)
{
    int weekday = 0;
    if (f->traits & SS_WRITES_COMPOUNDS && w->folded_size >= 9 && w->folded_size <= 24)
        for (size_t size = 5; size < w->folded_size && size <= 10 && !weekday; size++)
            if (ends_weekday(w->folded + size - 3))
                weekday = ss_finder_lexicon(f, ss_folded_hash(w->folded, size), SS_LEX_WEEKDAY);
    if (w->script == SS_SCRIPT_HANGUL && w->folded_size > 9) /* 화요일에 */
        weekday = ss_finder_lexicon(f, ss_folded_hash(w->folded, 9), SS_LEX_WEEKDAY);
    return weekday;
}

/* Returns the words used up, or 0. */
static size_t day_in_words(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    size_t count = 1;
    int weekday = ss_finder_phrase(f, i, SS_LEX_WEEKDAY, &count);
    if (!weekday) weekday = weekday_inside(f, w);
    if (weekday) {
        size_t last = i + count - 1;
        if (!means_the_day(f, i, count)) return 0;
        /* without a date, another text may have the weekday alone */
        if (f->dated && date_stands_beside(f, i, last)) return count;
        add_weekday(f, i, f->words->items[last].end, weekday, week_told(f, i, last));
        return count;
    }
    int relative = ss_finder_phrase(f, i, SS_LEX_DAY, &count);
    if (!relative) return 0;
    add_relative(f, i, f->words->items[i + count - 1].end, relative - SS_LEX_TODAY);
    return count;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

/* Names of days as scripts without spaces write them; weekday 0: a relative day, `ahead` of today.
 */
static const struct run_day {
    const char *text;
    int weekday, ahead;
} run_days[] = {
    {"月曜", 1, 0},    {"火曜", 2, 0},   {"水曜", 3, 0},   {"木曜", 4, 0},    {"金曜", 5, 0},
    {"土曜", 6, 0},    {"日曜", 7, 0},   {"周一", 1, 0},   {"周二", 2, 0},    {"周三", 3, 0},
    {"周四", 4, 0},    {"周五", 5, 0},   {"周六", 6, 0},   {"周日", 7, 0},    {"星期一", 1, 0},
    {"星期二", 2, 0},  {"星期三", 3, 0}, {"星期四", 4, 0}, {"星期五", 5, 0},  {"星期六", 6, 0},
    {"星期日", 7, 0},  {"星期天", 7, 0}, {"週一", 1, 0},   {"週二", 2, 0},    {"週三", 3, 0},
    {"週四", 4, 0},    {"週五", 5, 0},   {"週六", 6, 0},   {"週日", 7, 0},    {"วันจันทร์", 1, 0},
    {"วันอังคาร", 2, 0}, {"วันพุธ", 3, 0},   {"วันพฤหัส", 4, 0}, {"วันศุกร์", 5, 0},   {"วันเสาร์", 6, 0},
    {"วันอาทิตย์", 7, 0}, {"昨天", 0, -1},  {"昨日", 0, -1},  {"一昨日", 0, -2}, {"前天", 0, -2},
    {"今天", 0, 0},    {"明天", 0, 1},   {"明日", 0, 1},   {"เมื่อวาน", 0, -1}, {"พรุ่งนี้", 0, 1},
};

void ss_mark_days(ss_marks *marks)
{
    for (size_t k = 0; k < sizeof run_days / sizeof *run_days; k++)
        marks->mark[ss_three_bytes(run_days[k].text)] |= SS_MARK_DAY;
}

/* 上周三, 下周三: what stands before the name of the day. */
static when week_of_run(const ss_word *w, size_t at)
{
    static const char *const last[] = {"上", "先週"}, *const next[] = {"下", "来週"};
    for (size_t k = 0; k < 2; k++) {
        size_t size = strlen(last[k]), more = strlen(next[k]);
        if (at >= size && memcmp(w->folded + at - size, last[k], size) == 0) return LAST_WEEK;
        if (at >= more && memcmp(w->folded + at - more, next[k], more) == 0) return NEXT_WEEK;
    }
    return NEAREST;
}

static void days_in_run(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    for (size_t at = 0; at + 6 <= w->folded_size; at++) {
        if (!(ss_marks_at(f, w->folded + at) & SS_MARK_DAY)) continue;
        for (size_t k = 0; k < sizeof run_days / sizeof *run_days; k++) {
            const struct run_day *day = &run_days[k];
            size_t size = strlen(day->text);
            if (w->folded_size - at < size || memcmp(w->folded + at, day->text, size) != 0)
                continue;
            if (!day->weekday)
                add_relative(f, i, w->end, day->ahead);
            else if (!f->dated || at + size < w->folded_size || !date_stands_beside(f, i, i))
                add_weekday(f, i, w->end, day->weekday, week_of_run(w, at));
            at += size - 1;
            break;
        }
    }
}

/* ---- The finder ------------------------------------------------------------------------------ */

void ss_find_days(ss_finder *f)
{
    for (size_t i = 0; i < f->words->count; i++) {
        const ss_word *w = &f->words->items[i];
        if (f->quiet[i] & SS_QUIET_DAYS || f->used[i]) continue;
        if (w->run) {
            days_in_run(f, i);
            continue;
        }
        size_t used = day_in_words(f, i);
        memset(f->used + i, 1, used);
        if (used) i += used - 1;
    }
}
