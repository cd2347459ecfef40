/* Stage anchors. Comes in: a document's text and words. Goes out: its anchors, strongest kept.
 *
 * The finders (links.c, dates.c, numbers.c, names.c, runs.c) offer candidates to a table in the
 * scratch memory; then the strongest of each type are chosen and their texts written to the pool. A
 * word is a name when it is common in no language: what a language's own words are, the model's
 * background frequencies say (German gives every noun a capital, so capitals can't). Cost: see
 * bench/run, stage "anchors"; no allocation once the scratch has grown. */
#include "sketch/anchors.h"

#include "base/array.h"
#include "base/large.h"
#include "sketch/finder.h"
#include "sketch/known.h"
#include "text/utf8.h"

#include <math.h>
#include <string.h>
#include <unicode/uchar.h>
#include <xxhash.h>

enum {
    FOUND_MAX = 4096, /* candidates of one document; later ones are passed over */
    SLOTS = 2 * FOUND_MAX,
    TEXT_MAX = 64 * 1024,
    CACHE = 32768,    /* Zipf frequencies kept from document to document */
    FILTER_BITS = 20, /* lexicon hashes, one bit each */
    INDEX_BITS = 16,  /* of a lexicon hash, by which its first entry is found */
    PHRASE_WORDS = 3, /* of an entry, at most */
    LEAD_WORDS = 60,
    TEXT_SIZE_MAX = 63,
    AGENCIES_MAX = 64,
    AGENCY_BITS = 12
};

typedef struct found {
    uint32_t key, text;
    float weight;
    uint16_t count;
    uint16_t slot; /* where it stands */
    uint8_t type, flags, text_size;
    bool kept;
    ss_place place;
} found;

typedef struct cached_zipf {
    uint64_t hash; /* 0: empty */
    float zipf;
    uint32_t language;
} cached_zipf;

/* What the lexicon has of the words that begin with one. */
typedef struct listing {
    const ss_lexicon_entry
        *entry[PHRASE_WORDS]; /* of the first, the first two, .. words; or NULL */
    bool apostrophe;          /* after the first word: В'єтнам */
} listing;

struct ss_anchor_scratch {
    const samestory_model *model; /* what `filter`, `cache` and `words_known` were made for */
    uint64_t stamp;
    uint64_t words_known;  /* bit l: the model has frequencies of language l */
    unsigned english;      /* its index */
    bool tells_beginnings; /* the lexicon has entries of kind SS_LEX_BEGINNING */
    uint64_t filter[(1u << FILTER_BITS) / 64];
    uint32_t first[(1u << INDEX_BITS) + 1]; /* lexicon entries whose hashes begin with less */
    /* of each language met, and of unknown ones */
    ss_common_filter *common[SS_LANGUAGES_MAX + 1];
    ss_lexicon_filter *lexicon[SS_LANGUAGES_MAX + 1];
    ss_marks marks;
    uint64_t agency[AGENCIES_MAX];
    size_t agencies;
    uint64_t agency_filter[(1u << AGENCY_BITS) / 64]; /* a bit for the lowest of each hash */
    cached_zipf cache[CACHE];
    found found[FOUND_MAX];
    size_t found_count;
    uint16_t slot[SLOTS]; /* index + 1 into found */
    char text[TEXT_MAX];
    size_t text_used;
    uint64_t *hash; /* of each word */
    uint8_t *used, *quiet;
    uint16_t
        *listed; /* of each word: bit k: the lexicon has an entry of kind k that begins with it */
    uint32_t *phrase_of; /* and where it stands, if it has a bit */
    listing *phrase;
    size_t phrases, hash_capacity, used_capacity, quiet_capacity, listed_capacity,
        phrase_of_capacity, phrase_capacity;
};

ss_anchor_scratch *ss_anchor_scratch_new(void)
{
    ss_anchor_scratch *s = ss_large_new(sizeof *s);
    if (!s) return NULL;
    memset(s, 0, sizeof *s);
    ss_mark_days(&s->marks);
    ss_mark_amounts(&s->marks);
    ss_mark_syllables(&s->marks);
    ss_mark_han_names(&s->marks);
    ss_mark_kanji_names(&s->marks);
    ss_index_thai_words(&s->marks);
    return s;
}

static void forget_filters(ss_anchor_scratch *s)
{
    for (size_t l = 0; l <= SS_LANGUAGES_MAX; l++) {
        free(s->common[l]);
        free(s->lexicon[l]);
        s->common[l] = NULL;
        s->lexicon[l] = NULL;
    }
}

void ss_anchor_scratch_free(ss_anchor_scratch *scratch)
{
    if (!scratch) return;
    free(scratch->hash);
    free(scratch->used);
    free(scratch->quiet);
    free(scratch->listed);
    free(scratch->phrase_of);
    forget_filters(scratch);
    free(scratch->phrase);
    free(scratch);
}

const char *ss_anchor_type_name(unsigned type)
{
    static const char *const names[SS_ANCHOR_TYPES] = {"name",   "pair", "skeleton",
                                                       "number", "date", "link"};
    return type < SS_ANCHOR_TYPES ? names[type] : "unknown";
}

/* ---- Languages ------------------------------------------------------------------------------- */

