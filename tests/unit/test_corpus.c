/* The training corpus: what is read, what is dropped, and the cache that gives the same corpus back, or
 * nothing when it is stale, damaged or made up by somebody else. */
#include "unit.h"

#include "train/corpus.c"
#include "train/corpus_cache.c"
#include "train/cities.c"
#include "train/dropped.c"
#include "train/list.c"
#include "train/lexicon.c"
#include "train/zstd_lines.c"

#include <unistd.h>

static char folder[] = "/tmp/samestory-corpus-XXXXXX";
static char sources[64], dropped[64], cache[64];
static ss_normalizer *normalizer;

static const char first_line[] = "en-de\tThe ministers met in Hanoi.\tDie Minister trafen sich in Hanoi.";
static const char second_line[] = "en-ja\tRice prices fell again.\t米の価格が再び下がった。";

static void write_bytes(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_source(const char *name, const char *text)
{
    char path[128], packed[4096];
    snprintf(path, sizeof path, "%s/%s.tsv.zst", folder, name);
    size_t size = ZSTD_compress(packed, sizeof packed, text, strlen(text), 3);
    assert_false(ZSTD_isError(size));
    write_bytes(path, packed, size);
}

static void write_sources(const char *more)
{
    char text[1024];
    snprintf(text, sizeof text, "%s\n%s\nen-de\tYes.\tJa.\n%s", first_line, second_line, more);
    write_source("news", text);
}

static int start(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(sources, sizeof sources, "%s/sources", folder);
    snprintf(dropped, sizeof dropped, "%s/dropped", folder);
    snprintf(cache, sizeof cache, "%s/cache", folder);
    write_bytes(sources, "news\t2\t1\tfree\n", 14);
    write_sources("");
    normalizer = ss_normalizer_new();
    return normalizer ? 0 : -1;
}

static int end(void **state)
{
    char command[128];
    (void)state;
    ss_normalizer_free(normalizer);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static corpus_files files(bool with_cache, bool with_dropped)
{
    return (corpus_files){folder, sources, with_dropped ? dropped : NULL, with_cache ? cache : NULL};
}

static void assert_same(const corpus *a, const corpus *b)
{
    assert_int_equal(a->pairs, b->pairs);
    assert_int_equal(a->unit_count, b->unit_count);
    assert_int_equal(a->groups, b->groups);
    assert_int_equal(a->unit_kinds, b->unit_kinds);
    assert_int_equal(a->languages, b->languages);
    assert_memory_equal(a->unit, b->unit, a->unit_count * sizeof *a->unit);
    assert_memory_equal(a->group, b->group, a->groups * sizeof *a->group);
    assert_memory_equal(a->folded, b->folded, a->unit_kinds * sizeof *a->folded);
    assert_memory_equal(a->language, b->language, a->languages * sizeof *a->language);
    assert_memory_equal(a->feature_first, b->feature_first, (a->unit_kinds + 1) * 8);
    assert_memory_equal(a->feature, b->feature, a->feature_first[a->unit_kinds] * 8);
    for (size_t p = 0; p < a->pairs; p++) {
        assert_int_equal(a->pair[p].first, b->pair[p].first);
        assert_memory_equal(a->pair[p].units, b->pair[p].units, sizeof a->pair[p].units);
        assert_memory_equal(a->pair[p].hash, b->pair[p].hash, sizeof a->pair[p].hash);
    }
}

static void the_cache_gives_the_corpus_back(void **state)
{
    corpus read, written, mapped;
    corpus_files plain = files(false, false), cached = files(true, false);
    (void)state;
    assert_int_equal(corpus_open(&plain, normalizer, &read, NULL), SAMESTORY_OK);
    assert_int_equal(corpus_open(&cached, normalizer, &written, NULL), SAMESTORY_OK);
    assert_null(written.map);
    assert_int_equal(corpus_open(&cached, normalizer, &mapped, NULL), SAMESTORY_OK);
    assert_non_null(mapped.map);
    assert_int_equal(read.pairs, 3);
    assert_same(&read, &written);
    assert_same(&read, &mapped);
    corpus_free(&read);
    corpus_free(&written);
    corpus_free(&mapped);
}

static void a_cache_of_other_files_is_made_anew(void **state)
{
    corpus c;
    corpus_files cached = files(true, false);
    (void)state;
    write_sources("en-vi\tGood morning.\tChào buổi sáng.\n");
    assert_int_equal(corpus_open(&cached, normalizer, &c, NULL), SAMESTORY_OK);
    assert_null(c.map);
    assert_int_equal(c.pairs, 4);
    corpus_free(&c);
    write_bytes(sources, "news\t3\t1\tfree\n", 14); /* another weight */
    assert_int_equal(corpus_open(&cached, normalizer, &c, NULL), SAMESTORY_OK);
    assert_null(c.map);
    assert_near((double)c.group[0].weight, 3, 0);
    corpus_free(&c);
}

static void listed_lines_are_not_read(void **state)
{
    char text[256];
    corpus c;
    corpus_files with = files(true, true);
    (void)state;
    int size = snprintf(text, sizeof text, "# why\nnews\t%016llx\t1\texact\n",
                        (unsigned long long)dropped_hash(first_line, sizeof first_line - 1));
    write_bytes(dropped, text, (size_t)size);
    assert_int_equal(corpus_open(&with, normalizer, &c, NULL), SAMESTORY_OK);
    assert_null(c.map); /* the list is part of what the cache stands for */
    assert_int_equal(c.pairs, 3);
    for (size_t g = 0; g < c.groups; g++)
        if (!strcmp(c.language[c.group[g].language[1]].code, "de"))
            assert_int_equal(c.group[g].end - c.group[g].first, 1); /* "Yes." */
    corpus_free(&c);
}

static void a_bad_list_is_told(void **state)
{
    static const char *const bad[] = {"news\n", "news\txyz\n", "news\t12345\twhy\n", "\t0123456789abcdef\n",
                                      "news\t0123456789abcdef0\n"};
    dropped_lines lines;
    samestory_error error = {0};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_bytes(dropped, bad[i], strlen(bad[i]));
        assert_int_equal(dropped_read(dropped, &lines, &error), SAMESTORY_INPUT_FAILED);
        assert_int_equal(error.line, 1);
    }
}

/* ---- Damage ------------------------------------------------------------------------------------------- */

static char *cache_bytes(size_t *size, uint64_t *stamp)
{
    corpus c;
    corpus_files plain = files(false, false);
    assert_int_equal(corpus_stamp(&plain, normalizer, stamp, NULL), SAMESTORY_OK);
    assert_int_equal(corpus_read(&plain, normalizer, &c, NULL), SAMESTORY_OK);
    assert_int_equal(corpus_cache_write(cache, *stamp, &c, NULL), SAMESTORY_OK);
    corpus_free(&c);
    FILE *file = fopen(cache, "rb");
    char *bytes = malloc(1 << 20);
    assert_non_null(file);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static bool accepted(const char *bytes, size_t size, uint64_t stamp)
{
    corpus c;
    bool valid;
    write_bytes(cache, bytes, size);
    assert_int_equal(corpus_cache_map(cache, stamp, &c, &valid, NULL), SAMESTORY_OK);
    if (valid) corpus_free(&c);
    return valid;
}

static void a_damaged_cache_is_not_used(void **state)
{
    size_t size;
    uint64_t stamp;
    char *bytes = cache_bytes(&size, &stamp);
    (void)state;
    assert_true(accepted(bytes, size, stamp));
    assert_false(accepted(bytes, size, stamp + 1));
    for (size_t cut = 0; cut < size; cut += 61) assert_false(accepted(bytes, cut, stamp));
    size_t refused = 0;
    for (size_t at = 0; at < size; at += 7) {
        bytes[at] ^= 0x41;
        refused += !accepted(bytes, size, stamp); /* padding is nobody's */
        bytes[at] ^= 0x41;
    }
    assert_true(refused > size / 7 * 8 / 10);
    free(bytes);
}

/* Checksums are put right after the damage: now the numbers themselves must be looked at. */
static void seal(char *bytes)
{
    cache_head h;
    uint64_t part[SECTIONS], at = aligned(sizeof h);
    memcpy(&h, bytes, sizeof h);
    assert_true(section_sizes(&h, part));
    for (int i = 0; i < SECTIONS; at += aligned(part[i++])) h.hash[i] = XXH3_64bits(bytes + at, part[i]);
    h.head_hash = XXH3_64bits(&h, offsetof(cache_head, head_hash));
    memcpy(bytes, &h, sizeof h);
}

static void a_forged_cache_leads_nowhere(void **state)
{
    size_t size, at[SECTIONS];
    uint64_t stamp, part[SECTIONS];
    char *bytes = cache_bytes(&size, &stamp), *copy = malloc(size);
    cache_head h;
    (void)state;
    assert_non_null(copy);
    memcpy(&h, bytes, sizeof h);
    assert_true(section_sizes(&h, part));
    at[0] = aligned(sizeof h);
    for (int i = 1; i < SECTIONS; i++) at[i] = at[i - 1] + aligned(part[i - 1]);
    const struct {
        size_t at;
        uint32_t value;
    } forged[] = {
        {at[0], 1u << 30},                                     /* a pair's first unit */
        {at[0] + offsetof(text_pair, units), 0xFFFFFFFF},      /* its units */
        {at[1], 1u << 30},                                     /* a unit */
        {at[2] + offsetof(text_group, end), 1u << 20},         /* a group's pairs */
        {at[2] + offsetof(text_group, language), 0xFFFFFFFF},  /* its languages */
        {at[4], 3},                                            /* the first feature */
        {at[4] + 8, 1u << 30},                                 /* features of a unit */
    };
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        memcpy(copy, bytes, size);
        memcpy(copy + forged[i].at, &forged[i].value, sizeof forged[i].value);
        seal(copy);
        assert_false(accepted(copy, size, stamp));
    }
    memcpy(copy, bytes, size);
    seal(copy);
    assert_true(accepted(copy, size, stamp));
    free(copy);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cache_gives_the_corpus_back),
        cmocka_unit_test(a_cache_of_other_files_is_made_anew),
        cmocka_unit_test(listed_lines_are_not_read),
        cmocka_unit_test(a_bad_list_is_told),
        cmocka_unit_test(a_damaged_cache_is_not_used),
        cmocka_unit_test(a_forged_cache_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, start, end);
}
