/* The model file: a good one opens and answers, anything else is refused with a reason, whatever
 * its bytes are. */
#include "unit.h"

#include "match/judge.h"
#include "text/lang.h"
#include "tiny_model.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/samestory-test-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/a.model", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The file's bytes; the caller frees them. */
static char *read_file(size_t *size)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    *size = (size_t)info.st_size;
    char *bytes = malloc(*size);
    FILE *file = fopen(path, "rb");
    assert_non_null(bytes);
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void write_tiny(const tiny_model *t)
{
    samestory_error error;
    assert_int_equal(ss_model_write(path, t->section, &error), SAMESTORY_OK);
}

static char *tiny_bytes(size_t *size)
{
    tiny_model t = tiny_model_new();
    write_tiny(&t);
    tiny_model_free(&t);
    return read_file(size);
}

static samestory_model *open_tiny(void)
{
    tiny_model t = tiny_model_new();
    write_tiny(&t);
    tiny_model_free(&t);
    samestory_model *model = NULL;
    samestory_error error = {0};
    if (samestory_model_open(path, &model, &error)) fail_msg("%s", error.message);
    return model;
}

static void assert_refused(samestory_status expected, const char *what)
{
    samestory_model *untouched = (samestory_model *)(void *)path, *model = untouched;
    samestory_error error = {0};
    samestory_status status = samestory_model_open(path, &model, &error);
    if (status != expected) fail_msg("%s: %s", what, samestory_status_name(status));
    assert_int_equal(error.status, status);
    assert_non_null(error.message);
    assert_true(strlen(error.message) > 10);
    assert_ptr_equal(model, untouched);
    assert_int_equal(samestory_model_open(path, &model, NULL), expected); /* error may be NULL */
}

/* ---- A good one
 * --------------------------------------------------------------------------------------- */

static void good_model_opens_and_answers(void **state)
{
    (void)state;
    samestory_model *m = open_tiny();
    assert_int_equal(samestory_model_dimension(m), TINY_D);
    const char *description = samestory_model_description(m);
    assert_memory_equal(description, "stamp\t", 6);
    assert_int_equal(strspn(description + 6, "0123456789abcdef"), 16);
    assert_string_equal(description + 22, "\nname\ttiny\n");
    assert_int_equal(m->languages, 3);
    assert_int_equal(m->cells, TINY_CELLS);
    assert_near(ss_model_zipf(m, ss_folded_hash("minister", 8), 0), 4.8, 1e-5);
    assert_near(ss_model_zipf(m, ss_folded_hash("minister", 8), 1), 5.0, 1e-5);
    assert_near(ss_model_zipf(m, ss_folded_hash("pflaume", 7), SS_LANGUAGE_UNKNOWN), 0, 1e-5);
    /* the larger of its own language and English; of all, when unknown */
    assert_near(ss_model_zipf(m, ss_folded_hash("die", 3), 1), 7.6, 1e-5);
    assert_near(ss_model_zipf(m, ss_folded_hash("die", 3), 2), 4.8, 1e-5);
    assert_near(ss_model_zipf(m, ss_folded_hash("der", 3), 0), 0, 1e-5);
    assert_near(ss_model_zipf(m, ss_folded_hash("der", 3), SS_LANGUAGE_UNKNOWN), 7.6, 1e-5);
    const ss_lexicon_entry *month = ss_model_lexicon(m, ss_folded_hash("november", 8));
    assert_non_null(month);
    assert_int_equal(month->value, 11);
    assert_ptr_equal(month, m->lexicon);
    assert_null(ss_model_lexicon(m, ss_folded_hash("nebel", 5)));
    samestory_model_free(m);
}

static void every_feature_finds_its_row(void **state)
{
    (void)state;
    samestory_model *m = open_tiny();
    for (uint64_t bucket = 0; bucket < 1 << TINY_BITS; bucket++) {
        uint64_t feature = bucket << (64 - TINY_BITS) | bucket * 7;
        int64_t row = ss_model_row(m, feature);
        if (bucket % 2 == 0)
            assert_int_equal(row, bucket / 2);
        else
            assert_int_equal(row, TINY_PRESENT + (bucket * 7) % TINY_SHARED);
    }
    samestory_model_free(m);
}