/* Habits by language; from CLDR's number and date patterns, and from newspapers. */
static unsigned traits_of(const char *code)
{
    static const struct {
        const char *codes;
        unsigned trait;
    } rows[] = {
        {"de nl fr es it pt ru uk bg mk be pl cs sk sl hr sr sh bs hu ro sv nb nn no da fi is et "
         "lv lt "
         "tr az id vi el ca gl eu ka hy kk sq af",
         SS_COMMA_DECIMAL},
        {"fr ru uk be bg mk pl cs sk sl hu sv nb nn no da fi is et lv lt es pt ca hy ka kk sr sh "
         "hr af de",
         SS_SPACE_GROUPS},
        {"de lb", SS_NOUN_CAPITALS},
        {"vi es pt it fr id ms th el ca gl ro he ar fil tl hi bn ta fa ur", SS_DAY_SLASH},
        {"de cs sk pl ru uk be bg mk sl hr sr sh bs fi et lv nb nn no da is tr ro hu az kk",
         SS_DAY_DOT},
        {"en hu lt fil tl eu mn", SS_MONTH_FIRST},
        {"pl cs sk sl hr sr sh bs lt lv et hu fi tr az ro is mt eu", SS_LETTERED_ENDS},
        {"de nl sv nb nn no da fi is et hu af", SS_WRITES_COMPOUNDS},
        {"vi", SS_SYLLABLES},
        {"en fr es it pt nl ca gl vi id ms fil tl th ja zh ko", SS_NO_ENDINGS},
    };
    unsigned traits = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = rows[i].codes;
        size_t size = strlen(code);
        while (size && (at = strstr(at, code)) != NULL) {
            if ((at == rows[i].codes || at[-1] == ' ') && (at[size] == ' ' || !at[size])) {
                traits |= rows[i].trait;
                break;
            }
            at++;
        }
    }
    return traits;
}

/* list: words with a space between two. */
static bool among(const char *list, const char *word, size_t size)
{
    enum { LONGEST = 32 }; /* of the words of all lists */
    char what[LONGEST + 1];
    if (!size || size > LONGEST) return false;
    memcpy(what, word, size);
    what[size] = 0;
    for (const char *at = list; (at = strstr(at, what)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (at[size] == ' ' || !at[size])) return true;
    return false;
}

bool ss_language_among(const ss_finder *f, const char *codes)
{
    return !f->code[0] || among(codes, f->code, strlen(f->code));
}

bool ss_word_among(const ss_finder *f, size_t i, const char *list)
{
    return i < f->words->count &&
           among(list, f->words->items[i].folded, f->words->items[i].folded_size);
}

/* ---- The text -------------------------------------------------------------------------------- */

static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x202F || c == 0x2009 || c == 0x3000;
}

ss_gap ss_gap_before(const ss_finder *f, size_t i)
{
    if (i == 0) return SS_GAP_OTHER;
    size_t at = f->words->items[i - 1].end, end = f->words->items[i].start;
    if (at == end) return SS_GAP_NONE;
    uint32_t c = ss_utf8_next(f->text, end, &at);
    if (at != end) return SS_GAP_OTHER;
    if (is_space(c)) return SS_GAP_SPACE;
    if (c == '-' || c == 0x2010 || c == 0x2011) return SS_GAP_HYPHEN;
    if (c == '\'' || c == 0x2019 || c == 0x02BC) return SS_GAP_APOSTROPHE;
    return SS_GAP_OTHER;
}

bool ss_sentence_start(const ss_finder *f, size_t i)
{
    size_t at = i ? f->words->items[i - 1].end : 0, end = f->words->items[i].start;
    if (i == 0) return true;
    while (at < end) {
        uint32_t c = ss_utf8_next(f->text, end, &at);
        if (c == '.' || c == '!' || c == '?' || c == ':' || c == '\n' || c == '\r' || c == '"' ||
            c == 0xAB || c == 0xBB || (c >= 0x2013 && c <= 0x203A && c != 0x2019) || c == 0x3002)
            return true;
    }
    return false;
}

void ss_skip_spaces(const ss_finder *f, size_t *at)
{
    while (*at < f->size) {
        size_t next = *at;
        if (!is_space(ss_utf8_next(f->text, f->size, &next))) return;
        *at = next;
    }
}

int ss_digit_at(const ss_finder *f, size_t *at)
{
    if (*at >= f->size) return -1;
    unsigned char c = (unsigned char)f->text[*at];
    if (c < 0x80) {
        if (c < '0' || c > '9') return -1;
        ++*at;
        return c - '0';
    }
    size_t next = *at;
    uint32_t point = ss_utf8_next(f->text, f->size, &next);
    if (point == SS_BAD_POINT || !u_isdigit((UChar32)point)) return -1;
    *at = next;
    return u_charDigitValue((UChar32)point);
}

bool ss_starts_with_digit(const ss_finder *f, size_t i)
{
    size_t at = f->words->items[i].start;
    return f->words->items[i].digits && ss_digit_at(f, &at) >= 0;
}

size_t ss_word_at(const ss_finder *f, size_t i, size_t at)
{
    while (i < f->words->count && f->words->items[i].start < at) i++;
    return i;
}

size_t ss_word_beginning(const ss_finder *f, size_t i, size_t at)
{
    i = ss_word_at(f, i, at);
    return i < f->words->count && f->words->items[i].start == at ? i : f->words->count;
}

/* ---- The model ------------------------------------------------------------------------------- */

static inline void set_bit(uint64_t *bits, uint32_t bit)
{
    bits[bit >> 6] |= (uint64_t)1 << (bit & 63);
}

