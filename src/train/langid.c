/* Training of the language identifier (see langid.h).
 *
 * First the table: softmax regression (one row of weights an n-gram, a weight a language) by
 * stochastic gradient with row-wise Adagrad (Duchi et al. 2011) over texts drawn evenly from the
 * languages, then rounded to int8. Then what is usual in each language, and the weights of the
 * signals by which an answer is believed, from texts held back, from junk, from mixtures of two
 * languages, and from texts whose own language is left out as if the model had never heard of it.
 */
#include "train/langid.h"

#include "base/array.h"
#include "base/status.h"
#include "sketch/features.h"
#include "text/lang.h"
#include "train/logistic.h"
#include "train/loops.h"
#include "train/random.h"
#include "train/zstd_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROWS = 10240,      /* 480 KiB with 48 languages */
    SAMPLES = 2000000, /* at most, and so many of each text: */
    LOOKS = 40,
    WORDS_LISTED = 30000, /* of a frequency list */
    TEXT_ROOM = 8192,     /* bytes of a text put together */
    WORDS_MAX = 100,      /* of a sample */
    ROWS_OF_SAMPLE = WORDS_MAX * SS_LANG_ROWS,
    SENTENCES = 500,
    DOCUMENTS = 150,
    HEADLINES = 300, /* of a language, to fit the belief */
    JUNK = 1200,
    MIXTURES = 6000,
    LEFT_OUT = 150 /* of a kind; in all; of a language */
};

static const double rate = 0.04, flat = 0.75;
/* Half of the texts are words drawn from the frequency lists: these are of the same topics in all
 * languages, whereas a source that only some languages have teaches its topics for their words. */
static const double list_share = 0.5, entry_share = 0.05;
/* Log odds that a step of Zipf counts: log 10, as of independent words. The table is trained
 * without them and added: trained on top of them it lends the languages without a list too much
 * (Portuguese turned Galician). */
static const double zipf_odds = 2.302585;

/* ---- Frequency lists ------------------------------------------------------------------------- */

typedef struct word_list {
    char **word;
    double *cumulated;
    size_t count, word_capacity, capacity;
} word_list;

static samestory_status read_list(const char *path, word_list *list, samestory_error *error)
{
    zstd_lines *lines = NULL;
    size_t size;
    samestory_error inner = {0};
    samestory_status status = zstd_lines_open(path, &lines, error);
    double sum = 0;
    for (char *line; !status && list->count < WORDS_LISTED;) {
        line = zstd_lines_next(lines, &size, &inner);
        char *tab = line ? strchr(line, '\t') : NULL;
        if (!line) break;
        if (!tab) continue;
        *tab = 0;
        if (!ss_reserve(&list->word, &list->word_capacity, list->count + 1) ||
            !ss_reserve(&list->cumulated, &list->capacity, list->count + 1) ||
            !(list->word[list->count] = strdup(line))) {
            status = ss_fail_memory(error);
            break;
        }
        sum += pow(10, flat * (strtod(tab + 1, NULL) - 7));
        list->cumulated[list->count++] = sum;
    }
    return zstd_lines_end(lines, status, &inner, error);
}

static void list_free(word_list *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->word[i]);
    free(list->word);
    free(list->cumulated);
}

