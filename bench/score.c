/* Compares what `samestory dedup -o` wrote about a corpus of bench-corpus with what was planted in
 * it.
 *
 *   bench-score DOCUMENTS.jsonl STORIES.jsonl
 *
 * Prints a JSON object. A copy is found when it was called copy or revision of its original or of
 * another copy of that; everything else that is called so is wrong, halves too. A story link is
 * wrong when the two documents neither carry the same label ("story", of planted records) nor share
 * sentences. Pairs are counted in the final stories. */
#include "samestory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { KINDS = 3 };
static const char *const kinds[KINDS] = {"words", "paragraph", "byline"};

typedef struct entry { /* a document; all names are hashes */
    uint64_t id, of;
    uint64_t same; /* label, or the original of a copy, or itself */
    uint64_t near; /* the same, but halves stand with the other half */
    char kind;     /* index into kinds, or KINDS: no copy */
    char relation; /* first letter: new, copy, revision, story */
    bool labelled, half;
} entry;

typedef struct table {
    entry *entry;
    size_t count, capacity;
    uint32_t *slot; /* by id, open addressing, 0: free */
    size_t slots;
} table;

static int complain(const char *path, const char *what)
{
    fprintf(stderr, "bench-score: %s: %s\n", path, what);
    return 3;
}

/* ---- Records -----------------------------------------------------------------------------------
 */

/* Hash of the string member `name` of a record, 0: it has none. */
static uint64_t member(samestory_string record, const char *name)
{
    char key[32];
    size_t size = (size_t)snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = record.data, *end = record.data + record.size;
    while (at + size < end && (at = memchr(at, '"', (size_t)(end - at) - size))) {
        if (memcmp(at, key, size)) {
            at++;
            continue;
        }
        at += size;
        while (at < end && *at == ' ') at++;
        if (at == end || *at++ != '"') return 0;
        const char *stop = at;
        while (stop < end && *stop != '"') stop += 1 + (*stop == '\\');
        return XXH3_64bits(at, (size_t)(stop - at));
    }
    return 0;
}

static uint64_t hash(const char *text)
{
    return XXH3_64bits(text, strlen(text));
}

/* Where the member that dedup has added begins. */
static size_t added_at(samestory_string record)
{
    static const char key[] = "\"samestory\":";
    for (size_t i = record.size; i >= sizeof key; i--)
        if (!memcmp(record.data + i - sizeof key + 1, key, sizeof key - 1))
            return i - sizeof key + 1;
    return record.size;
}

static entry entry_of(samestory_string record)
{
    size_t at = added_at(record);
    samestory_string head = {record.data, at}, added = {record.data + at, record.size - at};
    entry e = {.id = member(head, "id"), .of = member(added, "of"), .kind = KINDS};
    uint64_t label = member(head, "story"), copy = member(head, "copy_of");
    uint64_t half = member(head, "half_of"), kind = member(head, "kind");
    uint64_t relation = member(added, "relation");
    e.labelled = label != 0;
    e.half = half != 0;
    e.same = label ? label : copy ? copy : e.id;
    e.near = half ? half : e.same;
    for (char k = 0; k < KINDS; k++)
        if (copy && kind == hash(kinds[(int)k])) e.kind = k;
    for (const char *name = "new\0copy\0revision\0story\0"; *name; name += strlen(name) + 1)
        if (relation == hash(name)) e.relation = *name;
    return e;
}

static bool read_documents(const char *path, table *t)
{
    samestory_reader *reader = NULL;
    samestory_reader_options raw = SAMESTORY_READER_OPTIONS_INIT;
    samestory_record record = SAMESTORY_RECORD_INIT;
    raw.lines_only = true;
    samestory_status status = samestory_reader_open(&path, 1, &raw, &reader, NULL);
    while (!status && !(status = samestory_reader_next(reader, &record, NULL))) {
        if (record.is_blank) continue;
        if (t->count == t->capacity) {
            t->capacity = t->capacity * 2 + 1024;
            t->entry = realloc(t->entry, t->capacity * sizeof *t->entry);
            if (!t->entry) exit(5);
        }
        t->entry[t->count++] = entry_of(record.raw);
    }
    samestory_reader_free(reader);
    for (t->slots = 1024; t->slots < 2 * t->count;) t->slots *= 2;
    t->slot = calloc(t->slots, sizeof *t->slot);
    if (!t->slot) exit(5);
    for (size_t i = 0; i < t->count; i++) {
        size_t s = t->entry[i].id & (t->slots - 1);
        while (t->slot[s]) s = (s + 1) & (t->slots - 1);
        t->slot[s] = (uint32_t)(i + 1);
    }
    return status == SAMESTORY_END;
}

static const entry *find(const table *t, uint64_t id)
{
    for (size_t s = id & (t->slots - 1); t->slot[s]; s = (s + 1) & (t->slots - 1))
        if (t->entry[t->slot[s] - 1].id == id) return &t->entry[t->slot[s] - 1];
    return NULL;
}

/* ---- Links as of arrival -----------------------------------------------------------------------
 */

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 1;
}