static inline bool has_bit(const uint64_t *bits, uint32_t bit)
{
    return bits[bit >> 6] >> (bit & 63) & 1;
}

static inline uint32_t agency_bit(uint64_t hash)
{
    return (uint32_t)hash & ((1u << AGENCY_BITS) - 1);
}

/* Agencies stand in every report of theirs, and in the reports of others on anything. */
static void list_agencies(ss_anchor_scratch *s)
{
    static const char agencies[] = "reuters afp dpa anp belga apa sda ttxvn vnexpress xinhua kyodo "
                                   "jiji tass tacc interfax ansa "
                                   "efe lusa ritzau ntb stt pap ctk tasr mti agerpres bta hina "
                                   "tanjug bernama antara pti yonhap "
                                   "upi bloomberg anadolu рейтер интерфакс тасс ап афп رويترز";
    s->agencies = 0;
    memset(s->agency_filter, 0, sizeof s->agency_filter);
    for (const char *at = agencies; *at && s->agencies < AGENCIES_MAX;) {
        size_t size = strcspn(at, " ");
        uint64_t hash = ss_folded_hash(at, size);
        s->agency[s->agencies++] = hash;
        set_bit(s->agency_filter, agency_bit(hash));
        at += size + (at[size] == ' ');
    }
}

bool ss_is_agency(const ss_finder *f, size_t i)
{
    const ss_anchor_scratch *s = f->scratch;
    if (!has_bit(s->agency_filter, agency_bit(f->hash[i]))) return false;
    for (size_t k = 0; k < s->agencies; k++)
        if (s->agency[k] == f->hash[i]) return true;
    return false;
}

/* Makes ready what is asked of a model for every word: a filter of the lexicon, the languages whose
 * words it knows. Once for each model. */
static void adopt_model(ss_anchor_scratch *s, const samestory_model *model)
{
    if (s->model == model && s->stamp == model->stamp) return;
    s->model = model;
    s->stamp = model->stamp;
    memset(s->filter, 0, sizeof s->filter);
    memset(s->cache, 0, sizeof s->cache);
    forget_filters(s);
    for (uint32_t i = 0; i < model->lexicon_size; i++) {
        uint32_t bit = (uint32_t)(model->lexicon[i].hash >> (64 - FILTER_BITS));
        s->filter[bit >> 6] |= (uint64_t)1 << (bit & 63);
    }
    for (uint32_t bucket = 0, i = 0; bucket <= 1u << INDEX_BITS; bucket++) {
        while (i < model->lexicon_size && model->lexicon[i].hash >> (64 - INDEX_BITS) < bucket) i++;
        s->first[bucket] = i;
    }
    list_agencies(s);
    s->tells_beginnings = false;
    for (uint32_t i = 0; i < model->lexicon_size && !s->tells_beginnings; i++)
        s->tells_beginnings = model->lexicon[i].kind == SS_LEX_BEGINNING;
    s->english = ss_model_language(model, "en", 2);
    s->words_known = 0;
    for (uint32_t i = 0; i < model->word_entries; i++)
        s->words_known |= (uint64_t)1 << (model->word_entry[i] >> 8 & 63);
}

float ss_finder_zipf(const ss_finder *f, uint64_t folded_hash)
{
    cached_zipf *c = &f->scratch->cache[folded_hash % CACHE];
    if (c->hash != folded_hash || c->language != f->language) {
        c->zipf = ss_model_zipf(f->model, folded_hash, f->language);
        c->hash = folded_hash;
        c->language = f->language;
    }
    return c->zipf;
}

float ss_finder_zipf_of(const ss_finder *f, size_t i)
{
    const ss_known *known = f->words->items[i].known;
    return known ? known->zipf : ss_finder_zipf(f, f->hash[i]);
}

/* Does the entry hold in the document's language? */
static bool speaks(const ss_finder *f, const ss_lexicon_entry *e)
{
    return e->language == f->language || e->language == SS_LANGUAGE_UNKNOWN ||
           f->language == SS_LANGUAGE_UNKNOWN;
}

/* ---- Filters for runs ------------------------------------------------------------------------ */

void ss_mark_all(ss_marks *marks, const char *characters, unsigned mark)
{
    for (; *characters; characters += 3) marks->mark[ss_three_bytes(characters)] |= (uint8_t)mark;
}

/* Of what the model has of a word: its bucket and its print. */
static inline uint32_t common_bit(size_t bucket, uint32_t print)
{
    return ((uint32_t)bucket * 0x9E3779B1u ^ print * 0x85EBCA77u) >> (32 - SS_COMMON_BITS);
}

static inline uint32_t lexicon_bit(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - SS_LEXICON_BITS));
}

/* Two bits of `place` for a hash: the one above, and this. */
static inline uint32_t second_bit(uint64_t hash)
{
    return (uint32_t)hash & ((1u << SS_LEXICON_BITS) - 1);
}

static size_t filter_of(const ss_finder *f)
{
    return f->language < SS_LANGUAGES_MAX ? f->language : SS_LANGUAGES_MAX;
}

static void fill_common(const ss_finder *f, uint64_t *bits)
{
    const samestory_model *m = f->model;
    size_t buckets = (size_t)1 << m->word_bits;
    for (size_t bucket = 0; bucket < buckets; bucket++)
        for (uint32_t i = m->word_first[bucket]; i < m->word_first[bucket + 1]; i++) {
            unsigned language = m->word_entry[i] >> 8 & 63;
            bool counts = f->language == SS_LANGUAGE_UNKNOWN || language == f->language ||
                          language == f->scratch->english;
            if (counts && (float)(m->word_entry[i] & 255) / 25 >= SS_WORD_ZIPF)
                set_bit(bits, common_bit(bucket, m->word_entry[i] >> 14));
        }
}