static const char *list_word(const word_list *list, uint64_t *seed)
{
    double at = random_unit(seed) * list->cumulated[list->count - 1];
    size_t low = 0, high = list->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->cumulated[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return list->word[low];
}

/* ---- Trainer --------------------------------------------------------------------------------- */

typedef struct trainer {
    samestory_model *model;
    langid_texts texts;
    word_list list[SS_LANGUAGES_MAX];
    unsigned language[SS_LANGUAGES_MAX]; /* those that are trained: they have texts */
    uint32_t scripts[SS_LANGUAGES_MAX];  /* bit s: words in ss_script s are the language's own */
    size_t languages, stride;
    float *weight, *gradient; /* (ROWS, stride), (ROWS) */
    ss_words words;
    uint64_t seed;
    char text[TEXT_ROOM];
    size_t size;
} trainer;

/* Languages that an n-gram can tell: those whose script decides alone are left to it. */
static bool script_decides(const char *code)
{
    return !strcmp(code, "zh") || !strcmp(code, "ja") || !strcmp(code, "ko") || !strcmp(code, "th");
}

static samestory_status read_lists(trainer *t, const char *folder, samestory_error *error)
{
    static const char *const files[][2] = {{"no", "nb"}, {"tl", "fil"}, {"hr", "sh"}};
    samestory_status status = SAMESTORY_OK;
    for (unsigned l = 0; folder && l < t->model->languages && !status; l++) {
        const char *code = t->model->language[l].code;
        char path[2048];
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            if (!strcmp(t->model->language[l].code, files[i][0])) code = files[i][1];
        snprintf(path, sizeof path, "%s/%s.tsv.zst", folder, code);
        if (!access(path, R_OK)) status = read_list(path, &t->list[l], error);
    }
    return status;
}

static void find_languages(trainer *t)
{
    for (unsigned l = 0; l < t->model->languages; l++) {
        size_t texts = 0;
        for (size_t s = 0; s < t->texts.sources; s++)
            if (t->texts.sentences[s]) texts += t->texts.shelf[s][l].count;
        if (texts && !script_decides(t->model->language[l].code)) t->language[t->languages++] = l;
    }
}

/* Whether a word can be of the language: no digits, no run, and letters that its known words have.
 * (Hebrew texts hold English words, and the frequencies know Serbian in Cyrillic letters only.) */
static bool is_own(const trainer *t, unsigned language, const ss_word *w)
{
    return !w->run && !w->digits && t->scripts[language] >> w->script & 1;
}

static void append(trainer *t, const char *text)
{
    size_t size = strlen(text);
    if (t->size + size + 2 > TEXT_ROOM) return;
    memcpy(t->text + t->size, text, size);
    t->size += size;
    t->text[t->size++] = ' ';
    t->text[t->size] = 0;
}

typedef enum source_kind { SENTENCES_ONLY, ENTRIES_ONLY } source_kind;

/* The share of the languages that a source has, squared: a source that few have would teach its
 * topics for their words. */
static double shared(const trainer *t, size_t source)
{
    size_t has = 0;
    for (size_t i = 0; i < t->languages; i++)
        has += t->texts.shelf[source][t->language[i]].count > 0;
    double share = (double)has / (double)t->languages;
    return share * share;
}

/* A source of this kind, by its weight and its number of texts; NULL when there is none. */
static const langid_shelf *pick_shelf(trainer *t, unsigned language, source_kind kind, bool held)
{
    const langid_texts *all = &t->texts;
    double sum = 0, weight[LANGID_SOURCES];
    for (size_t s = 0; s < all->sources; s++) {
        const langid_shelf *shelf = held ? &all->held[s][language] : &all->shelf[s][language];
        bool fits = all->sentences[s] == (kind == SENTENCES_ONLY) && !all->names[s];
        weight[s] = fits && shelf->count
                        ? (double)all->weight[s] * shared(t, s) * sqrt((double)shelf->count)
                        : 0;
        sum += weight[s];
    }
    if (!(sum > 0)) return NULL;
    double at = random_unit(&t->seed) * sum;
    size_t last = 0;
    for (size_t s = 0; s < all->sources; s++) {
        if (!(weight[s] > 0)) continue;
        last = s;
        if ((at -= weight[s]) < 0) break;
    }
    return held ? &all->held[last][language] : &all->shelf[last][language];
}

static const char *pick_text(trainer *t, const langid_shelf *shelf)
{
    return shelf->text[random_below(&t->seed, shelf->count)];
}

/* About `words` words of a language, into t->text and t->words. */
static bool make_text(trainer *t, unsigned language, size_t words)
{
    double kind = random_unit(&t->seed);
    const langid_shelf *shelf = NULL;
    const word_list *list = &t->list[language];
    t->size = 0;
    t->text[0] = 0;
    if (kind < list_share && list->count) {
        for (size_t i = 0; i < words; i++) append(t, list_word(list, &t->seed));
    } else {
        if (kind < list_share + entry_share) shelf = pick_shelf(t, language, ENTRIES_ONLY, false);
        if (!shelf) shelf = pick_shelf(t, language, SENTENCES_ONLY, false);
        for (size_t bytes = 0; shelf && bytes < 7 * words; bytes = t->size) {
            append(t, pick_text(t, shelf));
            if (t->size == bytes) break;
        }
    }
    return ss_words_split(t->model->normalizer, t->text, t->size, &t->words) == SAMESTORY_OK;
}

/* The rows of some words in a row of t->words. */
static size_t sample_rows(trainer *t, unsigned language, size_t words, uint32_t *row)
{
    size_t count = 0, used = 0;
    size_t first = t->words.count > words ? random_below(&t->seed, t->words.count - words + 1) : 0;
    for (size_t i = first; i < t->words.count && used < words; i++) {
        const ss_word *w = &t->words.items[i];
        if (!is_own(t, language, w)) continue;
        count += ss_lang_rows(w, ROWS, row + count);
        used++;
    }
    return count;
}

/* One step of the gradient; returns the loss. */
static double learn(trainer *t, unsigned language, const uint32_t *row, size_t count, double now)
{
    float score[SS_LANGUAGES_MAX] = {0}, masked[SS_LANGUAGES_MAX];
    for (size_t i = 0; i < count; i++) row_add(score, t->weight + row[i] * t->stride, t->stride);
    float most = -INFINITY;
    for (size_t i = 0; i < t->languages; i++) most = fmaxf(most, score[t->language[i]]);
    for (size_t l = 0; l < t->stride; l++) masked[l] = most - 100;
    for (size_t i = 0; i < t->languages; i++) masked[t->language[i]] = score[t->language[i]];
    float sum = row_exp(masked, most, t->stride);
    row_scale(masked, 1 / sum, t->stride);
    double loss = -log(fmax((double)masked[language], 1e-30));
    masked[language] -= 1;
    float square = row_dot(masked, masked, t->stride);
    if (square < 1e-8f) return loss;
    for (size_t i = 0; i < count; i++) {
        float *sum_of_squares = &t->gradient[row[i]];
        *sum_of_squares += square;
        row_add_scaled(t->weight + row[i] * t->stride, masked, (float)-now / sqrtf(*sum_of_squares),
                       t->stride);
    }
    return loss;
}

/* Texts of the languages that are trained. */
static size_t count_texts(const trainer *t)
{
    size_t texts = 0;
    for (size_t s = 0; s < t->texts.sources; s++)
        for (size_t i = 0; i < t->languages; i++) texts += t->texts.shelf[s][t->language[i]].count;
    return texts;
}

static bool train_table(trainer *t)
{
    static uint32_t row[ROWS_OF_SAMPLE];
    double loss = 0;
    size_t done = 0, texts = count_texts(t);
    size_t samples = texts < SAMPLES / LOOKS ? texts * LOOKS : SAMPLES;
    for (size_t i = 0; i < samples; i++) {
        unsigned language = t->language[random_below(&t->seed, t->languages)];
        double length = random_unit(&t->seed); /* from one word to a hundred, more of the shorter */
        size_t words = 3 + (size_t)((WORDS_MAX - 3) * length * length * length);
        if (!make_text(t, language, words)) return false;
        size_t count = sample_rows(t, language, words, row);
        if (!count) continue;
        loss += learn(t, language, row, count, rate * (1 - (double)i / (double)samples));
        if (++done % 250000) continue;
        fprintf(stderr, "language identifier: %zu samples, loss %.4f\n", i + 1, loss / 250000);
        loss = 0;
    }
    return true;
}

/* The scripts that a fifth of the known words of a language have. */
static bool find_scripts(trainer *t)
{
    enum { TEXTS = 1000 };
    for (size_t i = 0; i < t->languages; i++) {
        unsigned language = t->language[i];
        size_t known[32] = {0}, all = 0;
        for (size_t n = 0; n < TEXTS; n++) {
            if (!make_text(t, language, 10)) return false;
            for (size_t k = 0; k < t->words.count; k++) {
                const ss_word *w = &t->words.items[k];
                int32_t score[SS_LANGUAGES_MAX] = {0}, zipf[SS_LANGUAGES_MAX] = {0};
                ss_lang_count(t->model, ss_folded_hash(w->folded, w->folded_size), score, zipf,
                              NULL);
                if (!zipf[language] || w->digits || w->run) continue;
                known[w->script]++;
                all++;
            }
        }
        for (unsigned s = 0; s < 32; s++)
            if (known[s] * 5 > all) t->scripts[language] |= 1u << s;
        if (!all) t->scripts[language] = UINT32_MAX;
    }
    return true;
}

/* ---- The section ----------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The weight that 127 stands for: but for one weight in 20,000 none is larger. */
static float largest(const trainer *t)
{
    size_t count = ROWS * t->stride;
    float *size = malloc(count * sizeof *size);
    if (!size) return 0;
    for (size_t i = 0; i < count; i++) size[i] = fabsf(t->weight[i]);
    qsort(size, count, sizeof *size, by_size);
    float most = size[count - 1 - count / 20000];
    free(size);
    return most > 1e-3f ? most : 1e-3f;
}

static samestory_status make_section(trainer *t, blob *out, samestory_error *error)
{
    size_t languages = t->model->languages;
    size_t row =
        (sizeof(ss_langid_head) + languages * SS_LANG_TYPICAL * sizeof(float) + 63) / 64 * 64;
    float most = largest(t);
    out->size = row + ROWS * t->stride;
    out->data = aligned_alloc(64, (out->size + 63) / 64 * 64);
    if (!out->data || !(most > 0)) return ss_fail_memory(error);
    memset(out->data, 0, out->size);
    /* the unit of scores divides what 1/25 Zipf counts, so that all is added up in integers */
    double step = zipf_odds / 25, units = fmax(1, floor(step * 127 / (double)most));
    ss_langid_head *head = out->data;
    *head = (ss_langid_head){.rows = ROWS,
                             .languages = (uint32_t)languages,
                             .stride = (uint32_t)t->stride,
                             .signals = SS_LANG_SIGNALS,
                             .scale = (float)(step / units),
                             .zipf_units = (uint32_t)units};
    int8_t *to = (int8_t *)out->data + row;
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t l = 0; l < t->stride; l++) to[r * t->stride + l] = -127;
        for (size_t i = 0; i < t->languages; i++) { /* one that was not trained never wins */
            size_t l = t->language[i];
            float w = roundf(t->weight[r * t->stride + l] / head->scale);
            to[r * t->stride + l] = (int8_t)fminf(127, fmaxf(-127, w));
        }
    }
    if (!ss_model_langid(t->model, out->data, out->size))
        return ss_fail(error, SAMESTORY_MODEL_MISMATCH, "the language identifier is unsound");
    return SAMESTORY_OK;
}

