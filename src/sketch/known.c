/* Stage normalize, with a memory (see the header). Comes in: a text. Goes out: its words, those met
 * lately without another look at their letters.
 *
 * A word has eight places where it may stand, its set, in an order: who is met goes half the way to
 * the front, and who is new comes into the middle and pushes out the last, so that words that come
 * once push out each other only. */
#include "sketch/known.h"

#include "base/array.h"
#include "base/large.h"
#include "sketch/features.h"

#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    WAYS = 8,
    WORD_MAX = 40, /* bytes; longer words are rare, and no two are the same */
    LINE = 64,     /* of the cache */
    BATCH = 64,    /* words that are looked up together, for memory to answer */
    NEW_MAX = 128
};

_Static_assert(sizeof(ss_known) == 4 * LINE, "four cache lines");

typedef struct set { /* half a cache line */
    uint16_t tag[WAYS]; /* of each word's hash, in the set's order */
    uint16_t at[WAYS];  /* its place */
} set;

_Static_assert(sizeof(set) == LINE / 2, "sets are aligned");

struct ss_known_words {
    const samestory_model *model;
    const ss_normalizer *normalizer;
    uint32_t text; /* number of the text that is worked on; from 1 on */
    size_t sets, dimension, stride;
    ss_known *word; /* one piece of memory, with what they point to and the sets */
    set *set;
    ss_known *fresh[NEW_MAX]; /* new words of the text, the first ones */
    size_t new_count;
};

ss_known_words *ss_known_words_new(const samestory_model *model, size_t places)
{
    size_t sets = 1;
    while (sets * WAYS < places && sets * WAYS <= UINT16_MAX) sets *= 2;
    ss_known_words *k = calloc(1, sizeof *k);
    if (!k) return NULL;
    places = sets * WAYS;
    k->model = model;
    k->normalizer = model->normalizer;
    k->sets = sets;
    k->dimension = model->dimension;
    k->stride = model->langid_stride;
    size_t vector = k->dimension + k->dimension / 4; /* and its low bits */
    size_t letters = (k->stride + LINE / 2 - 1) / (LINE / 2) * (LINE / 2);
    size_t words_size = places * sizeof *k->word, sums = places * (vector + letters);
    k->word = ss_large_new(words_size + sums * sizeof(int16_t) + sets * sizeof *k->set);
    if (!k->word) {
        free(k);
        return NULL;
    }
    int16_t *at = (int16_t *)(void *)((char *)k->word + words_size);
    k->set = (set *)(void *)(at + sums);
    memset(k->word, 0, words_size);
    memset(k->set, 0, sets * sizeof *k->set);
    for (size_t i = 0; i < places; i++) {
        k->set[i / WAYS].at[i % WAYS] = (uint16_t)i;
        k->word[i].vector = at + i * vector;
        k->word[i].letters = at + places * vector + i * letters;
    }
    return k;
}

void ss_known_words_free(ss_known_words *k)
{
    if (!k) return;
    free(k->word);
    free(k);
}

/* ---- Finding ----------------------------------------------------------------------------------
 */

/* Bytes n * 8 .. of a word of `size` bytes, zeros after its end; eight bytes are read there. */
static inline uint64_t eight(const char *bytes, size_t size, size_t n)
{
    uint64_t x;
    size_t left = size - 8 * n;
    memcpy(&x, bytes + 8 * n, sizeof x);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return left < 8 ? x & ~(~UINT64_C(0) >> 8 * left) : x;
#else
    size_t beyond = (8 - left) & (0 - (size_t)(left < 8)); /* no branch: lengths are hard to guess */
    return x & ~UINT64_C(0) >> 8 * beyond;
#endif
}

/* A hash for this memory alone: which words push out which is of no consequence. */
static inline uint64_t hash_of(const char *bytes, size_t size, uint64_t first)
{
    uint64_t h = (size * UINT64_C(0x9E3779B97F4A7C15) ^ first) * UINT64_C(0xBF58476D1CE4E5B9);
    h ^= h >> 29;
    for (size_t n = 1; 8 * n < size; n++) {
        h = (h ^ eight(bytes, size, n)) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 29;
    }
    h *= UINT64_C(0x94D049BB133111EB);
    return h ^ h >> 32;
}

