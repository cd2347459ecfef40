/* Finding evaluation sentences again (see the header). Cost: hardly more than the words and shingles of a
 * text, for nearly every shingle is told apart by one bit: 2 us for a sentence of 15 words. */
#include "train/sentences.h"

#include "base/array.h"

#include <xxhash.h>

enum { EXACT_WORDS = 5, NEAR_WORDS = 8, NEAR_SHINGLES = 6, SEEN_BITS = 25 };

/* ---- One text ----------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* How many words a text has, eight characters of a run counted as three. */
static size_t length_of(const ss_words *words)
{
    size_t spaced = 0, characters = 0;
    for (size_t i = 0; i < words->count; i++) {
        const ss_word *w = &words->items[i];
        spaced += !w->run;
        for (size_t k = 0; w->run && k < w->form_size; k++)
            characters += ((unsigned char)w->form[k] & 0xC0) != 0x80;
    }
    return spaced + characters * 3 / 8;
}

/* The different shingles of a text, ordered, and the hash of all its words; false: memory is out. */
static bool read_text(const ss_normalizer *normalizer, sentence_scratch *s, const char *text,
                      size_t size, uint64_t *whole)
{
    if (ss_words_split(normalizer, text, size, &s->words) ||
        ss_shingles_of(&s->words, &s->shingles) == SIZE_MAX)
        return false;
    s->length = length_of(&s->words);
    *whole = 0;
    for (size_t i = 0; i < s->words.count; i++)
        *whole = XXH3_64bits_withSeed(s->words.items[i].form, s->words.items[i].form_size, *whole);
    if (!s->shingles.count) return true;
    qsort(s->shingles.hash, s->shingles.count, sizeof *s->shingles.hash, by_value);
    size_t kept = 1;
    for (size_t i = 1; i < s->shingles.count; i++)
        if (s->shingles.hash[i] != s->shingles.hash[kept - 1])
            s->shingles.hash[kept++] = s->shingles.hash[i];
    s->shingles.count = kept;
    return true;
}

/* ---- Building ------------------------------------------------------------------------------------------- */

static bool add_sentence(sentence_index *x, const ss_normalizer *normalizer, sentence_scratch *s,
                         const char *text, size_t size, uint32_t document)
{
    uint64_t whole;
    if (!read_text(normalizer, s, text, size, &whole)) return false;
    size_t count = s->shingles.count;
    if (s->length < EXACT_WORDS || ss_lookup_find(&x->exact, whole) != SS_LOOKUP_NONE) return true;
    if (!ss_lookup_add(&x->exact, whole, (uint32_t)x->count) ||
        !ss_reserve(&x->sentence, &x->capacity, x->count + 1) ||
        !ss_reserve(&x->shingle, &x->shingle_capacity, x->shingles + 2 * count))
        return false;
    for (size_t i = 0; i < count && s->length >= NEAR_WORDS; i++) {
        x->shingle[x->shingles++] = s->shingles.hash[i];
        x->shingle[x->shingles++] = x->count;
    }
    x->sentence[x->count++] = (eval_sentence){document, (uint32_t)count, (uint32_t)s->length};
    return true;
}

/* Bytes of the full stop at the start of `text`; 0: none. Latin ones must be followed by a space. */
static size_t full_stop(const char *text, size_t size)
{
    static const char *const wide[] = {"。", "！", "？", "।"};
    if (size > 1 && strchr(".!?", *text) && *text && (text[1] == ' ' || text[1] == '\n')) return 1;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (size >= 3 && !memcmp(text, wide[i], 3)) return 3;
    return 0;
}

samestory_status sentences_add(sentence_index *index, const ss_normalizer *normalizer,
                               sentence_scratch *scratch, const char *text, size_t size,
                               uint32_t document, samestory_error *error)
{
    size_t begin = 0;
    for (size_t at = 0; at <= size; at++) {
        size_t stop = at < size ? full_stop(text + at, size - at) : 0;
        if (at < size && !stop && text[at] != '\n') continue;
        if (!add_sentence(index, normalizer, scratch, text + begin, at + stop - begin, document))
            return ss_fail_memory(error);
        begin = at + (stop ? stop : 1);
        at = begin - 1;
    }
    return SAMESTORY_OK;
}