/* ---- What is usual, and what is believed ----------------------------------------------------- */

typedef struct lesson {
    float x[SS_LANG_SIGNALS];
    float weight;
    uint8_t kind;
    bool right;
} lesson;

typedef struct lessons {
    lesson *items;
    size_t count, capacity;
} lessons;

/* Sentences that were held back, `sentences` of them, and of these the first `words` words. */
static bool held_text(trainer *t, unsigned language, size_t sentences, size_t words)
{
    t->size = 0;
    t->text[0] = 0;
    const langid_shelf *shelf = pick_shelf(t, language, SENTENCES_ONLY, true);
    if (!shelf) shelf = pick_shelf(t, language, SENTENCES_ONLY, false);
    for (size_t i = 0; shelf && i < sentences; i++) append(t, pick_text(t, shelf));
    if (ss_words_split(t->model->normalizer, t->text, t->size, &t->words)) return false;
    if (t->words.count > words) {
        size_t first = random_below(&t->seed, t->words.count - words + 1);
        memmove(t->words.items, t->words.items + first, words * sizeof *t->words.items);
        t->words.count = words;
    }
    return true;
}

/* Whether most of the words are the language's own. */
static bool mostly_own(const trainer *t, unsigned language)
{
    size_t own = 0;
    for (size_t i = 0; i < t->words.count; i++) own += is_own(t, language, &t->words.items[i]);
    return own * 2 > t->words.count;
}

