/* Stage lang, the trained part (see lang.h): rows of words, scores of languages, signals.
 *
 * Scores are sums of integers and the rest is a handful of float operations, one after the other,
 * so the answer is the same on every machine. */
#include "text/langid.h"

#include "base/clones.h"
#include "sketch/features.h"
#include "sketch/known.h"
#include "text/utf8.h"

#include <math.h>
#include <string.h>

enum {
    LETTERS_MAX = 24,  /* of a word; what follows tells no more */
    LANES = 16,        /* languages that are summed at a time */
    LOOKED_UP_MAX = 64 /* words whose frequency is asked for */
};

/* ---- Rows ------------------------------------------------------------------------------------ */

/* The finaliser of MurmurHash3 (Appleby): every bit of x in every bit of the result. */
static inline uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCDu;
    x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53u;
    return x ^ x >> 33;
}

static inline uint32_t row_of(uint64_t hash, uint32_t rows)
{
    return (uint32_t)((hash >> 32) * rows >> 32);
}

size_t ss_lang_rows(const ss_word *word, uint32_t rows, uint32_t *row)
{
    enum { MARK = 1 }; /* before the first and after the last letter */
    uint64_t letter[LETTERS_MAX + 2] = {MARK};
    size_t letters = 1, count = 0;
    for (size_t at = 0; at < word->form_size && letters <= LETTERS_MAX;)
        letter[letters++] = ss_utf8_next(word->form, word->form_size, &at) & 0x1FFFFF;
    letter[letters++] = MARK;
    row[count++] = row_of(ss_word_hash(word->form, word->form_size), rows);
    /* a 2-gram takes 42 bits, a 3-gram 63: none looks like the other, for no letter is 0 */
    for (size_t i = 0; i + 1 < letters; i++)
        row[count++] = row_of(mixed(letter[i] << 21 | letter[i + 1]), rows);
    for (size_t i = 0; i + 2 < letters; i++)
        row[count++] = row_of(mixed(letter[i] << 42 | letter[i + 1] << 21 | letter[i + 2]), rows);
    return count;
}

/* ---- Scores ---------------------------------------------------------------------------------- */

_Static_assert(3 * (LETTERS_MAX + 2) <= SS_LANG_ROWS, "room for a word's rows");

typedef struct word_rows {
    uint32_t row[SS_LANG_ROWS];
    size_t count;
} word_rows;

/* Finds a word's rows and asks for them: the table is larger than most caches of a core. */
static void find_rows(const samestory_model *m, const ss_word *word, word_rows *r)
{
    if (word->known && word->known->has & SS_KNOWS_LETTERS) return;
    r->count = ss_lang_rows(word, m->langid_rows, r->row);
    for (size_t i = 0; i < r->count; i++) {
        const int8_t *row = m->langid + r->row[i] * (size_t)m->langid_stride;
        __builtin_prefetch(row);
        __builtin_prefetch(row + m->langid_stride - 1);
    }
}

/* Adds up a word's rows, some languages at a time in registers. */
static inline void sum_rows(const samestory_model *m, const word_rows *r, int16_t *restrict sum)
{
    size_t stride = m->langid_stride;
    for (size_t first = 0; first < stride; first += LANES) {
        int16_t part[LANES] = {0};
        for (size_t i = 0; i < r->count; i++) {
            const int8_t *row = m->langid + r->row[i] * stride + first;
            for (size_t k = 0; k < LANES; k++) part[k] = (int16_t)(part[k] + row[k]);
        }
        memcpy(sum + first, part, sizeof part);
    }
}

_Static_assert(SS_LANG_ROWS * 128 <= INT16_MAX, "a word's sums fit 16 bits, below zero and above");

/* Adds what a word's rows add up to, which is found out if it is not known. */
static inline void add_letters(const samestory_model *m, const ss_word *word, const word_rows *r,
                               int32_t *restrict score)
{
    int16_t found[SS_LANGUAGES_MAX], *sum = found;
    ss_known *known = word->known;
    if (known) sum = known->letters;
    if (!known || !(known->has & SS_KNOWS_LETTERS)) sum_rows(m, r, sum);
    if (known) known->has |= SS_KNOWS_LETTERS;
    for (size_t l = 0; l < m->langid_stride; l++) score[l] += sum[l];
}

/* ---- Frequencies ----------------------------------------------------------------------------- */

