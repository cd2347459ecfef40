/* Makes crowds (see the header). */
#include "train/crowd.h"

#include "base/array.h"
#include "base/lookup.h"
#include "train/dropped.h"
#include "train/random.h"
#include "train/zstd_lines.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* An article has some 25 lines, so that neighbouring documents are rarely of one article. Sources
 * of unordered sentences have no articles: there a block is the document. */
enum { BLOCK = 48, LONG_LINE = 24, PARTS = 6 };

const char *const crowd_kind_name[CROWD_KINDS] = {"news", "manuals, stories", "sentences"};

static const size_t wishes[] = {1, 1, 2, 3, 5, 8, 12, 20}; /* lines of a document */
/* Translations are known by their English, so lines without it are left out, but in these sources,
 * which have one pair of languages. */
static const char *const one_pair[] = {"alt-wikinews"};
static const char *const unordered[] = {"tatoeba", "tanaka", "multi30k"};
/* Made of sentences that say nearly the same: headlines of one event, captions of one picture. */
static const char *const alike[] = {"stsb", "sick"};

typedef struct making {
    crowd *out;
    dropped_lines dropped;
    ss_lookup used; /* long lines of blocks that were taken, both sides */
    crowd_half half;
    crowd_kind kind; /* of the source that is read */
    uint64_t random;
    /* the block in the making */
    char *line[BLOCK];
    size_t lines, size;
} making;

/* A line "de-en<TAB>text<TAB>text" in its parts. */
typedef struct pair_line {
    const char *code[2], *text[2];
    size_t code_size[2], text_size[2];
} pair_line;

static bool split_line(const char *line, pair_line *out)
{
    const char *tab = strchr(line, '\t'), *next = tab ? strchr(tab + 1, '\t') : NULL;
    const char *dash = tab ? memchr(line, '-', (size_t)(tab - line)) : NULL;
    if (!dash || !next) return false;
    *out = (pair_line){{line, dash + 1},
                       {tab + 1, next + 1},
                       {(size_t)(dash - line), (size_t)(tab - dash - 1)},
                       {(size_t)(next - tab - 1), strlen(next + 1)}};
    return out->code_size[0] < 8 && out->code_size[1] < 8 && out->text_size[0] && out->text_size[1];
}

static bool begins_with_one_of(const char *source, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strncmp(source, list[i], strlen(list[i]))) return true;
    return false;
}

static bool is_english(const pair_line *p, int side)
{
    return p->code_size[side] == 2 && !memcmp(p->code[side], "en", 2);
}

static uint64_t hash_of(const pair_line *p, int side)
{
    return XXH3_64bits(p->text[side], p->text_size[side]);
}

/* Is so much of the block known that it is an earlier one in another language? */
static bool is_used(const making *m)
{
    size_t known = 0;
    for (size_t i = 0; i < m->lines; i++) {
        pair_line p;
        if (!split_line(m->line[i], &p)) continue;
        bool found = false;
        for (int side = 0; side < 2; side++)
            found |= p.text_size[side] >= LONG_LINE &&
                     ss_lookup_find(&m->used, hash_of(&p, side)) != SS_LOOKUP_NONE;
        known += found;
    }
    return known * 8 > m->lines;
}

static bool mark_used(making *m)
{
    for (size_t i = 0; i < m->lines; i++) {
        pair_line p;
        if (!split_line(m->line[i], &p)) continue;
        for (int side = 0; side < 2; side++)
            if (p.text_size[side] >= LONG_LINE && !ss_lookup_add(&m->used, hash_of(&p, side), 0))
                return false;
    }
    return true;
}

/* The lines of one side as a document; every other one that has several gets its first line as
 * title. */
static bool add_document(making *m, const char *source, size_t wish)
{
    crowd *c = m->out;
    pair_line p;
    if (!split_line(m->line[0], &p)) return true;
    int side = !is_english(&p, 1); /* English is on one side of all, so it is taken less often */
    if (!random_below(&m->random, 4)) side = !side;
    bool titled = wish > 1 && random_below(&m->random, 2);
    size_t size = 0;
    char *text = malloc(m->size + BLOCK + 1);
    if (!text || !ss_reserve(&c->document, &c->capacity, c->count + 1)) {
        free(text);
        return false;
    }
    crowd_document *d = &c->document[c->count];
    *d = (crowd_document){
        .kind = m->kind, .title = calloc(1, titled ? p.text_size[side] + 1 : 1), .text = text};
    memcpy(d->language, p.code[side], p.code_size[side]);
    snprintf(d->source, sizeof d->source, "%.*s", (int)sizeof d->source - 1, source);
    if (d->title && titled) memcpy(d->title, p.text[side], p.text_size[side]);
    for (size_t i = titled; i < wish && i < m->lines; i++) {
        if (!split_line(m->line[i], &p)) continue;
        memcpy(text + size, p.text[side], p.text_size[side]);
        size += p.text_size[side];
        text[size++] = '\n';
    }
    text[size] = 0;
    c->count++;
    return d->title != NULL;
}