static bool add_lesson(trainer *t, lessons *all, int kind, uint64_t without, unsigned truth,
                       float weight)
{
    ss_lang_evidence e;
    ss_lang_measure(t->model, &t->words, without, &e);
    if (e.best == SS_LANGUAGE_UNKNOWN) return true;
    if (truth != SS_LANGUAGE_UNKNOWN && !mostly_own(t, truth)) return true;
    if (!ss_reserve(&all->items, &all->capacity, all->count + 1)) return false;
    lesson *l = &all->items[all->count++];
    memcpy(l->x, e.signal, sizeof l->x);
    l->right = e.best == truth;
    l->weight = weight;
    l->kind = (uint8_t)kind;
    return true;
}

/* The least Zipf frequency x 25 of each language's words. */
static void find_rarest(const samestory_model *m, unsigned *rarest)
{
    for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) rarest[l] = 255;
    for (size_t i = 0; i < m->word_entries; i++) {
        unsigned language = m->word_entry[i] >> 8 & 63, steps = m->word_entry[i] & 255;
        if (steps < rarest[language]) rarest[language] = steps;
    }
}

/* Frequencies of a language without a list were counted in these very texts. What other texts will
 * know is guessed by the words that came ten times as often as it takes to be listed. */
static void discount(const trainer *t, unsigned language, unsigned rarest, ss_lang_evidence *e)
{
    size_t words = 0, known = 0, sum = 0;
    for (size_t k = 0; k < t->words.count; k++) {
        const ss_word *w = &t->words.items[k];
        int32_t score[SS_LANGUAGES_MAX] = {0}, zipf[SS_LANGUAGES_MAX] = {0};
        if (w->digits || w->run || w->letter_case == SS_CAPITAL || w->letter_case == SS_UPPER)
            continue;
        ss_lang_count(t->model, ss_folded_hash(w->folded, w->folded_size), score, zipf, NULL);
        words++;
        if (zipf[language] < (int32_t)rarest + 25) continue; /* log 10 = 1 */
        known++;
        sum += (size_t)zipf[language];
    }
    e->typical[0] = (float)sum / (float)(25 * words + !words);
    e->typical[1] = (float)known / (float)(words + !words);
}