/* first: the first eight of `bytes`. */
static inline bool is_word(const ss_known *k, uint64_t hash, const char *bytes, size_t size,
                           uint64_t first)
{
    if (k->hash != hash || k->size != size || eight(k->bytes, size, 0) != first) return false;
    for (size_t n = 1; 8 * n < size; n++)
        if (eight(k->bytes, size, n) != eight(bytes, size, n)) return false;
    return true;
}

static inline uint16_t tag_of(uint64_t hash)
{
    return (uint16_t)(hash >> 48);
}

static inline void swap(set *s, size_t a, size_t b)
{
    uint16_t tag = s->tag[a], at = s->at[a];
    s->tag[a] = s->tag[b], s->at[a] = s->at[b];
    s->tag[b] = tag, s->at[b] = at;
}

#if defined(__SSE2__)

/* Where in the set's order one of these numbers is first; WAYS: nowhere. */
static inline size_t position_of(const uint16_t number[WAYS], uint16_t x)
{
    __m128i all = _mm_load_si128((const __m128i *)(const void *)number);
    unsigned equal = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi16(all, _mm_set1_epi16((short)x)));
    return (unsigned)__builtin_ctz(equal | 1u << 2 * WAYS) / 2;
}

#else

/* The first of four numbers, from the lowest bits of `four` on, that equals x; 4: none. */
static inline size_t first_equal(uint64_t four, uint16_t x)
{
    const uint64_t ones = UINT64_C(0x0001000100010001);
    uint64_t differs = four ^ ones * x, zeros = (differs - ones) & ~differs & ones << 15;
    return zeros ? (size_t)__builtin_ctzll(zeros) / 16 : 4;
}

static inline size_t position_of(const uint16_t number[WAYS], uint16_t x)
{
    uint64_t low = 0, high = 0; /* filled number by number, so that no order of bytes matters */
    for (size_t i = 0; i < 4; i++) {
        low |= (uint64_t)number[i] << 16 * i;
        high |= (uint64_t)number[4 + i] << 16 * i;
    }
    size_t at = first_equal(low, x);
    return at < 4 ? at : 4 + first_equal(high, x);
}

#endif

static inline set *set_of(const ss_known_words *k, uint64_t hash)
{
    return &k->set[hash & (k->sets - 1)];
}

/* The word, or NULL. Of two words in a set with one tag, the second is found by looking at each. */
static ss_known *find(const ss_known_words *k, const set *s, uint64_t hash, const char *bytes,
                      size_t size, uint64_t first)
{
    for (size_t i = position_of(s->tag, tag_of(hash)); i < WAYS; i++) {
        ss_known *w = &k->word[s->at[i]];
        if (s->tag[i] == tag_of(hash) && is_word(w, hash, bytes, size, first)) return w;
    }
    return NULL;
}

/* Moves a word half the way to the front of its set. */
static void move_up(const ss_known_words *k, set *s, const ss_known *w)
{
    size_t i = position_of(s->at, (uint16_t)(w - k->word)) % WAYS; /* it is there */
    swap(s, i, i / 2);
}

/* ---- Keeping ----------------------------------------------------------------------------------
 */

/* Where `bytes` stand in the first `used` bytes of a word's memory, or at its end: forms are often
 * the same. NULL: no room. */
static const char *keep_bytes(ss_known *w, size_t *used, const char *bytes, size_t size)
{
    if (size <= *used && !memcmp(w->bytes, bytes, size)) return w->bytes;
    if (size > SS_KNOWN_BYTES - *used) return NULL;
    char *at = memcpy(w->bytes + *used, bytes, size);
    *used += size;
    return at;
}

