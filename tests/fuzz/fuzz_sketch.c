/* Any document becomes a sketch that is well formed and depends on nothing but the document; two
 * sketches give evidence and a verdict within bounds, the same in both directions.
 *
 * Input: one byte of choices, 8 bytes of date, 2 bytes of title size, then title and text. */
#include "fuzz.h"

#include "index/keys.h"
#include "match/judge.h"
#include "match/kernel.h"
#include "text/utf8.h"

#include <math.h>

enum { HEAD = 11, STREAM = 64 /* documents that a stream takes before it is begun anew */ };

static samestory_model *model;
static ss_sketcher *sketcher, *other_sketcher, *plain_sketcher;
static samestory_engine *stream;

static void make_ready(void)
{
    samestory_error error = {0};
    if (!model) {
        if (samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error)) {
            fprintf(stderr, "%s: %s\n", SAMESTORY_MODEL_PATH, error.message);
            exit(1);
        }
        sketcher = ss_sketcher_new(model);
        other_sketcher = ss_sketcher_new_with(model, 8); /* forgets almost every word, */
        plain_sketcher = ss_sketcher_new_with(model, 0); /* or all */
        must(sketcher && other_sketcher && plain_sketcher);
    }
    if (stream && samestory_count(stream) < STREAM) return;
    samestory_engine_free(stream);
    must(!samestory_engine_new(model, NULL, &stream, &error));
}

static samestory_document document_of(const uint8_t *data, size_t size, size_t title_size)
{
    static const char *const languages[] = {"",   "en", "vi", "de", "ja", "zh", "ko", "th",
                                            "ru", "ar", "he", "el", "hi", "fi", "??", "pt-BR"};
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    const char *bytes = (const char *)data + HEAD;
    const char *language = languages[data[0] & 15];
    if (title_size > size - HEAD) title_size = size - HEAD;
    memcpy(&d.date, data + 1, sizeof d.date);
    d.title = (samestory_string){bytes, title_size};
    d.text = (samestory_string){bytes + title_size, size - HEAD - title_size};
    d.language = (samestory_string){language, strlen(language)};
    if (data[0] & 16) d.id = (samestory_string){bytes, title_size / 2};
    if (data[0] & 32) d.url = (samestory_string){bytes, size - HEAD < 90 ? size - HEAD : 90};
    return d;
}

static void check_sketch(const ss_sketch *s)
{
    const ss_anchor *anchor = ss_sketch_anchors(s);
    ss_key keys[SS_KEYS_MAX];
    must(s->size % 8 == 0 && s->anchors <= SS_ANCHORS_MAX && s->pool <= SS_POOL_MAX);
    must(ss_sketch_pool(s) + s->pool <= (const char *)s + s->size);
    must(s->language < model->languages || s->language == SS_LANGUAGE_UNKNOWN);
    for (size_t i = 0; i < s->anchors; i++) {
        must(anchor[i].type < SS_ANCHOR_TYPES && anchor[i].text_size < 64);
        must(anchor[i].text + anchor[i].text_size <= s->pool);
        must(i == 0 || anchor[i - 1].type < anchor[i].type ||
             (anchor[i - 1].type == anchor[i].type && anchor[i - 1].key < anchor[i].key));
    }
    must(ss_keys_of(model, s, SS_CELLS_OF_QUERY, keys) <= SS_KEYS_MAX);
}

static ss_judgement judge(const ss_sketch *a, const ss_sketch *b, ss_evidence *e)
{
    static const uint32_t frequency[SS_ANCHORS_MAX];
    int32_t dot = ss_dot(ss_sketch_vector(a), ss_sketch_vector(b), a->dimension);
    ss_evidence_of(a, frequency, b, dot, 100, e);
    for (size_t i = 0; i < SS_SIGNALS; i++) must(isfinite(e->signal[i]));
    must(e->jaccard >= 0 && e->jaccard <= 1 && e->containment >= 0 && e->containment <= 1);
    ss_judgement j = ss_judge_of(model->judge_parsed, e);
    must(j.probability >= 0 && j.probability <= 1);
    return j;
}