/* Means of what the evidence calls typical, over texts whose language comes out right. */
static bool find_usual(trainer *t, float *typical)
{
    unsigned rarest[SS_LANGUAGES_MAX];
    find_rarest(t->model, rarest);
    for (size_t i = 0; i < t->languages; i++) {
        unsigned language = t->language[i];
        double sum[SS_LANG_TYPICAL] = {0}, count = 0;
        for (size_t n = 0; n < SENTENCES + DOCUMENTS; n++) {
            ss_lang_evidence e;
            if (!held_text(t, language, n < SENTENCES ? 2 : 8, SIZE_MAX)) return false;
            ss_lang_measure(t->model, &t->words, 0, &e);
            if (e.best != language || !mostly_own(t, language)) continue;
            if (!t->list[language].count) discount(t, language, rarest[language], &e);
            for (size_t k = 0; k < SS_LANG_TYPICAL; k++) sum[k] += (double)e.typical[k];
            count++;
        }
        for (size_t k = 0; count > 0 && k < SS_LANG_TYPICAL; k++)
            typical[(size_t)language * SS_LANG_TYPICAL + k] = (float)(sum[k] / count);
        fprintf(
            stderr,
            "language identifier: %s: %.0f of %d right; usual: Zipf %.2f, known %.3f, score %.2f\n",
            t->model->language[language].code, count, SENTENCES + DOCUMENTS,
            (double)typical[language * SS_LANG_TYPICAL],
            (double)typical[language * SS_LANG_TYPICAL + 1],
            (double)typical[language * SS_LANG_TYPICAL + 2]);
    }
    return true;
}