/* The filter of the document's language; NULL when memory is out, which costs time only. */
static const ss_common_filter *common_filter(const ss_finder *f)
{
    ss_common_filter **filter = &f->scratch->common[filter_of(f)];
    if (*filter) return *filter;
    *filter = calloc(1, sizeof **filter);
    if (*filter) fill_common(f, (*filter)->bits);
    return *filter;
}

static const ss_lexicon_filter *lexicon_filter(const ss_finder *f)
{
    ss_lexicon_filter **filter = &f->scratch->lexicon[filter_of(f)];
    if (*filter) return *filter;
    *filter = calloc(1, sizeof **filter);
    for (uint32_t i = 0; *filter && i < f->model->lexicon_size; i++) {
        const ss_lexicon_entry *e = &f->model->lexicon[i];
        if (!speaks(f, e)) continue;
        set_bit((*filter)->any, lexicon_bit(e->hash));
        if (e->kind != SS_LEX_PLACE && e->kind != SS_LEX_CITY) continue;
        set_bit((*filter)->place, lexicon_bit(e->hash));
        set_bit((*filter)->place, second_bit(e->hash));
    }
    return *filter;
}

bool ss_finder_common(const ss_finder *f, uint64_t folded_hash)
{
    const ss_common_filter *filter = common_filter(f);
    size_t bucket = folded_hash >> (64 - f->model->word_bits);
    if (filter && !has_bit(filter->bits, common_bit(bucket, ss_model_print(folded_hash))))
        return false;
    return ss_finder_zipf(f, folded_hash) >= SS_WORD_ZIPF;
}

bool ss_finder_may_be_place(const ss_finder *f, uint64_t folded_hash)
{
    return !f->lexicon || (has_bit(f->lexicon->place, lexicon_bit(folded_hash)) &&
                           has_bit(f->lexicon->place, second_bit(folded_hash)));
}

/* ---- Words of the model ---------------------------------------------------------------------- */

float ss_finder_english(const ss_finder *f, uint64_t folded_hash)
{
    return ss_model_zipf(f->model, folded_hash, f->scratch->english);
}

static bool may_be_listed(const ss_anchor_scratch *s, uint64_t folded_hash)
{
    uint32_t bit = (uint32_t)(folded_hash >> (64 - FILTER_BITS));
    return s->filter[bit >> 6] >> (bit & 63) & 1;
}

/* The first lexicon entry with this hash, or NULL, if only where none holds in the document's
 * language. */
static const ss_lexicon_entry *entries_of(const ss_finder *f, uint64_t hash)
{
    if (f->lexicon && !has_bit(f->lexicon->any, lexicon_bit(hash))) return NULL;
    const uint32_t *first = &f->scratch->first[hash >> (64 - INDEX_BITS)];
    for (uint32_t i = first[0]; i < first[1]; i++)
        if (f->model->lexicon[i].hash == hash) return &f->model->lexicon[i];
    return NULL;
}

/* The value of the first of an entry's fellows of this kind, or 0. */
static int value_of(const ss_finder *f, const ss_lexicon_entry *e, ss_lexicon_kind kind)
{
    const ss_lexicon_entry *end = f->model->lexicon + f->model->lexicon_size;
    for (uint64_t hash = e ? e->hash : 0; e && e < end && e->hash == hash; e++)
        if (e->kind == kind && speaks(f, e)) return e->value;
    return 0;
}

int ss_finder_lexicon(const ss_finder *f, uint64_t folded_hash, ss_lexicon_kind kind)
{
    return value_of(f, entries_of(f, folded_hash), kind);
}

int ss_finder_inflected(const ss_finder *f, const char *folded, size_t size, ss_lexicon_kind kind)
{
    int value = ss_finder_lexicon(f, ss_folded_hash(folded, size), kind);
    for (unsigned cut = 0; !value && cut < 3 && !(f->traits & SS_NO_ENDINGS); cut++) {
        do {
            if (size == 0) return 0;
            size--;
        } while (((unsigned char)folded[size] & 0xC0) == 0x80);
        if (size < 5) return 0;
        value = ss_finder_lexicon(f, ss_folded_hash(folded, size), kind);
    }
    return value;
}

enum { PHRASE_MAX = 256 };

/* Appends word i + n to the phrase that begins with word i; false where it ends. */
static bool extend_phrase(const ss_finder *f, size_t i, size_t n, char *phrase, size_t *used)
{
    if (i + n >= f->words->count) return false;
    const ss_word *w = &f->words->items[i + n];
    if (w->digits || *used + w->folded_size + 1 > PHRASE_MAX) return false;
    if (n) {
        size_t at = w[-1].end;
        if (w->start - at > 3) return false;
        while (at < w->start && strchr(" .-'\xE2\x80\x99", f->text[at])) at++;
        if (at < w->start) return false;
        phrase[(*used)++] = ' ';
    }
    memcpy(phrase + *used, w->folded, w->folded_size);
    *used += w->folded_size;
    return true;
}