enum { UNKNOWN_ZIPF = 20 }; /* what a word counts in a language that does not know it: Zipf .8 */

void ss_lang_count(const samestory_model *m, uint64_t folded_hash, int32_t *score, int32_t *zipf,
                   int32_t *known)
{
    const uint32_t *end, *entry = ss_model_entries(m, folded_hash, &end);
    uint32_t print = ss_model_print(folded_hash);
    for (; entry < end; entry++) {
        unsigned language = *entry >> 8 & 63;
        if (*entry >> 14 != print || language >= m->languages) continue;
        int32_t steps = (int32_t)(*entry & 255);
        score[language] += steps - UNKNOWN_ZIPF;
        if (zipf) zipf[language] += steps;
        if (known) known[language]++;
    }
}

FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static void count_dense(const ss_known *known, int32_t *restrict score, int32_t *restrict zipf,
                        int32_t *restrict known_in)
{
    uint8_t steps[SS_LANGUAGES_MAX];
    memcpy(steps, known->frequency, sizeof steps);
    for (size_t l = 0; l < SS_LANGUAGES_MAX; l++)
        score[l] += steps[l] ? steps[l] - UNKNOWN_ZIPF : 0;
    if (!zipf) return;
    for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) zipf[l] += steps[l];
    for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) known_in[l] += steps[l] > 0;
}

/* ss_lang_count of a word; score, zipf, known_in: [SS_LANGUAGES_MAX], the last two both or none. */
static inline void count_word(const samestory_model *m, const ss_word *word, uint64_t folded_hash,
                       int32_t *score, int32_t *zipf, int32_t *known_in)
{
    ss_known *known = word->known;
    if (known && !(known->has & (SS_KNOWS_FREQUENCIES | SS_KNOWS_NO_FREQUENCIES)))
        ss_known_frequencies(m, known);
    if (!known || known->has & SS_KNOWS_NO_FREQUENCIES) {
        ss_lang_count(m, folded_hash, score, zipf, known_in);
        return;
    }
    if (known->frequencies > SS_KNOWN_LANGUAGES) {
        count_dense(known, score, zipf, known_in);
        return;
    }
    for (size_t i = 0; i < known->frequencies; i++) {
        unsigned language = known->frequency[i] >> 8;
        int32_t steps = known->frequency[i] & 255;
        score[language] += steps - UNKNOWN_ZIPF;
        if (zipf) zipf[language] += steps;
        if (known_in) known_in[language]++;
    }
}

/* The words that the scores are made of, and what is added up over their stretches. */
typedef struct tally {
    const ss_word *spaced[SS_LANG_WORDS];
    size_t words, opening; /* the first so many are of the text's opening */
    size_t stretches, looked_up;
    float plain; /* share of the words looked up in the opening */
    int32_t score[SS_LANGUAGES_MAX], zipf[SS_LANGUAGES_MAX], known[SS_LANGUAGES_MAX];
    int32_t rows[SS_LANGUAGES_MAX]; /* the part of the score that is the rows' */
    int32_t stretch[SS_LANG_WORDS / SS_LANG_BLOCK + 1][SS_LANGUAGES_MAX];
} tally;

static size_t stretch_of(const tally *t, size_t word)
{
    size_t s = word / SS_LANG_BLOCK;
    return s < t->stretches ? s : t->stretches - 1;
}

static bool is_single(const ss_word *w)
{
    return w->form_size == ss_utf8_length((unsigned char)w->form[0]);
}

/* A word that is not written as a name, as far as its script tells, nor a single letter: formulas
 * and programs are full of these. */
static bool is_plain(const ss_word *w)
{
    if (is_single(w)) return false;
    return w->letter_case == SS_LOWER || w->letter_case == SS_CASELESS;
}

/* Which of the words is looked up as number i. */
static size_t looked_up_at(const tally *t, size_t i)
{
    return t->words > LOOKED_UP_MAX ? i * t->words / LOOKED_UP_MAX : i;
}

/* The frequencies of some of the words, evenly taken. How common they are is asked of the opening,
 * for there a report has its sentences and may end in tables, and of plain words, for names are
 * common nowhere; of all, where hardly any is plain. */