enum {
    KIND_SENTENCE,
    KIND_DOCUMENT,
    KIND_HEADLINE,
    KIND_NAMED,
    KIND_LEFT_OUT,
    KIND_MIXTURE,
    KIND_NAMES,
    KIND_JUNK
};

/* As If The Longer Words Were Written So. */
static void write_as_title(ss_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        ss_word *w = &words->items[i];
        if (w->letter_case == SS_LOWER && w->form_size > 3) w->letter_case = SS_CAPITAL;
    }
}

/* A place as the language calls it, or NULL. */
static const char *pick_name(trainer *t, unsigned language)
{
    const langid_texts *all = &t->texts;
    size_t sources[LANGID_SOURCES], count = 0;
    for (size_t s = 0; s < all->sources; s++)
        if (all->names[s] && all->shelf[s][language].count) sources[count++] = s;
    if (!count) return NULL;
    return pick_text(t, &all->shelf[sources[random_below(&t->seed, count)]][language]);
}

/* Part of a sentence among names that no frequencies know, as headlines are. */
static bool named_text(trainer *t, unsigned language)
{
    char sentence[TEXT_ROOM];
    if (!held_text(t, language, 2, 6 + random_below(&t->seed, 14))) return false;
    size_t count = t->words.count, first = count ? t->words.items[0].start : 0;
    size_t size = count ? t->words.items[count - 1].end - first : 0;
    memcpy(sentence, t->text + first, size);
    sentence[size] = 0;
    t->size = 0;
    for (size_t names = 1 + random_below(&t->seed, 1 + count / 4); names > 0; names--) {
        const char *name = pick_name(t, language);
        if (name) append(t, name);
    }
    append(t, sentence);
    return ss_words_split(t->model->normalizer, t->text, t->size, &t->words) == SAMESTORY_OK;
}

static bool true_texts(trainer *t, lessons *all)
{
    for (size_t i = 0; i < t->languages; i++) {
        unsigned language = t->language[i];
        for (size_t n = 0; n < SENTENCES; n++)
            if (!held_text(t, language, 1, SIZE_MAX) ||
                (t->words.count > 3 && !add_lesson(t, all, KIND_SENTENCE, 0, language, 1)))
                return false;
        for (size_t n = 0; n < DOCUMENTS; n++)
            if (!held_text(t, language, 4 + random_below(&t->seed, 12), SIZE_MAX) ||
                !add_lesson(t, all, KIND_DOCUMENT, 0, language, 2))
                return false;
        for (size_t n = 0; n < HEADLINES; n++) {
            if (!held_text(t, language, 3, 4 + random_below(&t->seed, 8))) return false;
            if (n % 4 == 0) write_as_title(&t->words);
            if (!add_lesson(t, all, KIND_HEADLINE, 0, language, 1)) return false;
        }
        for (size_t n = 0; n < HEADLINES; n++)
            if (!named_text(t, language) || !add_lesson(t, all, KIND_NAMED, 0, language, 1))
                return false;
        for (size_t n = 0; n < LEFT_OUT; n++)
            if (!held_text(t, language, 1 + random_below(&t->seed, 8), SIZE_MAX) ||
                (t->words.count > 5 && !add_lesson(t, all, KIND_LEFT_OUT, (uint64_t)1 << language,
                                                   SS_LANGUAGE_UNKNOWN, 1)))
                return false;
    }
    return true;
}

