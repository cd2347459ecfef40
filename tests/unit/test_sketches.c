/* Sketches in a file: what is added is handed over as it was, at once and when the file is opened
 * again; a file that was cut off or damaged gives its whole blocks, and one of another kind of
 * sketch none. A shelf lets go what is mapped, and nothing is lost. */
#include "unit.h"

#include "hand_sketch.h"
#include "index/sketches.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAMP = 77 };
static char folder[] = "/tmp/samestory-test-XXXXXX", path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/sketches", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* Document `number`, whose id is as long as its number. */
typedef struct seen {
    size_t count;
    bool wrong;
} seen;

static ss_sketch *sketch_of(size_t number)
{
    const ss_anchor anchor = hand_anchor(SS_ANCHOR_NAME, (uint32_t)number, 2);
    ss_sketch *s = hand_sketch(&anchor, number % 2);
    s->text_hash = number;
    hand_vector(s)[3] = (int8_t)number;
    return s;
}

static bool see(void *context, const ss_sketch *sketch, samestory_string id)
{
    seen *all = context;
    ss_sketch *expected = sketch_of(all->count);
    all->wrong = all->wrong || sketch->size != expected->size ||
                 memcmp(sketch, expected, expected->size) != 0 || id.size != all->count % 50 ||
                 (id.size && id.data[id.size - 1] != 'i');
    free(expected);
    all->count++;
    return true;
}

static samestory_status add(ss_sketches *s, size_t first, size_t count, seen *all)
{
    const ss_sketch *sketch[100];
    samestory_string id[100];
    char ids[50];
    samestory_error error;
    memset(ids, 'i', sizeof ids);
    assert_true(count <= 100);
    for (size_t i = 0; i < count; i++) {
        sketch[i] = sketch_of(first + i);
        id[i] = (samestory_string){ids, (first + i) % 50};
    }
    samestory_status status = ss_sketches_add(s, sketch, id, count, see, all, &error);
    for (size_t i = 0; i < count; i++) free((void *)(uintptr_t)sketch[i]);
    return status;
}

typedef struct opened {
    ss_shelf *shelf;
    ss_sketches *sketches;
    seen all;
} opened;

static opened open_again(uint64_t stamp, bool again)
{
    opened o = {.all = {0, false}};
    samestory_error error = {0};
    assert_int_equal(ss_shelf_new(folder, 0, &o.shelf, &error), SAMESTORY_OK);
    assert_int_equal(ss_sketches_open(o.shelf, path, stamp, again, &o.sketches, &error),
                     SAMESTORY_OK);
    assert_int_equal(ss_sketches_load(o.sketches, see, &o.all, &error), SAMESTORY_OK);
    assert_false(o.all.wrong);
    return o;
}

static void close_file(opened *o)
{
    ss_sketches_free(o->sketches);
    ss_shelf_free(o->shelf);
}

/* A file with `blocks` blocks of a hundred documents; the number of its content. */
static uint64_t write_file(size_t blocks)
{
    opened o = open_again(STAMP, false);
    assert_int_equal(o.all.count, 0);
    for (size_t b = 0; b < blocks; b++)
        assert_int_equal(add(o.sketches, b * 100, 100, &o.all), SAMESTORY_OK);
    assert_int_equal(o.all.count, blocks * 100);
    assert_false(o.all.wrong);
    uint64_t check = ss_sketches_check(o.sketches);
    close_file(&o);
    return check;
}

static void what_was_added_is_there_again(void **state)
{
    (void)state;
    uint64_t check = write_file(5);
    opened o = open_again(STAMP, true);
    assert_int_equal(o.all.count, 500);
    assert_true(ss_sketches_check(o.sketches) == check);
    assert_int_equal(add(o.sketches, 500, 7, &o.all), SAMESTORY_OK);
    assert_false(o.all.wrong);
    close_file(&o);
    o = open_again(STAMP, true);
    assert_int_equal(o.all.count, 507);
    assert_true(ss_sketches_check(o.sketches) != check);
    close_file(&o);
}

static void other_sketches_are_not_taken_up(void **state)
{
    (void)state;
    write_file(2);
    opened o = open_again(STAMP + 1, true);
    assert_int_equal(o.all.count, 0);
    close_file(&o);
}

static void who_starts_anew_has_nothing(void **state)
{
    (void)state;
    write_file(2);
    opened o = open_again(STAMP, false);
    assert_int_equal(o.all.count, 0);
    close_file(&o);
}

/* Where block `number` begins: blocks of a hundred differ little in size. */
static off_t place_of_block(size_t number)
{
    static char bytes[1 << 20];
    int file = open(path, O_RDONLY);
    ssize_t size = read(file, bytes, sizeof bytes);
    close(file);
    for (ssize_t at = 0; at + 8 <= size; at += 8)
        if (!memcmp(bytes + at, "SSblock1", 8) && !number--) return at;
    fail_msg("no such block");
    return 0;
}