/* The kinds of entries with this one's hash that hold in the document's language, a bit each. */
static uint16_t kinds_of(const ss_finder *f, const ss_lexicon_entry *e)
{
    uint16_t kinds = 0;
    const ss_lexicon_entry *end = f->model->lexicon + f->model->lexicon_size;
    for (uint64_t hash = e ? e->hash : 0; e && e < end && e->hash == hash; e++)
        if (speaks(f, e) && e->kind < 16) kinds |= (uint16_t)(1u << e->kind);
    return kinds;
}

/* May words i.. be an entry of two or three words? For models that don't tell beginnings. */
static bool may_begin(const ss_finder *f, size_t i)
{
    char phrase[PHRASE_MAX];
    size_t used = 0;
    for (size_t n = 0; n < PHRASE_WORDS && extend_phrase(f, i, n, phrase, &used); n++)
        if (n && may_be_listed(f->scratch, ss_folded_hash(phrase, used))) return true;
    return false;
}

/* ss_model_zipf of a word, from its frequencies if they are a list. */
static float zipf_of(const ss_finder *f, const ss_known *known)
{
    unsigned most = 0;
    if (!(known->has & SS_KNOWS_FREQUENCIES) || known->frequencies > SS_KNOWN_LANGUAGES)
        return ss_model_zipf(f->model, known->folded_hash, f->language);
    for (size_t i = 0; i < known->frequencies; i++) {
        unsigned language = known->frequency[i] >> 8, steps = known->frequency[i] & 255;
        bool counts = f->language == SS_LANGUAGE_UNKNOWN || language == f->language ||
                      language == f->scratch->english;
        if (counts && steps > most) most = steps;
    }
    return (float)most / 25;
}

/* What the finders ask of a word alone is found out once. */
static void tell(const ss_finder *f, size_t i, ss_known *known)
{
    const ss_word *w = &f->words->items[i];
    known->told = true;
    known->has &= (uint8_t)~SS_KNOWS_NAME;
    known->language = (uint8_t)f->language;
    known->zipf = zipf_of(f, known);
    const ss_lexicon_entry *entry = w->digits ? NULL : entries_of(f, known->folded_hash);
    known->kinds = kinds_of(f, entry);
    known->entry = known->kinds ? (uint32_t)(entry - f->model->lexicon) : 0;
    known->place = (int16_t)ss_place_alone(f, i);
    known->dull = ss_is_dull(f, i);
}

/* What the lexicon has of words i.., one to three. `kinds`: of the first alone. Returns the kinds
 * of all of them. */
static uint16_t find_phrase(const ss_finder *f, size_t i, uint16_t kinds, listing *p)
{
    const uint16_t beginning = 1u << SS_LEX_BEGINNING, any = UINT16_MAX;
    char text[PHRASE_MAX];
    size_t used = 0;
    uint16_t all = kinds;
    *p = (listing){{NULL, NULL, NULL}, false};
    for (size_t n = 0; n < PHRASE_WORDS && extend_phrase(f, i, n, text, &used); n++) {
        const ss_known *known = n ? NULL : f->words->items[i].known;
        p->entry[n] = known ? known->kinds ? f->model->lexicon + known->entry : NULL
                            : entries_of(f, n ? ss_folded_hash(text, used) : f->hash[i]);
        all |= kinds_of(f, p->entry[n]);
        if (n == 1) p->apostrophe = ss_gap_before(f, i + 1) == SS_GAP_APOSTROPHE;
    }
    return kinds & beginning ? p->apostrophe ? any : all : kinds;
}

/* Bits of ss_quiet. Each is what the finder would find out about the word in its first lines. */
static inline uint8_t quiet_of(const ss_finder *f, size_t i)
{
    enum {
        DAYS = 1u << SS_LEX_WEEKDAY | 1u << SS_LEX_DAY,
        NUMBERS = 1u << SS_LEX_ORDINAL | 1u << SS_LEX_NUMBER
    };
    const ss_word *w = &f->words->items[i];
    const ss_known *known = w->known;
    bool number_next = i + 1 < f->words->count && w[1].digits;
    unsigned quiet = number_next && !w->run ? 0 : SS_QUIET_DATES;
    if (w->digits) return SS_QUIET_DAYS | SS_QUIET_NAMES;
    if (w->run) return (uint8_t)quiet;
    bool compound = f->traits & SS_WRITES_COMPOUNDS || w->script == SS_SCRIPT_HANGUL;
    bool code = (w->letter_case == SS_UPPER) | (number_next & (w->letter_case >= SS_CAPITAL));
    bool nameless = known && (known->dull & !known->place & (w->letter_case == SS_LOWER));
    quiet |= (!compound & !(f->listed[i] & DAYS)) ? SS_QUIET_DAYS : 0; /* no branches: see known.c */
    quiet |= (!code & !(f->listed[i] & NUMBERS)) ? SS_QUIET_NUMBERS : 0;
    return (uint8_t)(quiet | (nameless ? SS_QUIET_NAMES : 0));
}