static void languages_go_by_many_codes(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        unsigned expected;
    } codes[] = {
        {"en", 0},
        {"EN", 0},
        {"en-GB", 0},
        {"eng", 0},
        {"de_AT", 1},
        {"deu", 1},
        {"ger", 1},
        {"vi", 2},
        {"vie", 2},
        {"vi-Latn-VN", 2},
        {"fr", SS_LANGUAGE_UNKNOWN},
        {"", SS_LANGUAGE_UNKNOWN},
        {"e", SS_LANGUAGE_UNKNOWN},
        {"-", SS_LANGUAGE_UNKNOWN},
        {"english", SS_LANGUAGE_UNKNOWN},
        {"d\xC3\xA9", SS_LANGUAGE_UNKNOWN},
    };
    samestory_model *m = open_tiny();
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_int_equal(ss_model_language(m, codes[i].code, strlen(codes[i].code)),
                         codes[i].expected);
    assert_int_equal(ss_model_language(m, NULL, 0), SS_LANGUAGE_UNKNOWN);
    samestory_model_free(m);
}

/* The judge and the notes may change without making an index worthless. */
static void stamp_follows_what_sketches_depend_on(void **state)
{
    (void)state;
    samestory_model *m = open_tiny();
    uint64_t stamp = m->stamp;
    samestory_model_free(m);
    for (int kind = SS_NOTES; kind < SS_SECTIONS; kind++) {
        tiny_model t = tiny_model_new();
        bool counts = kind != SS_NOTES && kind != SS_JUDGE;
        /* a byte at the end, or one of the text's first line, a comment */
        t.bytes[kind][counts ? t.section[kind].size - 2 : 2] ^= 1;
        write_tiny(&t);
        tiny_model_free(&t);
        samestory_error error = {0};
        if (samestory_model_open(path, &m, &error)) fail_msg("section %d: %s", kind, error.message);
        assert_int_equal(m->stamp != stamp, counts);
        samestory_model_free(m);
    }
}

/* Without a language identifier it goes by the frequencies alone. */
static void a_model_may_lack_its_last_section(void **state)
{
    (void)state;
    tiny_model t = tiny_model_new();
    t.section[SS_LANGID] = (ss_model_section){NULL, 0};
    write_tiny(&t);
    tiny_model_free(&t);
    samestory_model *m = NULL;
    samestory_error error = {0};
    if (samestory_model_open(path, &m, &error)) fail_msg("%s", error.message);
    assert_null(m->langid);
    ss_words words = {0};
    assert_int_equal(ss_words_split(m->normalizer, "der und die", 11, &words), SAMESTORY_OK);
    assert_int_equal(ss_language_identify(m, &words), 1);
    ss_model_section section[SS_SECTIONS];
    ss_model_sections(m, section);
    assert_null(section[SS_LANGID].data);
    assert_non_null(section[SS_LEXICON].data);
    ss_words_free(&words);
    samestory_model_free(m);
}

static void free_accepts_null(void **state)
{
    (void)state;
    samestory_model_free(NULL);
}

/* ---- Damage
 * ---------------------------------------------------------------------------------------------- */

static void truncated_anywhere_is_refused(void **state)
{
    (void)state;
    size_t size;
    char *bytes = tiny_bytes(&size);
    for (size_t cut = 0; cut < size; cut += cut < 1024 ? 13 : 4999) {
        write_file(bytes, cut);
        assert_refused(SAMESTORY_MODEL_MISMATCH, "truncated");
    }
    write_file(bytes, size - 1);
    assert_refused(SAMESTORY_MODEL_MISMATCH, "the last byte is missing");
    char *longer = malloc(size + 1);
    assert_non_null(longer);
    memcpy(longer, bytes, size);
    longer[size] = 0;
    write_file(longer, size + 1);
    assert_refused(SAMESTORY_MODEL_MISMATCH, "a byte too many");
    free(longer);
    free(bytes);
}