static inline void look_up(const samestory_model *m, tally *t)
{
    enum { AHEAD = 8, LEAST_PLAIN = 4 };
    uint64_t hash[LOOKED_UP_MAX] = {0}; /* 0: what it counts is known */
    size_t used = t->words < LOOKED_UP_MAX ? t->words : LOOKED_UP_MAX, plain = 0, opening = 0;
    for (size_t i = 0; i < used; i++) {
        const ss_word *w = t->spaced[looked_up_at(t, i)];
        bool is_opening = looked_up_at(t, i) < t->opening;
        opening += is_opening;
        plain += is_opening && is_plain(w);
        if (w->known && w->known->has & SS_KNOWS_FREQUENCIES) continue;
        hash[i] = w->known ? w->known->folded_hash : ss_folded_hash(w->folded, w->folded_size);
        __builtin_prefetch(&m->word_first[hash[i] >> (64 - m->word_bits)]);
    }
    for (size_t i = 0; i < used; i++) {
        const uint32_t *end;
        if (i + AHEAD < used && hash[i + AHEAD])
            __builtin_prefetch(ss_model_entries(m, hash[i + AHEAD], &end));
        size_t at = looked_up_at(t, i);
        bool counts = at < t->opening && (plain < LEAST_PLAIN || is_plain(t->spaced[at]));
        count_word(m, t->spaced[at], hash[i], t->stretch[stretch_of(t, at)],
                   counts ? t->zipf : NULL, counts ? t->known : NULL);
    }
    t->looked_up = plain < LEAST_PLAIN ? opening : plain;
    t->plain = opening ? (float)plain / (float)opening : 0;
}

/* Asks for what is known of a word. */
static void ask_for(const ss_known *known)
{
    enum { HALF_LINE = 32 }; /* most strides are less than a line and a half */
    if (!known) return;
    __builtin_prefetch(known->frequency);
    __builtin_prefetch(known->letters);
    __builtin_prefetch(known->letters + HALF_LINE);
}

/* t: words set, all else zero. */
FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static void add_words(const samestory_model *m, tally *t)
{
    t->stretches = (t->words + SS_LANG_BLOCK / 2) / SS_LANG_BLOCK; /* a short rest joins the last */
    if (!t->stretches) t->stretches = 1;
    look_up(m, t);
    int32_t units = (int32_t)m->langid_head->zipf_units;
    for (size_t s = 0; s < t->stretches; s++) {
        int32_t *stretch = t->stretch[s];
        for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) stretch[l] *= units;
        for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) t->rows[l] -= stretch[l];
    }
    word_rows rows[2];
    find_rows(m, t->spaced[0], &rows[0]);
    for (size_t i = 0; i < t->words;
         i++) { /* a word's rows are on their way while another's are added */
        if (i + 1 < t->words) find_rows(m, t->spaced[i + 1], &rows[(i + 1) % 2]);
        add_letters(m, t->spaced[i], &rows[i % 2], t->stretch[stretch_of(t, i)]);
    }
    for (size_t s = 0; s < t->stretches; s++)
        for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) t->score[l] += t->stretch[s][l];
    for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) t->rows[l] += t->score[l];
}

FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static int32_t most_of(const int32_t *score, unsigned languages)
{
    int32_t most = score[0];
    for (unsigned l = 1; l < languages; l++) most = score[l] > most ? score[l] : most;
    return most;
}

/* The first of those with the highest score. */
static unsigned best_of(const int32_t *score, unsigned languages, uint64_t without)
{
    unsigned best = SS_LANGUAGE_UNKNOWN;
    if (!without && languages) {
        int32_t most = most_of(score, languages);
        for (best = 0; score[best] != most;) best++;
        return best;
    }
    for (unsigned l = 0; l < languages; l++)
        if (!(without >> l & 1) && (best == SS_LANGUAGE_UNKNOWN || score[l] > score[best]))
            best = l;
    return best;
}

/* ---- Signals --------------------------------------------------------------------------------- */

static float clamped(float x, float least, float most)
{
    return x < least ? least : x > most ? most : x;
}

/* How much the text would rather be of another language, from 0 (nowhere) to 1 (everywhere, by
 * far). */
static float foreign_share(const samestory_model *m, const tally *t, unsigned best,
                           uint64_t without, float rest)
{
    static const float enough = 15; /* log odds from which a stretch counts as wholly foreign */
    float sum = 0, all = 0;
    for (size_t s = 0; s < t->stretches; s++) {
        unsigned own = best_of(t->stretch[s], m->languages, without);
        float gain = (float)(t->stretch[s][own] - t->stretch[s][best]) * m->langid_head->scale;
        float weight = s * SS_LANG_BLOCK < t->opening ? 1 : clamped(rest, 1, 3);
        sum += weight * clamped(gain, 0, enough) / enough;
        all += weight;
    }
    return sum / all;
}