/* What the lexicon has of a spaced word; false when memory is out. */
static inline bool list_word(const ss_finder *f, size_t i)
{
    const uint16_t beginning = 1u << SS_LEX_BEGINNING;
    ss_anchor_scratch *s = f->scratch;
    const ss_word *w = &f->words->items[i];
    uint16_t kinds = w->known ? w->known->kinds : kinds_of(f, entries_of(f, f->hash[i]));
    if (!s->tells_beginnings && may_begin(f, i)) kinds |= beginning;
    bool spaced = i + 1 == f->words->count || f->text[w->end] == ' ';
    if (!spaced && w->folded_size <= 2 && ss_gap_before(f, i + 1) == SS_GAP_APOSTROPHE)
        kinds |= beginning; /* В'єтнам */
    s->listed[i] = kinds;
    if (!kinds) return true;
    if (!ss_reserve(&s->phrase, &s->phrase_capacity, s->phrases + 1)) return false;
    s->phrase_of[i] = (uint32_t)s->phrases;
    s->listed[i] = find_phrase(f, i, kinds, &s->phrase[s->phrases++]);
    return true;
}

/* What several finders ask of each word is answered here once. */
static bool list_words(const ss_finder *f)
{
    ss_anchor_scratch *s = f->scratch;
    s->phrases = 0;
    for (size_t i = 0; i < f->words->count; i++) {
        const ss_word *w = &f->words->items[i];
        ss_known *known = w->known;
        if (known && !(known->told && known->language == f->language)) tell(f, i, known);
        if (!w->run && !w->digits && !list_word(f, i)) return false;
        if (w->run || w->digits) s->listed[i] = 0;
        s->quiet[i] = quiet_of(f, i);
    }
    return true;
}

int ss_listed_word(const ss_finder *f, size_t i, ss_lexicon_kind kind)
{
    return value_of(f, f->scratch->phrase[f->scratch->phrase_of[i]].entry[0], kind);
}

/* "В'єтнамі": two words that an apostrophe joins, with an ending. */
static int inflected_pair(const ss_finder *f, size_t i, ss_lexicon_kind kind)
{
    char text[PHRASE_MAX];
    size_t used = 0;
    if (!extend_phrase(f, i, 0, text, &used) || !extend_phrase(f, i, 1, text, &used)) return 0;
    return ss_finder_inflected(f, text, used, kind);
}

int ss_listed_phrase(const ss_finder *f, size_t i, ss_lexicon_kind kind, size_t *count)
{
    int value = 0;
    const listing *p = &f->scratch->phrase[f->scratch->phrase_of[i]];
    for (size_t n = 0; n < PHRASE_WORDS; n++) {
        int here = value_of(f, p->entry[n], kind);
        if (!here && n == 1 && p->apostrophe) here = inflected_pair(f, i, kind);
        if (!here) continue;
        value = here;
        *count = n + 1;
    }
    return value;
}

/* ---- Candidates ------------------------------------------------------------------------------ */

static unsigned place_flags(const ss_finder *f, size_t at)
{
    return at < f->title_size ? SS_ANCHOR_TITLE : at < f->lead_end ? SS_ANCHOR_LEAD : 0;
}

/* The candidate with this type and key, made if there is none; NULL when the table is full. */
static found *candidate(ss_anchor_scratch *s, unsigned type, uint32_t key)
{
    size_t at = (key * 0x9E3779B1u ^ type * 0x85EBCA77u) % SLOTS;
    for (; s->slot[at]; at = (at + 1) % SLOTS) {
        found *c = &s->found[s->slot[at] - 1];
        if (c->key == key && c->type == type) return c;
    }
    if (s->found_count == FOUND_MAX) return NULL;
    found *c = &s->found[s->found_count++];
    s->slot[at] = (uint16_t)s->found_count;
    *c = (found){.key = key, .type = (uint8_t)type, .slot = (uint16_t)at};
    return c;
}

void ss_add_anchor(ss_finder *f, unsigned type, uint32_t key, double weight, unsigned flags,
                   ss_place place, const char *text, size_t size)
{
    ss_anchor_scratch *s = f->scratch;
    found *c = candidate(s, type, key);
    if (!c) return;
    unsigned derived = flags & SS_ANCHOR_DERIVED; /* unless it is written elsewhere as well */
    if (c->count && !(c->flags & derived)) flags &= ~derived;
    if (!derived) c->flags &= (uint8_t)~SS_ANCHOR_DERIVED;
    c->flags |= (uint8_t)(flags | place_flags(f, place.start));
    if ((float)weight > c->weight) c->weight = (float)weight;
    if (c->count++ == 0) {
        c->place = place;
        if (size > TEXT_SIZE_MAX) { /* cut between code points */
            size = TEXT_SIZE_MAX;
            while (size && ((unsigned char)text[size] & 0xC0) == 0x80) size--;
        }
        if (size > TEXT_MAX - s->text_used) size = 0;
        memcpy(s->text + s->text_used, text, size);
        c->text = (uint32_t)s->text_used;
        c->text_size = (uint8_t)size;
        s->text_used += size;
    }
    if (c->count > 255) c->count = 255;
}

/* ---- Choosing -------------------------------------------------------------------------------- */

/* What decides when a type has more anchors than places: rarity first, then how much the report
 * makes of the thing. A word without a capital is a name less often. */
static double rank_of(const found *c)
{
    double rank = c->weight;
    if (c->type == SS_ANCHOR_NAME && !(c->flags & SS_ANCHOR_CAPITAL)) rank *= 0.6;
    if (c->flags & SS_ANCHOR_TITLE) rank += 0.4;
    if (c->flags & SS_ANCHOR_LEAD) rank += 0.2;
    return rank + 0.2 * (c->count < 5 ? c->count : 5);
}

/* The candidates of one type, in the order of the text. */
typedef struct candidates {
    uint16_t index[FOUND_MAX];
    size_t count;
} candidates;