static void a_flipped_byte_in_head_or_section_is_refused(void **state)
{
    (void)state;
    enum { HEAD = 56, TABLE_START = 64, TABLE_END = TABLE_START + 32 * (SS_SECTIONS - 1) };
    size_t size;
    char *bytes = tiny_bytes(&size);
    for (size_t at = 0; at < TABLE_END; at++) {
        if (at >= HEAD && at < TABLE_START) continue; /* reserved */
        bytes[at] ^= 0x10;
        write_file(bytes, size);
        assert_refused(SAMESTORY_MODEL_MISMATCH, "flipped in the head");
        bytes[at] ^= 0x10;
    }
    for (int kind = SS_NOTES; kind < SS_SECTIONS; kind++) {
        uint64_t offset, section_size;
        memcpy(&offset, bytes + TABLE_START + 32 * (kind - 1) + 8, 8);
        memcpy(&section_size, bytes + TABLE_START + 32 * (kind - 1) + 16, 8);
        for (size_t part = 0; part < 7; part++) {
            size_t at = offset + (section_size - 1) * part / 6;
            bytes[at] ^= 0x01;
            write_file(bytes, size);
            assert_refused(SAMESTORY_MODEL_MISMATCH, "flipped in a section");
            bytes[at] ^= 0x01;
        }
    }
    free(bytes);
}

static void another_version_is_told_apart(void **state)
{
    (void)state;
    size_t size;
    char *bytes = tiny_bytes(&size);
    for (size_t field = 16; field < 28; field += 4) { /* format, normaliser, features */
        bytes[field]++;
        write_file(bytes, size);
        assert_refused(SAMESTORY_MODEL_MISMATCH, "another version");
        samestory_model *model = NULL;
        samestory_error error;
        samestory_model_open(path, &model, &error);
        assert_non_null(strstr(error.message, "version"));
        assert_string_equal(error.file, path);
        bytes[field]--;
    }
    free(bytes);
}

static void what_is_no_model_is_refused(void **state)
{
    (void)state;
    write_file("", 0);
    assert_refused(SAMESTORY_MODEL_MISMATCH, "empty file");
    const char *text =
        "{\"id\":\"a\",\"text\":\"This is a line of news, not a model of anything.\"}\n";
    write_file(text, strlen(text));
    assert_refused(SAMESTORY_MODEL_MISMATCH, "text");
    static char zeros[100000];
    write_file(zeros, sizeof zeros);
    assert_refused(SAMESTORY_MODEL_MISMATCH, "zeros");
    memcpy(zeros, SS_MODEL_MAGIC, 16);
    write_file(zeros, sizeof zeros);
    assert_refused(SAMESTORY_MODEL_MISMATCH, "magic and zeros");
}