/* Halves of two languages, whole or sentence by sentence. */
static bool mixtures(trainer *t, lessons *all)
{
    for (size_t n = 0; n < MIXTURES; n++) {
        unsigned side[2] = {t->language[random_below(&t->seed, t->languages)],
                            t->language[random_below(&t->seed, t->languages)]};
        if (side[0] == side[1]) continue;
        size_t sentences = 2 + 2 * random_below(&t->seed, 5), bytes[2] = {0, 0};
        bool halves = random_below(&t->seed, 2);
        t->size = 0;
        for (size_t i = 0; i < 2 * sentences; i++) {
            size_t k = halves ? i >= sentences : bytes[0] > bytes[1], before = t->size;
            const langid_shelf *shelf = pick_shelf(t, side[k], SENTENCES_ONLY, true);
            if (shelf) append(t, pick_text(t, shelf));
            bytes[k] += t->size - before;
        }
        /* a third at least of each */
        if (bytes[0] > 2 * bytes[1] || bytes[1] > 2 * bytes[0]) continue;
        if (ss_words_split(t->model->normalizer, t->text, t->size, &t->words) ||
            !add_lesson(t, all, KIND_MIXTURE, 0, SS_LANGUAGE_UNKNOWN, 1))
            return false;
    }
    return true;
}

/* Tables of places with figures, and what langid_junk_make makes. */
static bool junk(trainer *t, lessons *all)
{
    for (size_t n = 0; n < 2 * JUNK; n++) {
        unsigned language = t->language[random_below(&t->seed, t->languages)];
        t->size = 0;
        for (size_t i = 4 + random_below(&t->seed, 20); i > 0; i--) {
            char figure[32];
            const char *name = pick_name(t, language);
            if (name) append(t, name);
            snprintf(figure, sizeof figure, "%u\n", (unsigned)random_below(&t->seed, 10000));
            if (n % 2) append(t, figure);
        }
        if (ss_words_split(t->model->normalizer, t->text, t->size, &t->words) ||
            !add_lesson(t, all, KIND_NAMES, 0, SS_LANGUAGE_UNKNOWN, 1))
            return false;
    }
    for (size_t n = 0; n < JUNK * JUNK_KINDS; n++) {
        unsigned language = t->language[random_below(&t->seed, t->languages)];
        char letters[TEXT_ROOM];
        if (!held_text(t, language, 4, SIZE_MAX)) return false;
        memcpy(letters, t->text, t->size + 1);
        langid_junk kind = (langid_junk)(n % JUNK_KINDS);
        t->size = langid_junk_make(kind, letters, 40 + random_below(&t->seed, 800), &t->seed,
                                   t->text, TEXT_ROOM);
        if (ss_words_split(t->model->normalizer, t->text, t->size, &t->words) ||
            !add_lesson(t, all, KIND_JUNK + (int)kind, 0, SS_LANGUAGE_UNKNOWN, 1))
            return false;
    }
    return true;
}

static void tell_lessons(const lessons *all, const float *weight)
{
    static const char *const names[] = {"sentences", "documents", "headlines", "with names",
                                        "left out",  "mixtures",  "names"};
    for (int kind = 0; kind < KIND_JUNK + JUNK_KINDS; kind++) {
        size_t right = 0, right_believed = 0, wrong = 0, wrong_believed = 0;
        for (size_t i = 0; i < all->count; i++) {
            const lesson *l = &all->items[i];
            if (l->kind != kind) continue;
            float sum = 0;
            for (size_t k = 0; k < SS_LANG_SIGNALS; k++) sum += l->x[k] * weight[k];
            *(l->right ? &right : &wrong) += 1;
            *(l->right ? &right_believed : &wrong_believed) +=
                sum >= 0 && l->x[SS_LANG_FOREIGN] < 1;
        }
        fprintf(stderr,
                "language identifier: %-10s right: %zu of %zu believed; wrong: %zu of %zu\n",
                kind < KIND_JUNK ? names[kind] : langid_junk_name((langid_junk)(kind - KIND_JUNK)),
                right_believed, right, wrong_believed, wrong);
    }
}