static void sort_by_type(const ss_anchor_scratch *s, candidates of[SS_ANCHOR_TYPES])
{
    for (size_t t = 0; t < SS_ANCHOR_TYPES; t++) of[t].count = 0;
    for (size_t i = 0; i < s->found_count; i++) {
        candidates *c = &of[s->found[i].type];
        if (s->found[i].weight > 0) c->index[c->count++] = (uint16_t)i;
    }
}

/* Keeps the `room` of the highest rank; of equal ones, those that came first in the text. */
static void keep_strongest(ss_anchor_scratch *s, const candidates *of, size_t room)
{
    struct {
        double rank;
        uint16_t index;
    } best[SS_ANCHORS_MAX];
    size_t count = 0;
    if (of->count <= room) {
        for (size_t i = 0; i < of->count; i++) s->found[of->index[i]].kept = true;
        return;
    }
    for (size_t i = 0; i < of->count; i++) {
        double rank = rank_of(&s->found[of->index[i]]);
        if (count == room && rank <= best[count - 1].rank) continue;
        size_t at = count < room ? count++ : count - 1;
        for (; at > 0 && best[at - 1].rank < rank; at--) best[at] = best[at - 1];
        best[at].rank = rank;
        best[at].index = of->index[i];
    }
    for (size_t i = 0; i < count; i++) s->found[best[i].index].kept = true;
}

/* Which of the anchors written so far have a text that begins or ends with a byte like this one. */
typedef struct ends {
    uint64_t first[32][2], last[32][2];
} ends;

static void note_ends(ends *e, const char *text, size_t size, size_t i)
{
    if (!size) return;
    e->first[text[0] & 31][i >> 6] |= (uint64_t)1 << (i & 63);
    e->last[text[size - 1] & 31][i >> 6] |= (uint64_t)1 << (i & 63);
}

/* Does the text of anchor `other` begin or end with this one? Then it is the text of *a. */
static bool share_text(const ss_anchors *out, const ss_anchor *other, const char *text, size_t size,
                       ss_anchor *a)
{
    const char *there = out->pool + other->text;
    size_t rest = other->text_size - size;
    if (other->text_size < size) return false;
    bool first = memcmp(there, text, size) == 0;
    if (!first && memcmp(there + rest, text, size) != 0) return false;
    a->text = (uint16_t)(other->text + (first ? 0 : rest));
    a->text_size = (uint8_t)size;
    return true;
}

/* Writes the text of a kept candidate to the pool, or finds it there: names often stand in a pair.
 */
static void pool_text(const ss_anchor_scratch *s, const found *c, ss_anchors *out, const ends *e,
                      ss_anchor *a)
{
    const char *text = s->text + c->text;
    size_t size = c->text_size;
    if (!size) { /* begins any other */
        if (out->count)
            a->text = out->items[0].text;
        else
            a->text = (uint16_t)out->pool_size;
        return;
    }
    for (size_t half = 0; half < 2; half++) {
        uint64_t like = e->first[text[0] & 31][half] | e->last[text[size - 1] & 31][half];
        for (; like; like &= like - 1) {
            size_t i = 64 * half + (size_t)__builtin_ctzll(like);
            if (share_text(out, &out->items[i], text, size, a)) return;
        }
    }
    if (size > SS_POOL_MAX - out->pool_size) return;
    memcpy(out->pool + out->pool_size, text, size);
    a->text = (uint16_t)out->pool_size;
    a->text_size = (uint8_t)size;
    out->pool_size += size;
}

_Static_assert(SS_ANCHORS_MAX <= 128, "ends have two words of bits");

/* Writes the kept candidates of a type. */
static void write_type(const ss_anchor_scratch *s, const candidates *of, ends *e, ss_anchors *out)
{
    for (size_t i = 0; i < of->count; i++) {
        const found *c = &s->found[of->index[i]];
        if (!c->kept) continue;
        double weight = c->weight * 32.0 + 0.5;
        ss_anchor a = {.key = c->key,
                       .type = c->type,
                       .weight = (uint8_t)(weight < 255 ? weight : 255),
                       .flags = c->flags,
                       .count = (uint8_t)c->count};
        pool_text(s, c, out, e, &a);
        note_ends(e, out->pool + a.text, a.text_size, out->count);
        out->place[out->count] = c->place;
        out->items[out->count++] = a;
    }
}

/* Anchors first .. end - 1 of those written. */
typedef struct stretch {
    size_t first, end;
} stretch;

/* Orders by type and key, which no two have in common. */
static void sort_by_key(ss_anchors *out, const stretch of_type[SS_ANCHOR_TYPES])
{
    ss_anchor items[SS_ANCHORS_MAX];
    ss_place places[SS_ANCHORS_MAX];
    uint64_t order[SS_ANCHORS_MAX]; /* type, key, and where it stood */
    size_t count = 0;
    for (size_t t = 0; t < SS_ANCHOR_TYPES; t++)
        for (size_t i = of_type[t].first; i < of_type[t].end; i++, count++) {
            const ss_anchor *a = &out->items[i];
            uint64_t one = (uint64_t)a->type << 40 | (uint64_t)a->key << 8 | i;
            size_t at = count;
            for (; at > 0 && order[at - 1] > one; at--) order[at] = order[at - 1];
            order[at] = one;
        }
    memcpy(items, out->items, out->count * sizeof *items);
    memcpy(places, out->place, out->count * sizeof *places);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i] = items[order[i] & 255];
        out->place[i] = places[order[i] & 255];
    }
}