static void whole_blocks_survive_damage(void **state)
{
    (void)state;
    static const off_t damages[] = {0, 9, 17, 24, 32, 100, 3000};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        write_file(4);
        int file = open(path, O_RDWR);
        char byte;
        off_t at = place_of_block(2) + damages[i];
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte ^= 0x11;
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
        close(file);
        opened o = open_again(STAMP, true);
        assert_int_equal(o.all.count, 200);
        assert_int_equal(add(o.sketches, 200, 100, &o.all), SAMESTORY_OK);
        close_file(&o);
        o = open_again(STAMP, true);
        assert_true(o.all.count >= 300); /* the fourth is where it was, when it fits */
        assert_false(o.all.wrong);
        close_file(&o);
    }
}

static void a_file_that_was_cut_off_gives_what_is_whole(void **state)
{
    (void)state;
    write_file(3);
    assert_int_equal(truncate(path, place_of_block(1)), 0);
    opened o = open_again(STAMP, true); /* a segment that is not whole is no segment */
    assert_int_equal(o.all.count, 0);
    assert_int_equal(add(o.sketches, 0, 10, &o.all), SAMESTORY_OK);
    assert_false(o.all.wrong);
    close_file(&o);
    assert_int_equal(truncate(path, 5), 0);
    o = open_again(STAMP, true);
    assert_int_equal(o.all.count, 0);
    close_file(&o);
}

/* A sketch that claims to be longer than its block, under a checksum that is right. */
static void a_lying_sketch_is_refused(void **state)
{
    (void)state;
    opened o = open_again(STAMP, false);
    ss_sketch *lying = sketch_of(0);
    lying->anchors = 5000;
    const ss_sketch *one = lying;
    samestory_error error;
    samestory_string id = {NULL, 0};
    assert_int_not_equal(ss_sketches_add(o.sketches, &one, &id, 1, see, &o.all, &error),
                         SAMESTORY_OK);
    assert_int_equal(o.all.count, 0);
    free(lying);
    close_file(&o);
}

/* ---- The shelf
 * ---------------------------------------------------------------------------------------- */

static void an_array_on_a_shelf_outlives_its_memory(void **state)
{
    (void)state;
    ss_shelf *shelf;
    samestory_error error;
    assert_int_equal(ss_shelf_new(folder, 1, &shelf, &error), SAMESTORY_OK); /* always too much */
    ss_shelved a = {0};
    enum { NUMBERS = 3000000 };
    for (uint32_t i = 0; i < NUMBERS; i++) {
        assert_true(ss_shelve(shelf, &a, (i + 1) * sizeof i));
        ((uint32_t *)a.data)[i] = i * 7;
        if (i % 100000 == 0) ss_shelf_relieve(shelf);
    }
    ss_shelf_relieve(shelf);
    for (uint32_t i = 0; i < NUMBERS; i++) assert_int_equal(((uint32_t *)a.data)[i], i * 7);
    ss_shelved_free(shelf, &a);
    ss_shelf_free(shelf);
    ss_shelf_free(NULL);
}

static void what_is_let_go_is_no_longer_resident(void **state)
{
    (void)state;
    if (!ss_resident_bytes()) skip();
    ss_shelf *shelf;
    samestory_error error;
    assert_int_equal(ss_shelf_new(folder, 1, &shelf, &error), SAMESTORY_OK);
    ss_shelved a = {0};
    enum { BYTES = 64 << 20 };
    assert_true(ss_shelve(shelf, &a, BYTES));
    memset(a.data, 5, BYTES);
    size_t before = ss_resident_bytes();
    ss_shelf_relieve(shelf);
    assert_true(ss_resident_bytes() + BYTES / 2 < before);
    assert_int_equal(((const char *)a.data)[BYTES - 1], 5);
    ss_shelved_free(shelf, &a);
    ss_shelf_free(shelf);
}

static void a_folder_that_is_none_is_an_error(void **state)
{
    (void)state;
    ss_shelf *shelf = NULL;
    samestory_error error = {0};
    assert_int_equal(ss_shelf_new("/nowhere/at/all", 0, &shelf, &error), SAMESTORY_OUTPUT_FAILED);
    assert_null(shelf);
    assert_string_equal(error.file, "/nowhere/at/all");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_there_again),
        cmocka_unit_test(other_sketches_are_not_taken_up),
        cmocka_unit_test(who_starts_anew_has_nothing),
        cmocka_unit_test(whole_blocks_survive_damage),
        cmocka_unit_test(a_file_that_was_cut_off_gives_what_is_whole),
        cmocka_unit_test(a_lying_sketch_is_refused),
        cmocka_unit_test(an_array_on_a_shelf_outlives_its_memory),
        cmocka_unit_test(what_is_let_go_is_no_longer_resident),
        cmocka_unit_test(a_folder_that_is_none_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