static void what_cannot_be_read_is_refused(void **state)
{
    (void)state;
    unlink(path);
    assert_refused(SAMESTORY_INPUT_FAILED, "no file");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused(SAMESTORY_INPUT_FAILED, "a folder");
    rmdir(path);
    samestory_model *model = NULL;
    samestory_error error;
    assert_int_equal(samestory_model_open(NULL, &model, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_model_open(path, NULL, &error), SAMESTORY_BAD_ARGUMENT);
}

/* ---- Sections that are whole, with sums that agree, and lie
 * ------------------------------------------------ */

typedef struct lie {
    const char *what;
    enum ss_section kind;
    size_t offset;
    uint32_t value; /* four bytes put at the offset */
} lie;

static void lying_sections_are_refused(void **state)
{
    (void)state;
    const size_t rank = 16 + (1 << TINY_BITS) / 8, mean = 16 + 3 * sizeof(ss_language_entry);
    const size_t first = 16, lexicon = 16;
    const lie lies[] = {
        {"no bits", SS_TABLE, 0, 0},
        {"too many bits", SS_TABLE, 0, 31},
        {"more bits than it has", SS_TABLE, 0, TINY_BITS + 1},
        {"dimension 0", SS_TABLE, 4, 0},
        {"dimension not a multiple of 16", SS_TABLE, 4, 24},
        {"dimension too large", SS_TABLE, 4, 1u << 20},
        {"more rows than it has", SS_TABLE, 8, TINY_ROWS + 1},
        {"rows beyond all", SS_TABLE, 8, UINT32_MAX},
        {"more shared rows than rows", SS_TABLE, 12, TINY_ROWS + 1},
        {"one shared row more", SS_TABLE, 12, TINY_SHARED + 1},
        {"more buckets than rows", SS_TABLE, 16, 0xFFFFFFFF},
        {"wrong rank", SS_TABLE, rank + 4, 99},
        {"a huge scale", SS_TABLE, tiny_aligned(rank + 8), 0x01010180},
        {"more languages than it has", SS_LANGUAGES, 0, 4},
        {"more languages than there may be", SS_LANGUAGES, 0, 1000},
        {"another dimension", SS_LANGUAGES, 4, 64},
        {"more directions than it has", SS_LANGUAGES, 8, TINY_DIRECTIONS + 1},
        {"directions beyond all", SS_LANGUAGES, 8, UINT32_MAX},
        {"a code without end", SS_LANGUAGES, 16 + 4, 0x41414141},
        {"a mean that is no number", SS_LANGUAGES, tiny_aligned(mean), 0x7FC00000},
        {"a mean beyond 1", SS_LANGUAGES, tiny_aligned(mean) + 8, 0x41000000},
        {"word buckets beyond the section", SS_WORDS, 0, 28},
        {"no word buckets", SS_WORDS, 0, 0},
        {"more words than it has", SS_WORDS, 4, TINY_WORDS + 1},
        {"a first word after the last", SS_WORDS, first + 4, TINY_WORDS + 1},
        {"a first word that is not the first", SS_WORDS, first, 1},
        {"more cells than it has", SS_CELLS, 0, TINY_CELLS + 1},
        {"cells of another dimension", SS_CELLS, 4, TINY_D * 2},
        {"more entries than it has", SS_LEXICON, 0, 3},
        {"entries out of order", SS_LEXICON, lexicon + 4, UINT32_MAX},
        {"no rows for languages", SS_LANGID, 0, 0},
        {"more rows than it has", SS_LANGID, 0, TINY_LANGID_ROWS + 1},
        {"other languages than it has", SS_LANGID, 4, 2},
        {"rows of another length", SS_LANGID, 8, 2 * TINY_STRIDE},
        {"another number of signals", SS_LANGID, 12, SS_LANG_SIGNALS + 1},
        {"a scale that is no number", SS_LANGID, 16, 0x7FC00000},
        {"a scale below 0", SS_LANGID, 16, 0xBF000000},
        {"a huge count for frequencies", SS_LANGID, 20, UINT32_MAX},
        {"a weight without end", SS_LANGID, 24, 0x7F800000},
        {"something usual that is no number", SS_LANGID, sizeof(ss_langid_head) + 8, 0x7FC00000},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        tiny_model t = tiny_model_new();
        if (lies[i].kind == SS_LANGUAGES && lies[i].value == 0x41414141)
            memset(t.bytes[SS_LANGUAGES] + 16, 'A', 8);
        memcpy(t.bytes[lies[i].kind] + lies[i].offset, &lies[i].value, 4);
        write_tiny(&t);
        tiny_model_free(&t);
        assert_refused(SAMESTORY_MODEL_MISMATCH, lies[i].what);
    }
}

static void sections_cut_short_are_refused(void **state)
{
    (void)state;
    static const size_t keep[] = {0, 1, 10, 15, 16};
    for (int kind = SS_NOTES; kind < SS_SECTIONS; kind++)
        for (size_t i = 0; i < sizeof keep / sizeof *keep; i++) {
            tiny_model t = tiny_model_new();
            bool shorter = keep[i] < t.section[kind].size;
            t.section[kind].size = keep[i];
            if (shorter) write_tiny(&t);
            tiny_model_free(&t);
            if (shorter) assert_refused(SAMESTORY_MODEL_MISMATCH, "a section cut short");
        }
}

static void judges_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    static const char *const judges[] = {
        "threshold 2\n",           "threshold\n",
        "threshold abc\n",         "signal one\n",
        "signal one 1\n",          "signal one 1 x\n",
        "signal of no kind 1 1\n", "weight one 1 1\n",
        "threshold 0.5 \x01\n",    "signal one 1111111111111111111111111111111111 1\n",
    };
    for (size_t i = 0; i < sizeof judges / sizeof *judges; i++) {
        tiny_model t = tiny_model_new();
        t.section[SS_JUDGE] = (ss_model_section){judges[i], strlen(judges[i]) + 1};
        write_tiny(&t);
        tiny_model_free(&t);
        assert_refused(SAMESTORY_MODEL_MISMATCH, judges[i]);
    }
}