static samestory_status fit_belief(trainer *t, ss_langid_head *head, samestory_error *error)
{
    static const signed char sign[SS_LANG_SIGNALS] = {
        [SS_LANG_ZIPF] = 1,  [SS_LANG_KNOWN] = 1,    [SS_LANG_SCORE] = 1, [SS_LANG_MARGIN] = 1,
        [SS_LANG_PLAIN] = 1, [SS_LANG_FOREIGN] = -1, [SS_LANG_ODD] = -1};
    /* to call a true text unknown is worse than to guess at one that is none */
    static const float caution = 0.4f;
    lessons all = {0};
    example *examples = NULL;
    double weight[SS_LANG_SIGNALS];
    samestory_status status = SAMESTORY_OK;
    if (!true_texts(t, &all) || !mixtures(t, &all) || !junk(t, &all))
        status = ss_fail_memory(error);
    if (!status) examples = malloc((all.count + 1) * sizeof *examples);
    if (!status && !examples) status = ss_fail_memory(error);
    for (size_t i = 0; !status && i < all.count; i++) {
        const lesson *l = &all.items[i];
        examples[i] = (example){l->x, l->right ? l->weight : l->weight * caution, l->right, true};
    }
    if (!status && !logistic_fit(examples, all.count, SS_LANG_SIGNALS, 3, sign, weight))
        status = ss_fail_memory(error);
    for (size_t k = 0; !status && k < SS_LANG_SIGNALS; k++) head->weight[k] = (float)weight[k];
    if (!status) tell_lessons(&all, head->weight);
    free(all.items);
    free(examples);
    return status;
}

samestory_status langid_train(samestory_model *model, const corpus_files *files,
                              const char *frequencies, blob *out, samestory_error *error)
{
    trainer *t = calloc(1, sizeof *t);
    if (!t) return ss_fail_memory(error);
    *out = (blob){0};
    t->model = model;
    t->seed = 1;
    t->stride = (model->languages + 15) / 16 * 16;
    t->weight = calloc(ROWS * t->stride + 1, sizeof *t->weight);
    t->gradient = malloc(ROWS * sizeof *t->gradient);
    samestory_status status = t->weight && t->gradient ? SAMESTORY_OK : ss_fail_memory(error);
    for (size_t i = 0; !status && i < ROWS; i++) t->gradient[i] = 1;
    if (!status) status = langid_texts_read(model, files, &t->texts, error);
    if (!status) status = read_lists(t, frequencies, error);
    if (!status) find_languages(t);
    if (!status && !find_scripts(t)) status = ss_fail_memory(error);
    if (!status && t->languages && !train_table(t)) status = ss_fail_memory(error);
    if (!status) status = make_section(t, out, error);
    float *typical = (float *)(void *)((char *)out->data + sizeof(ss_langid_head));
    if (!status && !find_usual(t, typical)) status = ss_fail_memory(error);
    if (!status && t->languages) status = fit_belief(t, out->data, error);
    if (!status && !t->languages) ((ss_langid_head *)out->data)->weight[SS_LANG_ONE] = -1;
    if (status) {
        free(out->data);
        *out = (blob){0};
    }
    for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) list_free(&t->list[l]);
    langid_texts_free(&t->texts);
    ss_words_free(&t->words);
    free(t->weight);
    free(t->gradient);
    free(t);
    return status;
}