static void print_copies(const table *t)
{
    size_t planted[KINDS] = {0}, found[KINDS] = {0}, called = 0, right = 0, halves = 0,
           half_called = 0;
    for (size_t i = 0; i < t->count; i++) {
        const entry *e = &t->entry[i], *of = find(t, e->of);
        bool is_called = e->relation == 'c' || e->relation == 'r';
        bool is_right = is_called && of && of->same == e->same;
        called += is_called;
        right += is_right;
        halves += e->half;
        half_called += e->half && is_called;
        if (e->kind == KINDS) continue;
        planted[(int)e->kind]++;
        found[(int)e->kind] += is_right;
    }
    printf("\"copies\":{\"planted\":%zu,\"called\":%zu,\"right\":%zu,\"precision\":%.5f,"
           "\"halves\":%zu,\"halves_called_copy\":%zu,\"recall\":{",
           planted[0] + planted[1] + planted[2], called, right, share(right, called), halves,
           half_called);
    for (int k = 0; k < KINDS; k++)
        printf("%s\"%s\":%.5f", k ? "," : "", kinds[k], share(found[k], planted[k]));
    printf("}}");
}

static void print_links(const table *t)
{
    size_t links = 0, wrong = 0, half = 0;
    for (size_t i = 0; i < t->count; i++) {
        const entry *e = &t->entry[i], *of = find(t, e->of);
        if (e->relation != 's') continue;
        links++;
        wrong += !of || of->near != e->near;
        half += of && of->near == e->near && of->same != e->same;
    }
    printf("\"links\":{\"story\":%zu,\"false\":%zu,\"false_per_1000\":%.4f,\"of_halves\":%zu}",
           links, wrong, 1000 * share(wrong, t->count), half);
}

/* ---- Pairs in the final stories ----------------------------------------------------------------
 */

typedef struct pairs {
    size_t all;                      /* in one story */
    size_t near;                     /* of those: share sentences, or a label */
    size_t labelled, labelled_right; /* both carry a label; the same label */
    size_t largest;                  /* documents in a story */
} pairs;

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Pairs of equal values; sorts them. */
static size_t equal_pairs(uint64_t *values, size_t count)
{
    size_t found = 0, run = 0;
    qsort(values, count, sizeof *values, by_value);
    for (size_t i = 1; i < count; i++) {
        run = values[i] == values[i - 1] ? run + 1 : 0;
        found += run;
    }
    return found;
}

static void count_story(const table *t, samestory_string line, uint64_t *near, uint64_t *label,
                        pairs *p)
{
    size_t count = 0, labelled = 0;
    const char *end = line.data + line.size, *at = line.data;
    while (at + 13 < end && memcmp(at, "\"documents\":[", 13)) at++;
    for (at += 13; at < end && *at == '"'; at += at < end && *at == ',') {
        const char *start = ++at;
        while (at < end && *at != '"') at += 1 + (*at == '\\');
        const entry *e = find(t, XXH3_64bits(start, (size_t)(at - start)));
        at++;
        if (!e) continue;
        near[count++] = e->near;
        if (e->labelled) label[labelled++] = e->same;
    }
    p->all += count * (count - (count > 0)) / 2;
    p->near += equal_pairs(near, count);
    p->labelled += labelled * (labelled - (labelled > 0)) / 2;
    p->labelled_right += equal_pairs(label, labelled);
    if (count > p->largest) p->largest = count;
}

static bool print_stories(const char *path, const table *t)
{
    samestory_reader *reader = NULL;
    samestory_reader_options raw = SAMESTORY_READER_OPTIONS_INIT;
    samestory_record record = SAMESTORY_RECORD_INIT;
    pairs p = {0};
    uint64_t *near = malloc((t->count + 1) * sizeof *near);
    uint64_t *label = malloc((t->count + 1) * sizeof *label);
    if (!near || !label) exit(5);
    raw.lines_only = true;
    samestory_status status = samestory_reader_open(&path, 1, &raw, &reader, NULL);
    while (!status && !(status = samestory_reader_next(reader, &record, NULL)))
        count_story(t, record.raw, near, label, &p);
    samestory_reader_free(reader);
    size_t labels = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->entry[i].labelled) label[labels++] = t->entry[i].same;
    size_t planted = equal_pairs(label, labels);
    printf("\"stories\":{\"planted_pairs\":%zu,\"found_pairs\":%zu,\"planted_recall\":%.5f,"
           "\"planted_precision\":%.5f,\"false_pairs\":%zu,\"largest\":%zu}",
           planted, p.labelled_right, share(p.labelled_right, planted),
           share(p.labelled_right, p.labelled), p.all - p.near, p.largest);
    free(near);
    free(label);
    return status == SAMESTORY_END;
}

int main(int count, char **arguments)
{
    static table t;
    if (count != 3) {
        fputs("usage: bench-score DOCUMENTS.jsonl STORIES.jsonl\n", stderr);
        return 2;
    }
    if (!read_documents(arguments[1], &t)) return complain(arguments[1], "can't be read");
    printf("{\"documents\":%zu,", t.count);
    print_copies(&t);
    printf(",");
    print_links(&t);
    printf(",");
    if (!print_stories(arguments[2], &t)) return complain(arguments[2], "can't be read");
    puts("}");
    free(t.entry);
    free(t.slot);
    return 0;
}