static void check_pair(const ss_sketch *a, const ss_sketch *b)
{
    ss_evidence there, back;
    ss_judgement j = judge(a, b, &there), k = judge(b, a, &back);
    must(j.relation == k.relation);
    must(!(j.probability < k.probability) && !(j.probability > k.probability));
    must(memcmp(there.signal, back.signal, sizeof there.signal) == 0);
    j = judge(a, a, &there);
    if (a->words) must(j.relation == SAMESTORY_COPY && j.probability >= 0.999999);
}

/* The stream takes the one and is asked about the other. */
static void check_stream(const samestory_document *one, const samestory_document *other)
{
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    char *text = NULL;
    must(samestory_add(stream, one, &v, NULL) == SAMESTORY_OK);
    must(v.probability >= 0 && v.probability <= 1 && v.story.size);
    must((v.relation == SAMESTORY_NONE) == !v.of.size && v.reason_count <= SAMESTORY_REASONS);
    must(samestory_query(stream, other, &v, NULL) == SAMESTORY_OK);
    must(v.probability >= 0 && v.probability <= 1);
    must(samestory_describe(stream, samestory_count(stream) - 1, &text) == SAMESTORY_OK);
    samestory_free(text);
}

/* Some bytes of the copy are others, or it ends early; the title ends elsewhere. */
static uint8_t *mutated(const uint8_t *data, size_t *size)
{
    uint64_t seed = *size * 31 + data[0];
    for (size_t i = 1; i < HEAD; i++) seed = seed * 31 + data[i];
    if (fuzz_random(&seed, 2)) *size = HEAD + fuzz_random(&seed, (uint32_t)(*size - HEAD) + 1);
    uint8_t *copy = malloc(*size);
    must(copy);
    memcpy(copy, data, *size);
    for (uint32_t n = fuzz_random(&seed, 20); n > 0; n--)
        copy[fuzz_random(&seed, (uint32_t)*size)] ^= (uint8_t)(1u << fuzz_random(&seed, 8));
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD || size > (size_t)1 << 24) return 0;
    make_ready();
    size_t title_size = (size_t)data[9] | (size_t)data[10] << 8, other_size = size;
    uint8_t *other = mutated(data, &other_size);
    samestory_document a = document_of(data, size, title_size);
    samestory_document b = document_of(other, other_size, title_size);
    const ss_sketch *s = ss_sketch_make(sketcher, &a, false, false);
    must(s);
    check_sketch(s);
    ss_sketch *kept = malloc(s->size);
    must(kept);
    memcpy(kept, s, s->size);
    const ss_sketch *t = ss_sketch_make(sketcher, &b, false, false);
    must(t);
    check_sketch(t);
    check_pair(kept, t);
    const ss_sketch *again = ss_sketch_make(other_sketcher, &a, false, false);
    must(again && again->size == kept->size && memcmp(again, kept, kept->size) == 0);
    again = ss_sketch_make(plain_sketcher, &a, false, false);
    must(again && again->size == kept->size && memcmp(again, kept, kept->size) == 0);
    check_stream(&a, &b);
    free(kept);
    free(other);
    return 0;
}

#ifndef SAMESTORY_LIBFUZZER
static const char *const pieces[] = {
    "the minister said ",
    "Jamieson Greer ",
    "South Korea ",
    "Da Nang ",
    "14 November ",
    "November 14-16, ",
    "12.-14. November ",
    "1.2 million ",
    "5,2 Mio. ",
    "12 % ",
    "3-2 ",
    "0.000",
    "999999999999",
    "1,1,1,1,",
    "10:30 Uhr ",
    "CVE-2014-3470 ",
    "MH370 ",
    "8.10 ",
    "https://www.example.org/a/b?c=d ",
    "#tag ",
    "://",
    "http://",
    ". ",
    "\n",
    "\r\n",
    "\"",
    "-",
    "'",
    "  ",
    "\0",
    "ngày 14 tháng 11 ",
    "Bộ trưởng Ngoại giao ",
    "президент Вайдтман ",
    "миллиона ",
    "外相が11月14日至16日",
    "ワイトマン・ジョン",
    "《三体》",
    "1億2000万",
    "万万万億",
    "156円90銭",
    "14日",
    "대통령은 ",
    "5조7천억 원 ",
    "에서는",
    "นายสมชาย",
    "นางสาวก",
    "14 พฤศจิกายน ",
    "ล้าน",
    "ร้อยละ 5 ",
    "وزير الخارجية ",
    "والرئيس",
    "١٤ نوفمبر ",
    "בנובמבר ",
    "१४ नवंबर ",
    "Ουάσινγκτον ",
    "μπντγκ",
    "İıŞß",
    "ﷺ",
    "a\xCC\x81\xCC\x81\xCC\x81",
    "e\xCC\x81",
    "\xCC\x81",
    "\xEF\xBB\xBF",
    "\xF0\x9F\x98\x80",
    "\xF0\xA0\x80\x80",
    "\xE3\x82\x99",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xC0\xAF",
    "\xE3\x81",
    "\xFF",
    "Donaudampfschifffahrtsgesellschaft ",
    "fünfundzwanzig ",
    "five billion ",
    "twenty-five ",
};