/* ---- A judge that is packed
 * -------------------------------------------------------------------------------------------- */

/* A judge.txt of some thousand bytes; the caller frees it. */
static char *long_judge(void)
{
    enum { ROOM = 16384, TREES = 20 };
    char *text = malloc(ROOM);
    assert_non_null(text);
    int at = snprintf(text, ROOM, "# made up\nthreshold 0.625\nsignal one -1 -2.5\n");
    for (int t = 0; t < TREES; t++) {
        at += snprintf(text + at, (size_t)(ROOM - at), "tree %s", t % 3 ? "dated" : "undated");
        for (int d = 0; d < SS_TREE_DEPTH; d++)
            at += snprintf(text + at, (size_t)(ROOM - at), " %s 0.%d", ss_signal_name[t + d], t);
        for (int l = 0; l < SS_TREE_LEAVES; l++)
            at += snprintf(text + at, (size_t)(ROOM - at), " -0.%d", 1 + t * l);
        at += snprintf(text + at, (size_t)(ROOM - at), "\n");
    }
    assert_in_range(at, 1, ROOM - 1);
    return text;
}

static void write_with_judge(const void *section, size_t size)
{
    tiny_model t = tiny_model_new();
    t.section[SS_JUDGE] = (ss_model_section){section, size};
    write_tiny(&t);
    tiny_model_free(&t);
}

static samestory_model *open_with_judge(const void *section, size_t size)
{
    samestory_model *m = NULL;
    samestory_error error = {0};
    write_with_judge(section, size);
    if (samestory_model_open(path, &m, &error)) fail_msg("%s", error.message);
    return m;
}

static void assert_judge_refused(const void *section, size_t size, const char *part)
{
    samestory_model *m = NULL;
    samestory_error error = {0};
    write_with_judge(section, size);
    assert_refused(SAMESTORY_MODEL_MISMATCH, part);
    samestory_model_open(path, &m, &error);
    assert_string_equal(error.file, path);
    if (!strstr(error.message, part)) fail_msg("%s, not %s", error.message, part);
}

static void a_judge_says_the_same_packed_and_plain(void **state)
{
    (void)state;
    samestory_error error;
    char *text = long_judge(), *packed;
    size_t size;
    assert_int_equal(ss_model_pack_judge(text, &packed, &size, &error), SAMESTORY_OK);
    assert_true(size < strlen(text) / 2);
    samestory_model *a = open_with_judge(packed, size);
    samestory_model *b = open_with_judge(text, strlen(text) + 1);
    assert_string_equal(a->judge, text);
    assert_string_equal(b->judge, text);
    assert_near(a->judge_parsed->threshold, 0.625, 1e-12);
    assert_int_equal(a->judge_parsed->trees[0] + a->judge_parsed->trees[1], 20);
    assert_memory_equal(a->judge_parsed, b->judge_parsed, sizeof *a->judge_parsed);
    assert_int_equal(a->stamp, b->stamp);
    ss_model_section section[SS_SECTIONS]; /* who writes the model anew finds it packed */
    ss_model_sections(a, section);
    assert_int_equal(section[SS_JUDGE].size, size);
    assert_memory_equal(section[SS_JUDGE].data, packed, size);
    samestory_model_free(a);
    samestory_model_free(b);
    free(packed);
    free(text);
}

