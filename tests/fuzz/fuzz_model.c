/* A model file of any bytes is refused with a reason, or is safe to work with.
 *
 * Input: one byte of choices, then edits of a good little model, 8 bytes each: which section (0:
 * the header), what to do, two bytes of place, four of value. The choices say whether checksums are
 * made good again after the edits, without which few would come past them, and whether the model's
 * judge is packed. */
#include "fuzz.h"

#define assert_non_null(pointer) must((pointer) != NULL)
#include "tiny_model.h"

#include "index/keys.h"
#include "match/judge.h"
#include "match/kernel.h"

#include <stdbool.h>
#include <unistd.h>
#include <xxhash.h>

enum { EDIT = 8, HEADER = 64, ENTRY = 32, CHECKED = 48, SECTIONS = SS_SECTIONS - 1 };

static char path[] = "/tmp/samestory-fuzz-XXXXXX";
/* A good model, its judge plain and packed. */
static struct {
    uint8_t *bytes;
    size_t size;
} models[2];

static void remove_file(void)
{
    unlink(path);
    for (int i = 0; i < 2; i++) free(models[i].bytes);
}

static void make_model(bool packed)
{
    tiny_model tiny = tiny_model_new();
    samestory_error error = {0};
    char *judge = NULL;
    size_t size = 0;
    must(ss_model_pack_judge(tiny.bytes[SS_JUDGE], &judge, &size, &error) == SAMESTORY_OK);
    if (packed) tiny.section[SS_JUDGE] = (ss_model_section){judge, size};
    must(ss_model_write(path, tiny.section, &error) == SAMESTORY_OK);
    tiny_model_free(&tiny);
    free(judge);
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc((size_t)1 << 20);
    must(file && bytes);
    models[packed].size = fread(bytes, 1, (size_t)1 << 20, file);
    models[packed].bytes = bytes;
    fclose(file);
}

static void make_ready(void)
{
    if (models[0].bytes) return;
    int made = mkstemp(path);
    must(made >= 0 && close(made) == 0);
    make_model(false);
    make_model(true);
    atexit(remove_file);
}