/* Gives the word the last place of its set that no word of this text has, and moves it to the
 * middle of the order; NULL: it gets none. */
static ss_known *keep(ss_known_words *k, set *s, uint64_t hash, const char *bytes,
                      const ss_word *word)
{
    size_t i = WAYS, size = word->end - word->start, used = (size + 7) / 8 * 8;
    while (i > 0 && k->word[s->at[i - 1]].text == k->text) i--;
    if (!i--) return NULL;
    ss_known *w = &k->word[s->at[i]];
    w->size = 0;
    memset(w->bytes, 0, used);
    memcpy(w->bytes, bytes, size);
    w->word = *word;
    w->word.known = w;
    const char *form = keep_bytes(w, &used, word->form, word->form_size);
    w->word.form = form;
    w->word.folded =
        !form ? NULL
        : word->folded_size == word->form_size && !memcmp(word->folded, word->form, word->form_size)
            ? form
            : keep_bytes(w, &used, word->folded, word->folded_size);
    if (!w->word.folded) return NULL;
    w->hash = hash;
    w->size = (uint8_t)size;
    w->word_hash = ss_word_hash(word->form, word->form_size);
    w->folded_hash = ss_folded_hash(word->folded, word->folded_size);
    w->has = w->told = 0;
    for (; i > WAYS / 2; i--) swap(s, i, i - 1);
    s->tag[i] = tag_of(hash);
    return w;
}

/* ---- Frequencies ------------------------------------------------------------------------------
 */

void ss_known_frequencies(const samestory_model *m, ss_known *known)
{
    const uint32_t *end, *entry = ss_model_entries(m, known->folded_hash, &end);
    uint32_t print = ss_model_print(known->folded_hash);
    uint8_t steps[SS_LANGUAGES_MAX] = {0};
    size_t count = 0;
    bool dense = true; /* no language twice, and none with 0, which stands for unknown */
    for (; entry < end; entry++) {
        unsigned language = *entry >> 8 & 63;
        if (*entry >> 14 != print || language >= m->languages) continue;
        if (count < SS_KNOWN_LANGUAGES)
            known->frequency[count] = (uint16_t)(language << 8 | (*entry & 255));
        dense = dense && !steps[language] && *entry & 255;
        steps[language] = (uint8_t)(*entry & 255);
        count++;
    }
    known->frequencies = (uint8_t)(count < UINT8_MAX ? count : UINT8_MAX);
    known->has |= SS_KNOWS_FREQUENCIES;
    if (count <= SS_KNOWN_LANGUAGES) return;
    memcpy(known->frequency, steps, sizeof steps);
    known->has ^= dense ? 0 : SS_KNOWS_FREQUENCIES | SS_KNOWS_NO_FREQUENCIES;
}

_Static_assert(sizeof((ss_known *)0)->frequency == SS_LANGUAGES_MAX, "room for a table");

static void note_new(ss_known_words *k, ss_known *w)
{
    if (k->new_count == NEW_MAX) return;
    __builtin_prefetch(k->model->word_first + (w->folded_hash >> (64 - k->model->word_bits)));
    k->fresh[k->new_count++] = w;
}

/* All of them at once, because one after the other would wait for each. */
static void look_up_new(ss_known_words *k)
{
    const uint32_t *end;
    for (size_t i = 0; i < k->new_count; i++)
        __builtin_prefetch(ss_model_entries(k->model, k->fresh[i]->folded_hash, &end));
    for (size_t i = 0; i < k->new_count; i++)
        if (!(k->fresh[i]->has & (SS_KNOWS_FREQUENCIES | SS_KNOWS_NO_FREQUENCIES)))
            ss_known_frequencies(k->model, k->fresh[i]);
    k->new_count = 0;
}

/* ---- A text ------------------------------------------------------------------------------------
 */

/* A word on its way. All words of a batch are cut, and their sets asked for; then their places are
 * asked for; then they are added. */
typedef struct pending {
    ss_cut cut;
    uint64_t hash, first; /* of the bytes, and the first eight; hash 0: no word that is kept */
    ss_known *guess;      /* where its tag stands, or NULL */
} pending;

