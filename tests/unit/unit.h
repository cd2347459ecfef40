/* What every unit test includes: cmocka and its needs, in the order that it wants. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

/* Within `error` of each other. */
#define assert_near(value, expected, error)                                                        \
    do {                                                                                           \
        double near_value = (value), near_expected = (expected);                                   \
        if (!(fabs(near_value - near_expected) <= (error)))                                        \
            fail_msg(#value " is %.9g, not %.9g", near_value, near_expected);                      \
    } while (0)

#endif
