/* The shipped model, opened once for all tests of a program: group setup and teardown for cmocka. */
#ifndef SHIPPED_MODEL_H
#define SHIPPED_MODEL_H

#include "unit.h"

#include "samestory.h"

static samestory_model *model;

static int open_model(void **state)
{
    (void)state;
    samestory_error error = {0};
    if (samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error) == SAMESTORY_OK) return 0;
    print_error("%s: %s\n", SAMESTORY_MODEL_PATH, error.message);
    return -1;
}

static int close_model(void **state)
{
    (void)state;
    samestory_model_free(model);
    return 0;
}

#endif