/* The share of the opening's words that are none: with digits; and more of one letter than the 15 %
 * of a Czech or Hebrew text. */
static float odd_share(const ss_lang_words *sample)
{
    size_t digits = 0, single = 0, count = sample->opening;
    for (size_t i = 0; i < count; i++) {
        const ss_word *w = sample->word[i];
        digits += w->digits;
        single += !w->digits && !w->run && is_single(w);
    }
    if (!count) return 0;
    return (float)digits / (float)count + clamped((float)single / (float)count - 0.15f, 0, 1);
}

static void signals(const samestory_model *m, const ss_lang_words *sample, const tally *t,
                    uint64_t without, ss_lang_evidence *out)
{
    const float *usual = m->langid_typical + (size_t)out->best * SS_LANG_TYPICAL;
    unsigned next = best_of(t->score, m->languages, without | (uint64_t)1 << out->best);
    int32_t ahead = next == SS_LANGUAGE_UNKNOWN ? 0 : t->score[out->best] - t->score[next];
    float few = 1 / sqrtf((float)t->words), *x = out->signal;
    x[SS_LANG_ONE] = 1;
    x[SS_LANG_ZIPF] = clamped(out->typical[0] - usual[0], -4, 1);
    x[SS_LANG_ZIPF_SHORT] = x[SS_LANG_ZIPF] * few;
    x[SS_LANG_KNOWN] = clamped(out->typical[1] - usual[1] + 0.3f, -1, 0);
    x[SS_LANG_SCORE] = clamped(out->typical[2] - usual[2], -6, 2);
    x[SS_LANG_MARGIN] = clamped((float)ahead * m->langid_head->scale, 0, 12) / 12;
    x[SS_LANG_PLAIN] = clamped(out->typical[3] - usual[3], -1, 0);
    /* a quotation or a table is a twelfth, a second language a third */
    float foreign = foreign_share(m, t, out->best, without, sample->rest);
    x[SS_LANG_FOREIGN] = clamped((foreign - 0.08f) * 5, 0, 1);
    x[SS_LANG_ODD] = odd_share(sample);
    x[SS_LANG_SHORT] = few;
}

void ss_lang_weigh(const samestory_model *m, const ss_lang_words *sample, uint64_t without,
                   ss_lang_evidence *out)
{
    tally t = {.words = 0};
    for (size_t i = 0; i < sample->count; i++) {
        const ss_word *w = sample->word[i];
        if (w->run || w->digits || w->script == SS_SCRIPT_DIGITS) continue;
        ask_for(w->known);
        t.spaced[t.words++] = w;
        t.opening += i < sample->opening;
    }
    memset(out, 0, sizeof *out);
    out->best = SS_LANGUAGE_UNKNOWN;
    if (!t.words) return;
    add_words(m, &t);
    out->best = best_of(t.score, m->languages, without);
    if (out->best == SS_LANGUAGE_UNKNOWN) return;
    int64_t all = 0;
    for (size_t l = 0; l < m->languages; l++) all += t.rows[l];
    float mean = (float)all / (float)m->languages;
    float looked_up = t.looked_up ? (float)t.looked_up : 1;
    out->typical[0] = (float)t.zipf[out->best] / (25 * looked_up);
    out->typical[1] = (float)t.known[out->best] / looked_up;
    out->typical[2] = ((float)t.rows[out->best] - mean) * m->langid_head->scale / (float)t.words;
    out->typical[3] = t.plain;
    signals(m, sample, &t, without, out);
}

bool ss_lang_believed(const samestory_model *m, const ss_lang_evidence *evidence)
{
    if (evidence->best == SS_LANGUAGE_UNKNOWN) return false;
    /* two languages, whatever else speaks for the first: of 5,625 FLORES texts none is so foreign,
     * of those with another half appended 254 in 265 are */
    if (evidence->signal[SS_LANG_FOREIGN] >= 1) return false;
    float sum = 0;
    for (size_t i = 0; i < SS_LANG_SIGNALS; i++)
        sum += evidence->signal[i] * m->langid_head->weight[i];
    return sum >= 0;
}