static size_t put_piece(uint64_t *seed, uint8_t *out, size_t room)
{
    const char *piece = pieces[fuzz_random(seed, sizeof pieces / sizeof *pieces)];
    size_t size = strlen(piece) + !*piece;
    if (size > room) size = room;
    memcpy(out, piece, size);
    return size;
}

/* A letter of a script, by its code point; one word has letters of one script. */
static size_t put_word(uint64_t *seed, uint8_t *out, size_t room)
{
    static const uint16_t scripts[] = {'a',    'A',    '0',    0xE0,   0x391,  0x430,  0x5D0,
                                       0x627,  0x905,  0xE01,  0x1100, 0x3042, 0x30A2, 0x4E00,
                                       0xAC00, 0x1780, 0xFF10, 0xFB00, 0x300,  0x2160};
    uint32_t first = scripts[fuzz_random(seed, sizeof scripts / sizeof *scripts)];
    size_t size = 0;
    for (uint32_t n = 1 + fuzz_random(seed, fuzz_random(seed, 20) ? 9 : 99); n > 0; n--) {
        char bytes[4];
        size_t length = ss_utf8_put(first + fuzz_random(seed, first < 0x80 ? 10 : 26), bytes);
        if (length > room - size) break;
        memcpy(out + size, bytes, length);
        size += length;
    }
    if (size < room) out[size++] = fuzz_random(seed, 8) ? ' ' : (uint8_t)fuzz_random(seed, 256);
    return size;
}

static size_t make_input(uint64_t seed, uint8_t *out, size_t capacity)
{
    static const int64_t dates[] = {INT64_MIN,  INT64_MIN + 1, INT64_MAX,    0,           -1,
                                    1763078400, 253402300799,  -62135596800, 253402300800};
    uint32_t whole = fuzz_random(&seed, 100);
    size_t most = HEAD + fuzz_random(&seed, whole ? 1500 : (uint32_t)capacity - HEAD), size = HEAD;
    uint32_t title = fuzz_random(&seed, 120), same = fuzz_random(&seed, 16);
    int64_t date = dates[fuzz_random(&seed, sizeof dates / sizeof *dates)];
    out[0] = (uint8_t)fuzz_random(&seed, 256);
    memcpy(out + 1, &date, sizeof date);
    out[9] = (uint8_t)title, out[10] = 0;
    while (size < most) {
        size_t start = size;
        size += fuzz_random(&seed, 3) ? put_piece(&seed, out + size, most - size)
                                      : put_word(&seed, out + size, most - size);
        size_t length = size - start; /* one text in sixteen says everything many times */
        for (uint32_t n = same ? 0 : fuzz_random(&seed, 200); n > 0 && most - size >= length; n--) {
            memcpy(out + size, out + start, length);
            size += length;
        }
    }
    return size;
}

static void clean_up(void)
{
    samestory_engine_free(stream);
    ss_sketcher_free(sketcher);
    ss_sketcher_free(other_sketcher);
    samestory_model_free(model);
}

int main(int argc, char **argv)
{
    int failed = fuzz_main(argc, argv, "sketches, evidence and verdicts of any bytes", 400, 200000);
    clean_up();
    return failed;
}
#endif