static void write_out(ss_anchor_scratch *s, ss_anchors *out)
{
    static const unsigned room[SS_ANCHOR_TYPES] = SS_ANCHORS_OF_TYPE;
    /* what a reader would be shown first gets its place in the pool first */
    static const unsigned turn[SS_ANCHOR_TYPES] = {SS_ANCHOR_PAIR, SS_ANCHOR_NUMBER,
                                                   SS_ANCHOR_DATE, SS_ANCHOR_NAME,
                                                   SS_ANCHOR_LINK, SS_ANCHOR_SKELETON};
    candidates of[SS_ANCHOR_TYPES];
    stretch of_type[SS_ANCHOR_TYPES];
    ends e = {0};
    out->count = out->pool_size = 0;
    sort_by_type(s, of);
    for (size_t t = 0; t < SS_ANCHOR_TYPES; t++) {
        keep_strongest(s, &of[turn[t]], room[turn[t]]);
        of_type[turn[t]].first = out->count;
        write_type(s, &of[turn[t]], &e, out);
        of_type[turn[t]].end = out->count;
    }
    sort_by_key(out, of_type);
}

/* ---- The stage ------------------------------------------------------------------------------- */

/* Where the first 60 words after the title end; a run counts a word for every two letters. */
static size_t lead_end(const ss_words *words, size_t title_size)
{
    size_t counted = 0;
    for (size_t i = 0; i < words->count; i++) {
        const ss_word *w = &words->items[i];
        if (w->start < title_size) continue;
        counted += w->run ? 1u + w->folded_size / 6u : 1u;
        if (counted >= LEAD_WORDS) return w->end;
    }
    return SIZE_MAX;
}

static bool make_room(ss_anchor_scratch *s, size_t words)
{
    if (!ss_reserve(&s->hash, &s->hash_capacity, words + 1) ||
        !ss_reserve(&s->used, &s->used_capacity, words + 1) ||
        !ss_reserve(&s->quiet, &s->quiet_capacity, words + 1) ||
        !ss_reserve(&s->listed, &s->listed_capacity, words + 1) ||
        !ss_reserve(&s->phrase_of, &s->phrase_of_capacity, words + 1))
        return false;
    memset(s->used, 0, words);
    for (size_t i = 0; i < s->found_count; i++) s->slot[s->found[i].slot] = 0;
    s->found_count = s->text_used = 0;
    return true;
}

/* The day of a record's date between the years 1 and 9999, in UTC. */
static bool day_of_record(int64_t date, int64_t *days)
{
    if (date < INT64_C(-62135596800) || date >= INT64_C(253402300800)) return false;
    *days = (date + INT64_C(62135596800)) / 86400 - 719162; /* rounds down, also before 1970 */
    return true;
}

/* Every spaced word will be asked for: what the answer needs is called from memory here, all of it
 * at once, because one word after the other would wait for each. */
static void hash_words(ss_anchor_scratch *s, const samestory_model *model, const ss_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const ss_word *w = &words->items[i];
        s->hash[i] = w->run     ? 0
                     : w->known ? w->known->folded_hash
                                : ss_folded_hash(w->folded, w->folded_size);
        if (w->known || w->run || w->folded_size < 3) continue;
        __builtin_prefetch(&s->cache[s->hash[i] % CACHE]);
        if (words->count < 1000)
            __builtin_prefetch(model->word_first + (s->hash[i] >> (64 - model->word_bits)));
    }
}

bool ss_anchors_find(const samestory_model *model, const char *text, size_t size, size_t title_size,
                     const ss_words *words, unsigned language, int64_t date,
                     ss_anchor_scratch *scratch, ss_anchors *out)
{
    if (!make_room(scratch, words->count)) return false;
    adopt_model(scratch, model);
    if (language >= model->languages) language = SS_LANGUAGE_UNKNOWN;
    ss_finder f = {.model = model,
                   .text = text,
                   .size = size < SS_TEXT_BYTES_MAX ? size : SS_TEXT_BYTES_MAX,
                   .title_size = title_size,
                   .lead_end = lead_end(words, title_size),
                   .words = words,
                   .language = language,
                   .scratch = scratch,
                   .marks = &scratch->marks,
                   .hash = scratch->hash,
                   .used = scratch->used,
                   .quiet = scratch->quiet,
                   .listed = scratch->listed};
    f.has_frequencies =
        language == SS_LANGUAGE_UNKNOWN || scratch->words_known >> (language & 63) & 1;
    f.dated = day_of_record(date, &f.record_days);
    if (f.dated) f.record = ss_day_of(f.record_days);
    if (language != SS_LANGUAGE_UNKNOWN) {
        memcpy(f.code, model->language[language].code, sizeof f.code - 1);
        f.traits = traits_of(f.code);
        f.reading = among("uk be", f.code, strlen(f.code))     ? SS_READ_H
                    : among("fa ur ps", f.code, strlen(f.code)) ? SS_READ_PERSIAN
                                                                : 0;
    }
    f.lexicon = lexicon_filter(&f);
    hash_words(scratch, model, words);
    if (!list_words(&f)) return false;
    ss_find_links(&f);
    ss_find_dates(&f);
    ss_find_days(&f);
    ss_find_numbers(&f);
    ss_find_names(&f);
    write_out(scratch, out);
    return true;
}