static void a_packed_judge_that_is_cut_is_refused(void **state)
{
    (void)state;
    samestory_error error;
    char *text = long_judge(), *packed;
    size_t size;
    assert_int_equal(ss_model_pack_judge(text, &packed, &size, &error), SAMESTORY_OK);
    for (size_t cut = 1; cut < size; cut += cut < 32 ? 1 : 97)
        assert_judge_refused(packed, cut, cut < 4 ? "is damaged" : "judge that does not unpack");
    assert_judge_refused(packed, size - 1, "judge that does not unpack");
    free(packed);
    free(text);
}

/* The frame with another head: `claim`, in eight bytes, is what it says it unpacks to. */
static void assert_claim_refused(const char *packed, size_t size, uint64_t claim, const char *part)
{
    enum { MAGIC = 4, HEAD = 7 /* one byte of flags, two of size */ };
    const uint8_t flags = 0xE0; /* a size of eight bytes, no window */
    char *lying = malloc(size + 6);
    assert_non_null(lying);
    assert_int_equal((uint8_t)packed[MAGIC], 0x60); /* a size of two, no window: as told */
    memcpy(lying, packed, MAGIC);
    memcpy(lying + MAGIC, &flags, 1);
    memcpy(lying + MAGIC + 1, &claim, sizeof claim);
    memcpy(lying + MAGIC + 1 + sizeof claim, packed + HEAD, size - HEAD);
    if (part) {
        assert_judge_refused(lying, size + 6, part);
    } else {
        samestory_model_free(open_with_judge(lying, size + 6));
    }
    free(lying);
}

static void a_packed_judge_that_lies_of_its_size_is_refused(void **state)
{
    (void)state;
    static const char damaged[] = "judge that does not unpack", large[] = "more than 8 MiB";
    const uint64_t most = (uint64_t)8 << 20;
    samestory_error error;
    char *text = long_judge(), *packed;
    size_t size, text_size = strlen(text) + 1;
    assert_int_equal(ss_model_pack_judge(text, &packed, &size, &error), SAMESTORY_OK);
    assert_claim_refused(packed, size, text_size, NULL); /* the other head is fine by itself */
    assert_claim_refused(packed, size, 0, damaged);
    assert_claim_refused(packed, size, 1, damaged);
    assert_claim_refused(packed, size, text_size - 1, damaged);
    assert_claim_refused(packed, size, text_size + 1, damaged);
    assert_claim_refused(packed, size, most, damaged);
    assert_claim_refused(packed, size, most + 1, large);
    assert_claim_refused(packed, size, (uint64_t)1 << 62, large);
    const char open_end[] = "\x28\xB5\x2F\xFD\x00\x60"; /* that doesn't say its size */
    assert_judge_refused(open_end, 6, damaged);
    free(packed);
    free(text);
}

static void a_judge_of_more_than_a_model_holds_is_neither_packed_nor_read(void **state)
{
    (void)state;
    enum { TOO_LARGE = 8 << 20 };
    samestory_error error = {0};
    char *text = malloc(TOO_LARGE + 1), *packed = NULL;
    size_t size = 0, room = ZSTD_compressBound(TOO_LARGE + 1);
    assert_non_null(text);
    memset(text, '\n', TOO_LARGE);
    text[TOO_LARGE] = 0;
    assert_int_equal(ss_model_pack_judge(text, &packed, &size, &error), SAMESTORY_BAD_ARGUMENT);
    assert_null(packed);
    packed = malloc(room);
    assert_non_null(packed);
    size = ZSTD_compress(packed, room, text, TOO_LARGE + 1, 1);
    assert_judge_refused(packed, size, "more than 8 MiB");
    size = ZSTD_compress(packed, room, text + 1, TOO_LARGE, 1);
    samestory_model_free(open_with_judge(packed, size));
    free(packed);
    free(text);
}

