/* A program of somebody else: built against an installed samestory by tests/cli/package.bats. */
#include <samestory.h>
#include <stdio.h>

int main(void)
{
    samestory_model *model = NULL;
    samestory_error error;
    samestory_status status = samestory_model_open("/nonexistent", &model, &error);
    printf("%s: %s\n", samestory_version(), samestory_status_name(status));
    return status == SAMESTORY_OK || model;
}