/* Every other block of this half becomes a document: else the first pair of languages of a source
 * would take all the texts. */
static bool finish_block(making *m, const char *source, size_t wish)
{
    bool good = true;
    if (m->lines) {
        pair_line p;
        uint64_t key = split_line(m->line[0], &p) ? hash_of(&p, is_english(&p, 1)) : 0;
        bool ours = (key >> 20 & 1) == (m->half == CROWD_MEASURED) && random_below(&m->random, 2);
        if (ours && !is_used(m)) good = mark_used(m) && add_document(m, source, wish);
    }
    for (size_t i = 0; i < m->lines; i++) free(m->line[i]);
    m->lines = m->size = 0;
    return good;
}

static bool same_languages(const making *m, const char *line)
{
    size_t size = strcspn(line, "\t");
    return !m->lines || (!strncmp(m->line[0], line, size) && m->line[0][size] == '\t');
}

/* Is the line one to be used? */
static bool is_good(const making *m, const char *line, size_t size, bool needs_english)
{
    pair_line p;
    if (dropped_has(&m->dropped, line, size) || !split_line(line, &p)) return false;
    return !needs_english || is_english(&p, 0) || is_english(&p, 1);
}

static samestory_status read_source(making *m, const source_file *file, samestory_error *error)
{
    zstd_lines *lines;
    samestory_error reading = {0};
    samestory_status status = zstd_lines_open(file->path, &lines, error);
    size_t size, wish = 1;
    bool good = true;
    bool whole = m->kind == CROWD_SENTENCES;
    bool english = !begins_with_one_of(file->source, one_pair, sizeof one_pair / sizeof *one_pair);
    if (status) return status;
    for (char *line; good && (line = zstd_lines_next(lines, &size, &reading));) {
        if (!is_good(m, line, size, english)) continue;
        if (m->lines == (whole ? wish : BLOCK) || !same_languages(m, line))
            good = finish_block(m, file->source, wish);
        if (!m->lines) wish = wishes[random_below(&m->random, sizeof wishes / sizeof *wishes)];
        good = good && (m->line[m->lines] = strdup(line));
        m->lines += good;
        m->size += size;
    }
    good = finish_block(m, file->source, wish) && good;
    return zstd_lines_end(lines, good ? SAMESTORY_OK : ss_fail_memory(error), &reading, error);
}

static void document_free(crowd_document *d)
{
    free(d->title);
    free(d->text);
}

/* Keeps `most` of the documents from `from` on, drawn evenly. */
static void thin_out(making *m, size_t from, size_t most)
{
    crowd *c = m->out;
    for (size_t i = from, left = most; i < c->count; i++) {
        size_t here = c->count - i;
        if (random_below(&m->random, here) < left)
            left--;
        else {
            document_free(&c->document[i]);
            c->document[i].text = NULL;
        }
    }
    size_t kept = from;
    for (size_t i = from; i < c->count; i++)
        if (c->document[i].text) c->document[kept++] = c->document[i];
    c->count = kept;
}

static crowd_kind kind_of(const char *source, const source_weight *rule)
{
    if (begins_with_one_of(source, unordered, sizeof unordered / sizeof *unordered))
        return CROWD_SENTENCES;
    return rule && rule->weight >= 2 ? CROWD_NEWS : CROWD_OTHER;
}

samestory_status crowd_read(const corpus_files *files, crowd_half half, size_t wish, crowd *out,
                            samestory_error *error)
{
    source_weight weight[SOURCE_WEIGHTS_MAX];
    size_t weights = 0;
    struct dirent **names;
    making m = {.out = out, .half = half, .random = 11 + (uint64_t)half};
    *out = (crowd){0};
    samestory_status status =
        corpus_weights(files->sources, weight, SOURCE_WEIGHTS_MAX, &weights, error);
    if (!status) status = dropped_read(files->dropped, &m.dropped, error);
    int count = status ? -1 : corpus_list(files->data, &names, error);
    if (count < 0) status = status ? status : SAMESTORY_INPUT_FAILED;
    for (int i = 0; i < count && !status; i++) {
        source_file file = corpus_source(files->data, names[i]);
        const source_weight *rule = corpus_weight_of(weight, weights, file.source);
        size_t from = out->count;
        if (rule && (!(rule->weight > 0) || !rule->chain)) continue;
        if (begins_with_one_of(file.source, alike, sizeof alike / sizeof *alike)) continue;
        m.kind = kind_of(file.source, rule);
        status = read_source(&m, &file, error);
        if (!status) thin_out(&m, from, wish / PARTS);
    }
    if (count >= 0) corpus_list_free(names, count);
    if (!status && out->count > wish) thin_out(&m, 0, wish);
    dropped_free(&m.dropped);
    ss_lookup_free(&m.used);
    if (status) crowd_free(out);
    return status;
}

void crowd_free(crowd *c)
{
    for (size_t i = 0; i < c->count; i++) document_free(&c->document[i]);
    free(c->document);
    *c = (crowd){0};
}