static void what_a_packed_judge_holds_is_a_text(void **state)
{
    (void)state;
    static const char without_end[] = {'#', ' ', 'a', '\n'}, two[] = "# a\n\0# b\n";
    char packed[256];
    size_t size = ZSTD_compress(packed, sizeof packed, without_end, sizeof without_end, 1);
    assert_judge_refused(packed, size, "is damaged");
    size = ZSTD_compress(packed, sizeof packed, two, sizeof two, 1);
    assert_judge_refused(packed, size, "is damaged");
    size = ZSTD_compress(packed, sizeof packed, "threshold 2\n", sizeof "threshold 2\n", 1);
    write_with_judge(packed, size);
    assert_refused(SAMESTORY_MODEL_MISMATCH, "a packed judge that cannot be read");
    size = ZSTD_compress(packed, sizeof packed, "# a\n", sizeof "# a\n", 1);
    packed[size] = 0; /* something behind the frame */
    assert_judge_refused(packed, size + 1, "judge that does not unpack");
}

/* ---- Writing, and the shipped one
 * -------------------------------------------------------------------------- */

static void writing_where_nothing_can_be_written_fails(void **state)
{
    (void)state;
    tiny_model t = tiny_model_new();
    samestory_error error = {0};
    assert_int_equal(ss_model_write("/nonexistent/a.model", t.section, &error),
                     SAMESTORY_OUTPUT_FAILED);
    assert_int_equal(error.status, SAMESTORY_OUTPUT_FAILED);
    tiny_model_free(&t);
}

static void shipped_model_opens_fast(void **state)
{
    (void)state;
    struct timespec begin, end;
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        samestory_model *model = NULL;
        samestory_error error = {0};
        clock_gettime(CLOCK_MONOTONIC, &begin);
        samestory_status status = samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error);
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (status) fail_msg("%s: %s", SAMESTORY_MODEL_PATH, error.message);
        samestory_model_free(model);
        double seconds =
            (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
        if (seconds < best) best = seconds;
    }
    if (getenv("SAMESTORY_EMULATED")) skip(); /* an emulator's speed says nothing */
#if defined(__SANITIZE_ADDRESS__)
    assert_true(best < 2);
#else
    assert_true(best < .1);
#endif
}

static void shipped_model_keeps_its_budget(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(stat(SAMESTORY_MODEL_PATH, &info), 0);
    assert_true(info.st_size <= (off_t)64 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_model_opens_and_answers),
        cmocka_unit_test(every_feature_finds_its_row),
        cmocka_unit_test(languages_go_by_many_codes),
        cmocka_unit_test(stamp_follows_what_sketches_depend_on),
        cmocka_unit_test(a_model_may_lack_its_last_section),
        cmocka_unit_test(free_accepts_null),
        cmocka_unit_test(truncated_anywhere_is_refused),
        cmocka_unit_test(a_flipped_byte_in_head_or_section_is_refused),
        cmocka_unit_test(another_version_is_told_apart),
        cmocka_unit_test(what_is_no_model_is_refused),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(lying_sections_are_refused),
        cmocka_unit_test(sections_cut_short_are_refused),
        cmocka_unit_test(judges_that_cannot_be_read_are_refused),
        cmocka_unit_test(a_judge_says_the_same_packed_and_plain),
        cmocka_unit_test(a_packed_judge_that_is_cut_is_refused),
        cmocka_unit_test(a_packed_judge_that_lies_of_its_size_is_refused),
        cmocka_unit_test(a_judge_of_more_than_a_model_holds_is_neither_packed_nor_read),
        cmocka_unit_test(what_a_packed_judge_holds_is_a_text),
        cmocka_unit_test(writing_where_nothing_can_be_written_fails),
        cmocka_unit_test(shipped_model_opens_fast),
        cmocka_unit_test(shipped_model_keeps_its_budget),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
