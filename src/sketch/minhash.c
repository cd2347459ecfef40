/* Stage minhash (see the header). */
#include "sketch/minhash.h"

#include "base/array.h"
#include "base/hash.h"
#include "sketch/features.h"
#include "sketch/known.h"
#include "text/utf8.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { WORDS = 3, CHARACTERS = 5, SEED_SHINGLE = 5, SEED_BIN = 6 };

static bool add_shingle(ss_shingles *s, uint64_t hash)
{
    if (!ss_reserve(&s->hash, &s->capacity, s->count + 1)) return false;
    s->hash[s->count++] = hash;
    return true;
}

/* The last hashes seen, from which the next shingle is made. */
typedef struct chain {
    uint64_t recent[CHARACTERS];
    size_t length; /* how many are good */
} chain;

/* Adds a hash to the chain, and the shingle of the last n to the set. n is a constant where it is
 * called, so that the hash is that of its length alone. */
static inline bool chain_step(chain *c, uint64_t hash, size_t n, ss_shingles *s)
{
    for (size_t i = 0; i + 1 < CHARACTERS; i++) c->recent[i] = c->recent[i + 1];
    c->recent[CHARACTERS - 1] = hash;
    if (c->length < CHARACTERS) c->length++;
    if (c->length < n) return true;
    const uint64_t *last = c->recent + CHARACTERS - n;
    return add_shingle(s, XXH3_64bits_withSeed(last, n * sizeof hash, SEED_SHINGLE));
}

static bool run_shingles(const ss_word *w, chain *c, ss_shingles *s)
{
    for (size_t at = 0; at < w->form_size;) {
        size_t size = ss_utf8_length((unsigned char)w->form[at]);
        if (size > w->form_size - at) size = w->form_size - at;
        if (!chain_step(c, ss_hash(w->form + at, size, 0), CHARACTERS, s)) return false;
        at += size;
    }
    return true;
}

static uint64_t hash_of(const ss_word *w)
{
    return w->known ? w->known->word_hash : ss_word_hash(w->form, w->form_size);
}

static bool text_shingles(const ss_words *words, ss_shingles *s)
{
    chain c = {{0}, 0};
    bool run = false;
    s->count = 0;
    for (size_t i = 0; i < words->count; i++) {
        const ss_word *w = &words->items[i];
        if (w->run != run) c.length = 0;
        run = w->run;
        if (run ? !run_shingles(w, &c, s) : !chain_step(&c, hash_of(w), WORDS, s)) return false;
    }
    /* texts of one or two words are their own shingle */
    if (!s->count && words->count) {
        uint64_t whole = 0;
        for (size_t i = 0; i < words->count; i++)
            whole = ss_hash(words->items[i].form, words->items[i].form_size, whole);
        return add_shingle(s, whole);
    }
    return true;
}

size_t ss_shingles_of(const ss_words *words, ss_shingles *shingles)
{
    return text_shingles(words, shingles) ? shingles->count : SIZE_MAX;
}

size_t ss_minhash(const ss_words *words, ss_shingles *shingles, uint8_t signature[SS_SIGNATURE])
{
    uint64_t least[SS_SIGNATURE];
    memset(signature, 0, SS_SIGNATURE);
    if (!text_shingles(words, shingles)) return SIZE_MAX;
    if (!shingles->count) return 0;
    memset(least, 255, sizeof least);
    for (size_t i = 0; i < shingles->count; i++) {
        uint64_t h = shingles->hash[i], bin = h >> 57, value = h << 7;
        least[bin] = value < least[bin] ? value : least[bin];
    }
    for (size_t bin = 0; bin < SS_SIGNATURE; bin++) {
        size_t from = bin;
        for (uint64_t try = 1; least[from] == UINT64_MAX; try++)
            from = ss_hash(&try, sizeof try, SEED_BIN + bin) % SS_SIGNATURE;
        /* the bin is hashed in: else two short texts, whose few shingles fill all bins, would meet in
         * all of them at once whenever 8 bits agree */
        signature[bin] = (uint8_t)XXH3_64bits_withSeed(&least[from], sizeof *least, bin);
    }
    return shingles->count;
}

void ss_shingles_free(ss_shingles *shingles)
{
    free(shingles->hash);
    *shingles = (ss_shingles){0};
}

double ss_minhash_jaccard(const uint8_t a[SS_SIGNATURE], const uint8_t b[SS_SIGNATURE])
{
    unsigned equal = 0;
    for (size_t i = 0; i < SS_SIGNATURE; i++) equal += a[i] == b[i];
    double chance = 1.0 / 256, share = (double)equal / SS_SIGNATURE;
    double j = (share - chance) / (1 - chance);
    return j < 0 ? 0 : j;
}
