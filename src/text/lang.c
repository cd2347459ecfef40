/* Stage lang (see the header): the words looked at, what the script tells, and whom to ask. */
#include "text/lang.h"

#include "sketch/features.h"
#include "text/langid.h"

#include <string.h>

enum { LEAST_KNOWN = 2, LEAST_RUN = 24 /* two syllables of Korean, four letters of Thai */ };

void ss_lang_sample(const ss_words *words, ss_lang_words *out)
{
    enum { OPENING = SS_LANG_WORDS / 2, STRETCHES = (SS_LANG_WORDS - OPENING) / SS_LANG_BLOCK };
    size_t count = words->count;
    out->count = out->opening = count < SS_LANG_WORDS ? count : SS_LANG_WORDS;
    out->rest = 1;
    for (size_t i = 0; i < out->count; i++) out->word[i] = &words->items[i];
    if (count <= SS_LANG_WORDS) return;
    size_t rest = count - OPENING;
    out->opening = OPENING;
    out->rest = (float)rest / (SS_LANG_WORDS - OPENING);
    for (size_t s = 0; s < STRETCHES; s++) {
        size_t start = OPENING + s * (rest - SS_LANG_BLOCK) / (STRETCHES - 1);
        for (size_t i = 0; i < SS_LANG_BLOCK; i++)
            out->word[OPENING + s * SS_LANG_BLOCK + i] = &words->items[start + i];
    }
}

/* Letters in each script that decides alone, and in all others (see length_of). */
typedef struct script_count {
    unsigned han, kana, hangul, thai, foreign, other;
} script_count;

/* A run that starts with Han can hold Kana: looks inside. */
static unsigned kana_inside(const ss_word *w)
{
    unsigned kana = 0;
    for (size_t k = 0; k + 2 < w->form_size; k++)
        if ((unsigned char)w->form[k] == 0xE3 && ((unsigned char)w->form[k + 1] & 0xFC) == 0x80)
            kana += 3;
    return kana;
}

/* Thai shares its kind of run with Lao, Khmer and Burmese, which no model knows. */
static bool is_thai(const ss_word *w)
{
    return w->form_size > 2 && (unsigned char)w->form[0] == 0xE0 &&
           ((unsigned char)w->form[1] == 0xB8 || (unsigned char)w->form[1] == 0xB9);
}

/* About how much a word's bytes tell, in sixths of a Latin letter: half of a text in Thai and half
 * in English shall be halves here. */
static unsigned length_of(const ss_word *w)
{
    switch (w->script) {
    case SS_SCRIPT_HAN: return w->form_size * 6u; /* three bytes, as much as three letters */
    case SS_SCRIPT_KANA:
    case SS_SCRIPT_HANGUL: return w->form_size * 4u; /* three bytes, as much as two letters */
    case SS_SCRIPT_CYRILLIC:
    case SS_SCRIPT_GREEK:
    case SS_SCRIPT_ARABIC:
    case SS_SCRIPT_HEBREW: return w->form_size * 3u;
    case SS_SCRIPT_INDIC:
    case SS_SCRIPT_THAI: return w->form_size * 2u;
    case SS_SCRIPT_DIGITS: return 0;
    default: return w->form_size * 6u;
    }
}

/* Runs are long and few: they are counted among more words than the rest looks at. */
static script_count count_scripts(const ss_words *words)
{
    enum { COUNTED = 1000 };
    script_count s = {0};
    for (size_t i = 0; i < words->count; i += 1 + words->count / COUNTED) {
        const ss_word *w = &words->items[i];
        unsigned length = length_of(w), kana = 0;
        switch (w->script) {
        case SS_SCRIPT_HAN:
            kana = kana_inside(w) * 6;
            s.kana += kana;
            s.han += kana < length ? length - kana : 0;
            break;
        case SS_SCRIPT_KANA: s.kana += length; break;
        case SS_SCRIPT_HANGUL: s.hangul += length; break;
        case SS_SCRIPT_THAI: *(is_thai(w) ? &s.thai : &s.foreign) += length; break;
        default: s.other += length; break;
        }
    }
    return s;
}

/* The language that the script alone tells: its letters are three fifths of all, so that a text
 * half in one and half in another script is nobody's. *alone: the script decides, if only that
 * nothing fits. */
static const char *by_script(const script_count *s, bool *alone)
{
    unsigned run = s->han + s->kana;
    unsigned all = run + s->hangul + s->thai + s->foreign + s->other;
    unsigned most = all - all / 5 * 2;
    *alone = s->other < most;
    if (s->thai >= most && s->thai >= LEAST_RUN) return "th";
    if (s->hangul >= most && s->hangul >= LEAST_RUN) return "ko";
    if (run >= most && run >= LEAST_RUN) return s->kana * 8 > run ? "ja" : "zh";
    return NULL;
}

/* ---- Models without LANGID ------------------------------------------------------------------- */

static unsigned by_frequency(const samestory_model *model, const ss_lang_words *sample)
{
    int32_t score[SS_LANGUAGES_MAX] = {0}, zipf[SS_LANGUAGES_MAX] = {0},
            known[SS_LANGUAGES_MAX] = {0};
    for (size_t i = 0; i < sample->count; i++) {
        const ss_word *w = sample->word[i];
        if (w->run || w->script == SS_SCRIPT_DIGITS) continue;
        ss_lang_count(model, ss_folded_hash(w->folded, w->folded_size), score, zipf, known);
    }
    unsigned best = SS_LANGUAGE_UNKNOWN;
    for (unsigned l = 0; l < model->languages; l++)
        if (known[l] >= LEAST_KNOWN && (best == SS_LANGUAGE_UNKNOWN || score[l] > score[best]))
            best = l;
    return best;
}

unsigned ss_language_identify(const samestory_model *model, const ss_words *words)
{
    script_count scripts = count_scripts(words);
    bool alone;
    const char *code = by_script(&scripts, &alone);
    if (code) return ss_model_language(model, code, 2);
    if (alone) return SS_LANGUAGE_UNKNOWN;
    ss_lang_words sample;
    ss_lang_evidence evidence;
    ss_lang_sample(words, &sample);
    if (!model->langid) return by_frequency(model, &sample);
    ss_lang_weigh(model, &sample, 0, &evidence);
    return ss_lang_believed(model, &evidence) ? evidence.best : SS_LANGUAGE_UNKNOWN;
}

void ss_lang_measure(const samestory_model *model, const ss_words *words, uint64_t without,
                     ss_lang_evidence *out)
{
    ss_lang_words sample;
    ss_lang_sample(words, &sample);
    ss_lang_weigh(model, &sample, without, out);
}