static uint64_t read_number(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Checksums of the sections, the stamp and the header, as the head of sketch/model.h tells them. */
static void seal(uint8_t *bytes, size_t size)
{
    uint64_t stamp = 0;
    for (uint32_t i = 0; i < SECTIONS; i++) {
        uint8_t *entry = bytes + HEADER + i * ENTRY;
        uint64_t offset = read_number(entry + 8), length = read_number(entry + 16), check;
        uint32_t kind;
        if (offset <= size && length <= size - offset) {
            check = XXH3_64bits(bytes + offset, length);
            memcpy(entry + 24, &check, sizeof check);
        }
        check = read_number(entry + 24);
        memcpy(&kind, entry, sizeof kind);
        if (kind != SS_JUDGE && kind != SS_NOTES)
            stamp = XXH3_64bits_withSeed(&check, sizeof check, stamp + kind);
    }
    memcpy(bytes + 40, &stamp, sizeof stamp);
    uint64_t head =
        XXH3_64bits_withSeed(bytes + HEADER, SECTIONS * ENTRY, XXH3_64bits(bytes, CHECKED));
    memcpy(bytes + CHECKED, &head, sizeof head);
}

static void edit(uint8_t *bytes, size_t size, const uint8_t *good, const uint8_t *what)
{
    uint32_t section = what[0] % SS_SECTIONS, value;
    size_t at = (size_t)what[2] | (size_t)what[3] << 8, start = 0;
    memcpy(&value, what + 4, sizeof value);
    if (section) start = (size_t)read_number(good + HEADER + (section - 1) * ENTRY + 8);
    if (start + at + sizeof value > size) return;
    uint8_t *place = bytes + start + at;
    switch (what[1] % 4) {
    case 0: *place ^= (uint8_t)value; break;
    case 1: memcpy(place, &value, sizeof value); break;
    case 2: memset(place, 0xFF, sizeof value); break;
    default: *place = place[value % 64 % (size - start - at)]; break;
    }
}

/* An accepted model must serve any document. */
static void use(const samestory_model *model)
{
    static const char text[] =
        "The minister of Xylor said on 14 November, 3. 11. and November 12: 1.2 million, 12 %, and "
        "Truong die der und MH370 https://example.org/a. Минск 外相が11月14日 ダナン สมชาย "
        "《三体》";
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    ss_key keys[SS_KEYS_MAX];
    ss_evidence evidence;
    static const uint32_t frequency[SS_ANCHORS_MAX];
    ss_sketcher *sketcher = ss_sketcher_new(model);
    must(sketcher && samestory_model_description(model));
    d.title = (samestory_string){text, 30};
    d.text = (samestory_string){text, sizeof text - 1};
    const ss_sketch *s = ss_sketch_make(sketcher, &d, false, false);
    must(s);
    must(ss_keys_of(model, s, SS_CELLS_OF_QUERY, keys) <= SS_KEYS_MAX);
    int32_t dot = ss_dot(ss_sketch_vector(s), ss_sketch_vector(s), s->dimension);
    ss_evidence_of(s, frequency, s, dot, 100, &evidence);
    ss_judgement j = ss_judge_of(model->judge_parsed, &evidence);
    must(j.probability >= 0 && j.probability <= 1);
    ss_sketcher_free(sketcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    make_ready();
    if (size < 1) return 0;
    const uint8_t *good = models[data[0] >> 5 & 1].bytes;
    size_t good_size = models[data[0] >> 5 & 1].size;
    uint8_t *bytes = malloc(good_size);
    must(bytes);
    memcpy(bytes, good, good_size);
    for (size_t at = 1; at + EDIT <= size; at += EDIT) edit(bytes, good_size, good, data + at);
    if (data[0] & 7) seal(bytes, good_size);
    size_t kept = data[0] < 8    ? (size_t)data[0] * 40
                  : data[0] < 16 ? good_size - data[0]
                                 : good_size;
    FILE *file = fopen(path, "wb");
    must(file && fwrite(bytes, 1, kept, file) == kept);
    must(fclose(file) == 0);
    free(bytes);
    samestory_model *model = NULL;
    samestory_error error = {0};
    samestory_status status = samestory_model_open(path, &model, &error);
    must(status == SAMESTORY_OK || status == SAMESTORY_MODEL_MISMATCH);
    must(status == SAMESTORY_OK ? model != NULL : !model && error.message[0]);
    if (model) use(model);
    samestory_model_free(model);
    return 0;
}

#ifndef SAMESTORY_LIBFUZZER
/* Mostly the first bytes of a section, where its counts are, and values that counts go wrong at. */
static size_t make_input(uint64_t seed, uint8_t *out, size_t capacity)
{
    static const uint32_t values[] = {0,      1,          2,          7,         8,     63,
                                      64,     255,        256,        0xFFFF,    65536, 0x7FFFFFFF,
                                      1 << 9, 0x80000000, UINT32_MAX, 0x40000000};
    size_t size = 1;
    out[0] = (uint8_t)fuzz_random(&seed, 256);
    for (uint32_t n = fuzz_random(&seed, 4); size + EDIT <= capacity; n--) {
        uint32_t near = fuzz_random(&seed, 3);
        uint32_t at =
            near == 0 ? fuzz_random(&seed, 8) * 4 : fuzz_random(&seed, near == 1 ? 400 : 65536);
        uint32_t value = fuzz_random(&seed, 2)
                             ? values[fuzz_random(&seed, sizeof values / sizeof *values)]
                             : fuzz_random(&seed, UINT32_MAX);
        out[size] = (uint8_t)fuzz_random(&seed, SS_SECTIONS);
        out[size + 1] = (uint8_t)fuzz_random(&seed, 4);
        out[size + 2] = (uint8_t)at;
        out[size + 3] = (uint8_t)(at >> 8);
        memcpy(out + size + 4, &value, sizeof value);
        size += EDIT;
        if (!n) break;
    }
    return size;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "model files of any bytes", 250, 100);
}
#endif