samestory_status sentences_finish(sentence_index *x, samestory_error *error)
{
    size_t pairs = x->shingles / 2, places = 0;
    x->seen = calloc(((size_t)1 << SEEN_BITS) / 64, sizeof *x->seen);
    for (size_t i = 0; i < pairs; i++) {
        uint64_t hash = x->shingle[2 * i];
        if (!ss_lookup_add(&x->lookup, hash, (uint32_t)places)) return ss_fail_memory(error);
        places = x->lookup.used;
        if (x->seen) x->seen[hash >> (64 - SEEN_BITS + 6)] |= (uint64_t)1 << (hash >> (64 - SEEN_BITS) & 63);
    }
    x->first = calloc(places + 2, sizeof *x->first);
    x->member = malloc(pairs * sizeof *x->member + 1);
    if (!x->seen || !x->first || !x->member) return ss_fail_memory(error);
    for (size_t i = 0; i < pairs; i++) x->first[ss_lookup_find(&x->lookup, x->shingle[2 * i]) + 2]++;
    for (size_t p = 2; p < places + 2; p++) x->first[p] += x->first[p - 1];
    for (size_t i = 0; i < pairs; i++)
        x->member[x->first[ss_lookup_find(&x->lookup, x->shingle[2 * i]) + 1]++] =
            (uint32_t)x->shingle[2 * i + 1];
    free(x->shingle);
    x->shingle = NULL;
    return SAMESTORY_OK;
}

/* ---- Finding ---------------------------------------------------------------------------------------------- */

/* Counts the shingles that each sentence shares with the text: touched[0 .. returned]. */
static size_t count_hits(const sentence_index *x, sentence_scratch *s)
{
    size_t touched = 0;
    for (size_t i = 0; i < s->shingles.count; i++) {
        uint64_t hash = s->shingles.hash[i];
        if (!(x->seen[hash >> (64 - SEEN_BITS + 6)] >> (hash >> (64 - SEEN_BITS) & 63) & 1)) continue;
        uint32_t place = ss_lookup_find(&x->lookup, hash);
        if (place == SS_LOOKUP_NONE) continue;
        for (uint32_t m = x->first[place]; m < x->first[place + 1]; m++) {
            if (!s->hits[x->member[m]]++) s->touched[touched++] = x->member[m];
        }
    }
    return touched;
}

static sentence_match judge(size_t a, size_t b, size_t both, double *near)
{
    size_t least = a < b ? a : b;
    double jaccard = (double)both / (double)(a + b - both), share = (double)both / (double)least;
    if (least < NEAR_SHINGLES) return MATCH_NONE; /* single words between those of another script */
    *near = jaccard;
    if (jaccard >= NEAR_JACCARD) return MATCH_NEAR;
    *near = share;
    return share >= NEAR_SHARE ? MATCH_PART : MATCH_NONE;
}

sentence_match sentences_find(const sentence_index *x, const ss_normalizer *normalizer,
                              sentence_scratch *s, const char *text, size_t size, uint32_t *sentence,
                              double *near)
{
    uint64_t whole;
    if (s->room < x->count + 1) {
        free(s->hits);
        free(s->touched);
        s->hits = calloc(x->count + 1, sizeof *s->hits);
        s->touched = malloc((x->count + 1) * sizeof *s->touched);
        s->room = s->hits && s->touched ? x->count + 1 : 0;
    }
    if (!s->room || !read_text(normalizer, s, text, size, &whole)) return MATCH_FAILED;
    if (s->length < EXACT_WORDS) return MATCH_NONE;
    *near = 1;
    *sentence = ss_lookup_find(&x->exact, whole);
    if (*sentence != SS_LOOKUP_NONE) return MATCH_EXACT;
    sentence_match best = MATCH_NONE;
    size_t touched = s->length < NEAR_WORDS ? 0 : count_hits(x, s);
    for (size_t i = 0; i < touched; i++) {
        uint32_t other = s->touched[i];
        double value = 0;
        sentence_match match =
            judge(s->shingles.count, x->sentence[other].shingles, s->hits[other], &value);
        s->hits[other] = 0;
        if (!match || (best && (match > best || (match == best && value <= *near)))) continue;
        best = match;
        *near = value;
        *sentence = other;
    }
    return best;
}

void sentence_scratch_free(sentence_scratch *scratch)
{
    ss_words_free(&scratch->words);
    ss_shingles_free(&scratch->shingles);
    free(scratch->hits);
    free(scratch->touched);
    *scratch = (sentence_scratch){0};
}

void sentences_free(sentence_index *index)
{
    free(index->sentence);
    free(index->shingle);
    ss_lookup_free(&index->exact);
    ss_lookup_free(&index->lookup);
    free(index->first);
    free(index->member);
    free(index->seen);
    *index = (sentence_index){0};
}
