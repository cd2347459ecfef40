/* Statuses and errors: every status has a name of its own; an error says what, where and why. */
#include "unit.h"

#include "base/status.h"

#include <errno.h>
#include <string.h>

static void every_status_has_its_own_name(void **state)
{
    (void)state;
    for (int a = SAMESTORY_OK; a <= SAMESTORY_NO_MEMORY; a++) {
        const char *name = samestory_status_name((samestory_status)a);
        assert_non_null(name);
        assert_string_not_equal(name, "unknown status");
        for (int b = SAMESTORY_OK; b < a; b++)
            assert_string_not_equal(name, samestory_status_name((samestory_status)b));
    }
}

static void version_is_that_of_the_header(void **state)
{
    (void)state;
    assert_string_equal(samestory_version(), SAMESTORY_VERSION);
}

static void error_says_where(void **state)
{
    (void)state;
    samestory_error error;
    memset(&error, 0xAA, sizeof error);
    assert_int_equal(ss_fail_at(&error, SAMESTORY_BAD_RECORD, "what", "news.jsonl", 3, 17),
                     SAMESTORY_BAD_RECORD);
    assert_int_equal(error.status, SAMESTORY_BAD_RECORD);
    assert_string_equal(error.message, "what");
    assert_string_equal(error.file, "news.jsonl");
    assert_int_equal(error.line, 3);
    assert_int_equal(error.offset, 17);
    assert_int_equal(error.system_error, 0);
}

static void error_keeps_errno(void **state)
{
    (void)state;
    samestory_error error;
    errno = ENOENT;
    ss_fail_errno(&error, SAMESTORY_INPUT_FAILED, "can't open", "gone");
    assert_int_equal(error.system_error, ENOENT);
    assert_string_equal(error.file, "gone");
}

static void long_file_name_is_cut_not_overrun(void **state)
{
    (void)state;
    char name[5000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    samestory_error error;
    ss_fail_at(&error, SAMESTORY_INPUT_FAILED, "what", name, 0, 0);
    assert_int_equal(strlen(error.file), sizeof error.file - 1);
}

static void error_may_be_null(void **state)
{
    (void)state;
    assert_int_equal(ss_fail(NULL, SAMESTORY_BAD_ARGUMENT, "what"), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(ss_fail_errno(NULL, SAMESTORY_INPUT_FAILED, "what", "file"),
                     SAMESTORY_INPUT_FAILED);
    assert_int_equal(ss_fail_memory(NULL), SAMESTORY_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_name),
        cmocka_unit_test(version_is_that_of_the_header),
        cmocka_unit_test(error_says_where),
        cmocka_unit_test(error_keeps_errno),
        cmocka_unit_test(long_file_name_is_cut_not_overrun),
        cmocka_unit_test(error_may_be_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