/* Adds a word that is known; there is room for it. */
static inline void add_known(ss_known_words *k, ss_known *w, const ss_cut *cut, ss_words *words)
{
    ss_word *word = &words->items[words->count++];
    *word = w->word;
    word->start = (uint32_t)cut->start;
    word->end = (uint32_t)cut->end;
    if (w->text == k->text) {
        w->times++;
        return;
    }
    move_up(k, set_of(k, w->hash), w);
    w->text = k->text;
    w->first = (uint32_t)words->count - 1;
    w->times = 1;
    if (!(w->has & SS_KNOWS_VECTOR)) note_new(k, w);
}

static inline void ask_for_set(const ss_known_words *k, const char *text, pending *p)
{
    size_t size = p->cut.end - p->cut.start;
    p->hash = 0;
    if (p->cut.run || size > WORD_MAX) return;
    p->first = eight(text + p->cut.start, size, 0);
    p->hash = hash_of(text + p->cut.start, size, p->first);
    __builtin_prefetch(set_of(k, p->hash));
}

static inline void ask_for_place(const ss_known_words *k, pending *p)
{
    p->guess = NULL;
    if (!p->hash) return;
    const set *s = set_of(k, p->hash);
    size_t i = position_of(s->tag, tag_of(p->hash));
    if (i == WAYS) return;
    p->guess = &k->word[s->at[i]];
    __builtin_prefetch(p->guess);
    __builtin_prefetch((const char *)p->guess + LINE);
}

/* Adds a word that is not where it was thought to be. */
static samestory_status add_other(ss_known_words *k, const char *text, const pending *p,
                                  ss_words *words)
{
    const ss_cut *cut = &p->cut;
    const char *bytes = text + cut->start;
    size_t size = cut->end - cut->start, count = words->count, used = words->bytes_used;
    set *s = set_of(k, p->hash);
    ss_known *w = p->hash ? find(k, s, p->hash, bytes, size, p->first) : NULL;
    if (!w) {
        samestory_status status = ss_words_add(k->normalizer, text, cut, words);
        if (status || !p->hash || words->count == count) return status;
        w = keep(k, s, p->hash, bytes, &words->items[count]);
        if (!w) return SAMESTORY_OK;
        words->count = count;
        words->bytes_used = used;
    }
    add_known(k, w, cut, words);
    return SAMESTORY_OK;
}

static samestory_status add_all(ss_known_words *k, const char *text, const pending *p, size_t count,
                                ss_words *words)
{
    samestory_status status = SAMESTORY_OK;
    if (!ss_reserve(&words->items, &words->capacity, words->count + count))
        return SAMESTORY_NO_MEMORY;
    for (const pending *end = p + count; p < end && !status; p++) {
        size_t size = p->cut.end - p->cut.start;
        if (p->guess && is_word(p->guess, p->hash, text + p->cut.start, size, p->first))
            add_known(k, p->guess, &p->cut, words);
        else
            status = add_other(k, text, p, words);
    }
    return status;
}

samestory_status ss_words_recall(ss_known_words *k, const char *text, size_t size, ss_words *words)
{
    pending batch[BATCH];
    samestory_status status = SAMESTORY_OK;
    size_t at = 0;
    bool more = true;
    words->count = 0;
    words->bytes_used = 0;
    k->text++;
    if (size > SS_TEXT_BYTES_MAX) size = SS_TEXT_BYTES_MAX;
    while (more && !status) {
        size_t count = 0;
        while (count < BATCH &&
               (more = ss_cut_next(k->normalizer, text, size, at, &batch[count].cut))) {
            at = batch[count].cut.end;
            ask_for_set(k, text, &batch[count++]);
        }
        for (size_t i = 0; i < count; i++) ask_for_place(k, &batch[i]);
        status = add_all(k, text, batch, count, words);
    }
    look_up_new(k);
    return status;
}
