/* Reading labelled sets (see the header). */
#include "train/eval_set.h"

#include "base/array.h"
#include "base/lookup.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

const char *const level_name[LEVELS] = {"4", "18", "all"};

enum { LANGUAGES_MAX = 255 };

/* The eighteen of the product's evaluation; the first four are the four. Others follow, so that what
 * other sets call them ("nb", "fil") has one code. */
static const ss_language_entry known[] = {
    {.code = "en"}, {.code = "de"}, {.code = "vi"}, {.code = "nl"}, {.code = "es"}, {.code = "fr"},
    {.code = "it"}, {.code = "pt"}, {.code = "ru"}, {.code = "zh"}, {.code = "ja"}, {.code = "ko"},
    {.code = "ar"}, {.code = "tr"}, {.code = "pl"}, {.code = "id"}, {.code = "th"}, {.code = "hi"},
    {.code = "bg"}, {.code = "bn"}, {.code = "ca"}, {.code = "cs"}, {.code = "da"}, {.code = "el"},
    {.code = "et"}, {.code = "fa"}, {.code = "fi"}, {.code = "he"}, {.code = "hr"}, {.code = "hu"},
    {.code = "is"}, {.code = "lt"}, {.code = "lv"}, {.code = "mk"}, {.code = "ms"}, {.code = "no"},
    {.code = "ro"}, {.code = "sk"}, {.code = "sl"}, {.code = "sr"}, {.code = "sv"}, {.code = "sw"},
    {.code = "ta"}, {.code = "tl"}, {.code = "uk"}, {.code = "ur"}};
enum { KNOWN = sizeof known / sizeof *known };

/* The one code of a language, as the library maps codes. */
static void canonical_code(samestory_string given, char code[8], uint8_t *level)
{
    samestory_model list = {.language = known, .languages = KNOWN};
    unsigned found = given.size ? ss_model_language(&list, given.data, given.size) : KNOWN;
    *level = found < 4 ? LEVEL_FOUR : found < 18 ? LEVEL_EIGHTEEN : LEVEL_ALL;
    memset(code, 0, 8);
    if (found < KNOWN) memcpy(code, known[found].code, 8);
    else memcpy(code, given.size ? given.data : "und", given.size ? (given.size < 7 ? given.size : 7) : 3);
}

static bool language_of(eval_set *set, samestory_string given, eval_document *d)
{
    char code[8];
    canonical_code(given, code, &d->level);
    size_t size = given.size < sizeof d->code - 1 ? given.size : sizeof d->code - 1;
    if (size) memcpy(d->code, given.data, size);
    for (size_t l = 0; l < set->languages; l++)
        if (!memcmp(set->code[l], code, sizeof code)) {
            d->language = (uint8_t)l;
            return true;
        }
    if (set->languages == LANGUAGES_MAX) return false;
    memcpy(set->code[set->languages], code, sizeof code);
    d->language = (uint8_t)set->languages++;
    return true;
}

/* ---- Texts ------------------------------------------------------------------------------------------ */

static bool blank(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') return false;
    return true;
}

static void append(eval_document *d, int part, const char *line, size_t size)
{
    if (d->size[part]) d->text[part][d->size[part]++] = '\n';
    memcpy(d->text[part] + d->size[part], line, size);
    d->size[part] += size;
}

/* Title and text, and their lines dealt out. */
static bool take_text(const samestory_document *from, eval_document *d)
{
    size_t room = from->title.size + from->text.size + 2, lines = 0;
    for (int part = 0; part < PARTS; part++)
        if (!(d->text[part] = malloc(room))) return false;
    const samestory_string piece[2] = {from->title, from->text};
    for (int i = 0; i < 2; i++)
        for (size_t at = 0, end; at < piece[i].size; at = end + 1) {
            const char *line = piece[i].data + at;
            const char *stop = memchr(line, '\n', piece[i].size - at);
            end = stop ? (size_t)(stop - piece[i].data) : piece[i].size;
            if (blank(line, end - at)) continue;
            append(d, PART_WHOLE, line, end - at);
            append(d, lines++ % 2 ? PART_EVEN : PART_ODD, line, end - at);
        }
    for (int part = 1; part < PARTS && lines < 2; part++) {
        free(d->text[part]);
        d->text[part] = NULL;
    }
    return true;
}

static void document_free(eval_document *d)
{
    for (int part = 0; part < PARTS; part++) free(d->text[part]);
}

/* ---- Files ------------------------------------------------------------------------------------------- */

static int by_language(const void *a, const void *b)
{
    const eval_document *x = a, *y = b;
    if (x->language != y->language) return x->language < y->language ? -1 : 1;
    return x->story < y->story ? -1 : x->story > y->story;
}

static samestory_status add_record(eval_set *set, size_t *capacity, ss_lookup *stories,
                                   const samestory_record *record, samestory_error *error)
{
    eval_document d = {.date = record->document.date};
    if (!record->label.size) return SAMESTORY_OK;
    if (!language_of(set, record->document.language, &d))
        return ss_fail(error, SAMESTORY_INPUT_FAILED, "a set of more than 255 languages");
    uint64_t label = XXH3_64bits(record->label.data, record->label.size);
    d.story = ss_lookup_find(stories, label);
    if (d.story == SS_LOOKUP_NONE) {
        d.story = (uint32_t)set->stories++;
        if (!ss_lookup_add(stories, label, d.story)) return ss_fail_memory(error);
    }
    if (!ss_reserve(&set->document, capacity, set->count + 1)) return ss_fail_memory(error);
    if (!take_text(&record->document, &d)) {
        document_free(&d);
        return ss_fail_memory(error);
    }
    set->halved += d.text[PART_ODD] != NULL;
    set->dated = set->dated && d.date != SAMESTORY_NO_DATE;
    set->document[set->count++] = d;
    return SAMESTORY_OK;
}

static void name_of(const char *path, char *name, size_t room)
{
    const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path;
    size_t size = strcspn(from, ".");
    if (size >= room) size = room - 1;
    memcpy(name, from, size);
    for (size_t i = 0; i < size; i++)
        if (name[i] == '\t' || name[i] == ' ' || name[i] == '\n') name[i] = '-';
    name[size] = 0;
}

samestory_status eval_set_read(const char *path, eval_set *out, samestory_error *error)
{
    samestory_reader *reader = NULL;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    ss_lookup stories = {0};
    size_t capacity = 0;
    *out = (eval_set){.dated = true};
    name_of(path, out->name, sizeof out->name);
    options.label_field = "story";
    samestory_status status = samestory_reader_open(&path, 1, &options, &reader, error);
    while (!status) {
        samestory_record record = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &record, error);
        if (!status && !record.is_blank) status = add_record(out, &capacity, &stories, &record, error);
    }
    samestory_reader_free(reader);
    ss_lookup_free(&stories);
    if (status == SAMESTORY_END) status = SAMESTORY_OK;
    if (!status && out->count < 2)
        status = ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                            "fewer than two records have a \"story\" to be scored by", path, 0, 0);
    if (status) eval_set_free(out);
    else qsort(out->document, out->count, sizeof *out->document, by_language);
    return status;
}

void eval_set_free(eval_set *set)
{
    for (size_t i = 0; i < set->count; i++) document_free(&set->document[i]);
    free(set->document);
    *set = (eval_set){0};
}
