/* Stage lang (see the header). Looks at the first 150 words; cost: one cache line a word. */
#include "text/lang.h"

#include "sketch/features.h"

#include <string.h>

enum { LOOK_AT = 150, LEAST_KNOWN = 2, AHEAD = 8 };

/* What a word counts in a language that does not know it, in Zipf units. */
static const float unknown_zipf = 0.8f;

typedef struct script_count {
    unsigned han, kana, hangul, thai, other;
} script_count;

static script_count count_scripts(const ss_words *words, size_t count)
{
    script_count s = {0};
    for (size_t i = 0; i < count; i++) {
        const ss_word *w = &words->items[i];
        if (w->script == SS_SCRIPT_HAN) s.han += w->form_size;
        else if (w->script == SS_SCRIPT_KANA) s.kana += w->form_size;
        else if (w->script == SS_SCRIPT_HANGUL) s.hangul += w->form_size;
        else if (w->script == SS_SCRIPT_THAI) s.thai += w->form_size;
        else if (w->script != SS_SCRIPT_DIGITS) s.other += w->form_size;
    }
    /* a run that starts with Han can hold Kana: look inside */
    for (size_t i = 0; i < count; i++) {
        const ss_word *w = &words->items[i];
        if (w->script != SS_SCRIPT_HAN) continue;
        for (size_t k = 0; k + 2 < w->form_size; k++)
            if ((unsigned char)w->form[k] == 0xE3 && ((unsigned char)w->form[k + 1] & 0xFC) == 0x80)
                s.kana += 3;
    }
    return s;
}

/* The language that the script alone tells, or NULL. */
static const char *by_script(const script_count *s)
{
    unsigned run = s->han + s->kana;
    if (s->thai > run + s->hangul + s->other) return "th";
    if (s->hangul > run + s->other) return "ko";
    if (run > s->other) return s->kana * 8 > run ? "ja" : "zh";
    return NULL;
}

/* Adds what a word says for each language that knows it, against one that does not. */
static void count_word(const samestory_model *m, uint64_t hash, float *score, unsigned *known)
{
    const uint32_t *end, *entry = ss_model_entries(m, hash, &end);
    for (; entry < end; entry++) {
        unsigned language = *entry >> 8 & 63;
        if (*entry >> 14 != ss_model_print(hash) || language >= m->languages) continue;
        score[language] += (float)(*entry & 255) / 25 - unknown_zipf;
        known[language]++;
    }
}

unsigned ss_language_identify(const samestory_model *model, const ss_words *words)
{
    size_t count = words->count < LOOK_AT ? words->count : LOOK_AT;
    script_count scripts = count_scripts(words, count);
    const char *code = by_script(&scripts);
    if (code) return ss_model_language(model, code, 2);
    uint64_t hash[LOOK_AT];
    size_t spaced = 0;
    for (size_t i = 0; i < count; i++) {
        const ss_word *w = &words->items[i];
        if (w->run || w->script == SS_SCRIPT_DIGITS) continue;
        hash[spaced] = ss_folded_hash(w->folded, w->folded_size);
        __builtin_prefetch(&model->word_first[hash[spaced++] >> (64 - model->word_bits)]);
    }
    float score[SS_LANGUAGES_MAX] = {0};
    unsigned known[SS_LANGUAGES_MAX] = {0};
    for (size_t i = 0; i < spaced; i++) {
        const uint32_t *end;
        if (i + AHEAD < spaced) __builtin_prefetch(ss_model_entries(model, hash[i + AHEAD], &end));
        count_word(model, hash[i], score, known);
    }
    unsigned best = SS_LANGUAGE_UNKNOWN;
    for (unsigned l = 0; l < model->languages; l++)
        if (known[l] >= LEAST_KNOWN &&
            (best == SS_LANGUAGE_UNKNOWN || score[l] > score[best]))
            best = l;
    return best;
}
