/* The trainer's reader of .zst lines: every line to the last, and a word when a file was cut off. */
#include "unit.h"

#include "train/zstd_lines.c"

#include <stdlib.h>
#include <unistd.h>

enum { LINES = 400000 };

static char path[] = "/tmp/samestory-test-XXXXXX";

/* Numbered lines, very compressible, the last without a line end; the first `share` of the file. */
static void write_lines(double share)
{
    size_t used = 0, room = (size_t)LINES * 24;
    char *text = malloc(room);
    assert_non_null(text);
    for (unsigned i = 0; i < LINES; i++)
        used += (size_t)snprintf(text + used, room - used, "%sline %u of many", i ? "\n" : "", i);
    size_t bound = ZSTD_compressBound(used);
    char *packed = malloc(bound);
    assert_non_null(packed);
    size_t size = ZSTD_compress(packed, bound, text, used, 3);
    assert_false(ZSTD_isError(size));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    size = (size_t)((double)size * share);
    assert_int_equal(fwrite(packed, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(text);
    free(packed);
}

static size_t count_lines(samestory_error *error)
{
    zstd_lines *lines = NULL;
    size_t size, count = 0;
    assert_int_equal(zstd_lines_open(path, &lines, error), SAMESTORY_OK);
    for (char *line; (line = zstd_lines_next(lines, &size, error)) != NULL; count++) {
        char expected[32];
        snprintf(expected, sizeof expected, "line %zu of many", count);
        if (!error->status) assert_string_equal(line, expected);
    }
    zstd_lines_free(lines);
    return count;
}

static void every_line_is_given(void **state)
{
    (void)state;
    samestory_error error = {0};
    write_lines(1);
    assert_int_equal(count_lines(&error), LINES);
    assert_int_equal(error.status, SAMESTORY_OK);
}

static void a_file_that_was_cut_off_is_an_error(void **state)
{
    (void)state;
    samestory_error error = {0};
    write_lines(0.6);
    assert_true(count_lines(&error) < LINES);
    assert_int_equal(error.status, SAMESTORY_INPUT_FAILED);
}

static int make_path(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 || close(file) ? -1 : 0;
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_given),
        cmocka_unit_test(a_file_that_was_cut_off_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
