/* A model for tests of anchors: ICU's real tables, and a handful of words with their frequencies.
 * The trainer's file is compiled in here, because the library doesn't hold it. */
#ifndef ANCHOR_MODEL_H
#define ANCHOR_MODEL_H

#include "unit.h"

#include "sketch/anchors.h"
#include "sketch/finder.h"
#include "train/lexicon.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const anchor_languages[] = {
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fil", "fr",
    "he", "hi", "hu", "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl",  "pt",
    "ro", "ru", "sh", "sk", "sl", "sv", "ta", "th", "tr", "uk", "ur", "vi",  "zh"};

/* Words that everybody knows: Zipf 5 in the language; and names that most do: Zipf 4. */
static const struct {
    const char *language, *words;
    bool name;
} common_words[] = {
    {"en",
     "the minister said yesterday in of and foreign president on from to will meet a with for "
     "people yesterday visited",
     false},
    {"en", "bernardo marko", true},
    {"de", "der die das minister sagte gestern hat und im am traf aussenminister mit prasident",
     false},
    {"vi", "ngay den trong bo truong ngoai giao gap van tu", false},
    {"ru", "президент сказал в и министр встретил вчера", false},
    {"ja", "データ", false},
    {"zh", "主席 表示 代表团 团长 外交官 外长 工厂 总统 访问", false},
    {"ar", "الرييس قال في وزير رييس", false},
    {"ko", "대통령 장관", false},
};

typedef struct anchor_model {
    samestory_model model;
    ss_language_entry language[64];
    uint32_t first[17], entry[256];
    void *latin, *lexicon;
    ss_anchor_scratch *scratch;
    ss_words words;
    ss_anchors found;
} anchor_model;

static unsigned anchor_language(const char *code)
{
    for (unsigned i = 0; i < sizeof anchor_languages / sizeof *anchor_languages; i++)
        if (strcmp(anchor_languages[i], code) == 0) return i;
    return SS_LANGUAGE_UNKNOWN;
}

static void fill_words(anchor_model *a)
{
    uint64_t hash[256];
    unsigned language[256], steps[256], count = 0;
    for (size_t i = 0; i < sizeof common_words / sizeof *common_words; i++)
        for (const char *w = common_words[i].words; *w;) {
            size_t size = strcspn(w, " ");
            hash[count] = ss_folded_hash(w, size);
            steps[count] = common_words[i].name ? 100 : 125;
            language[count++] = anchor_language(common_words[i].language);
            assert_true(count < 256);
            w += size + (w[size] == ' ');
        }
    uint32_t used = 0;
    for (uint32_t bucket = 0; bucket < 16; bucket++) {
        a->first[bucket] = used;
        for (unsigned i = 0; i < count; i++)
            if (hash[i] >> 60 == bucket)
                a->entry[used++] =
                    (uint32_t)(hash[i] & 0x3FFFF) << 14 | language[i] << 8 | steps[i];
    }
    a->first[16] = used;
    a->model.word_bits = 4;
    a->model.word_first = a->first;
    a->model.word_entry = a->entry;
    a->model.word_entries = used;
}

/* The lexicon, with one city in a few of its names. */
static samestory_status build_lexicon(const anchor_model *a, void **out, size_t *size)
{
    static char english[] = "Geneva", russian[] = "Женева", polish[] = "Genewa",
                chinese[] = "日内瓦";
    city_name names[] = {
        {english, "en", 1}, {russian, "ru", 1}, {polish, "pl", 1}, {chinese, "zh", 1}};
    city_names cities = {names, sizeof names / sizeof *names, sizeof names / sizeof *names};
    samestory_error error = {0};
    return ss_build_lexicon(a->model.normalizer, a->language, a->model.languages, &cities, out,
                            size, &error);
}

static anchor_model *anchor_model_new(void)
{
    anchor_model *a = calloc(1, sizeof *a);
    assert_non_null(a);
    samestory_error error = {0};
    a->model.normalizer = ss_normalizer_new();
    assert_non_null(a->model.normalizer);
    a->model.languages = sizeof anchor_languages / sizeof *anchor_languages;
    for (size_t i = 0; i < a->model.languages; i++)
        strcpy(a->language[i].code, anchor_languages[i]);
    a->model.language = a->language;
    fill_words(a);
    size_t size;
    if (ss_build_latin(a->model.normalizer, &a->latin, &size, &error))
        fail_msg("%s", error.message);
    a->model.latin = a->latin;
    if (build_lexicon(a, &a->lexicon, &size)) fail_msg("no lexicon");
    memcpy(&a->model.lexicon_size, a->lexicon, sizeof a->model.lexicon_size);
    a->model.lexicon = (const ss_lexicon_entry *)(const void *)((const char *)a->lexicon + 16);
    a->model.stamp = 1;
    a->scratch = ss_anchor_scratch_new();
    assert_non_null(a->scratch);
    return a;
}

static void anchor_model_free(anchor_model *a)
{
    ss_anchor_scratch_free(a->scratch);
    ss_words_free(&a->words);
    ss_normalizer_free(a->model.normalizer);
    free(a->latin);
    free(a->lexicon);
    free(a);
}

/* The anchors of a text; they live until the next call. */
static const ss_anchors *anchors_of_bytes(anchor_model *a, const char *language, const char *text,
                                          size_t size, size_t title_size)
{
    assert_int_equal(ss_words_split(a->model.normalizer, text, size, &a->words), SAMESTORY_OK);
    assert_true(ss_anchors_find(&a->model, text, size, title_size, &a->words,
                                anchor_language(language), SAMESTORY_NO_DATE, a->scratch,
                                &a->found));
    return &a->found;
}

static inline const ss_anchors *anchors_of(anchor_model *a, const char *language, const char *text)
{
    return anchors_of_bytes(a, language, text, strlen(text), 0);
}

static inline bool text_is(const ss_anchors *found, const ss_anchor *x, const char *text)
{
    return x->text_size == strlen(text) && memcmp(found->pool + x->text, text, x->text_size) == 0;
}

/* The anchor of this type and text, or NULL. */
static inline const ss_anchor *anchor_named(const ss_anchors *found, unsigned type,
                                            const char *text)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].type == type && text_is(found, &found->items[i], text))
            return &found->items[i];
    return NULL;
}

/* All texts of one type in the order of their letters, "|" between them; nothing derived. */
static inline const char *texts_of(const ss_anchors *found, unsigned type, char *out,
                                   size_t capacity)
{
    char list[SS_ANCHORS_MAX][64];
    size_t count = 0;
    for (size_t i = 0; i < found->count; i++) {
        const ss_anchor *x = &found->items[i];
        if (x->type != type || x->flags & SS_ANCHOR_DERIVED) continue;
        snprintf(list[count++], sizeof *list, "%.*s", (int)x->text_size, found->pool + x->text);
    }
    qsort(list, count, sizeof *list, (int (*)(const void *, const void *))strcmp);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < capacity; i++)
        used += (size_t)snprintf(out + used, capacity - used, "%s%s", i ? "|" : "", list[i]);
    return out;
}

#endif
