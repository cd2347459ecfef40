/* Lists in files of lines (see the header). */
#include "train/list.h"

#include <stdio.h>
#include <stdlib.h>

samestory_status list_read(const char *path, const char *expected, list_take *take, void *context,
                           samestory_error *error)
{
    if (!path) return SAMESTORY_OK;
    FILE *file = fopen(path, "r");
    if (!file) return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name", path);
    char *line = NULL;
    size_t capacity = 0;
    samestory_status status = SAMESTORY_OK;
    for (uint64_t number = 1; !status && getline(&line, &capacity, file) >= 0; number++) {
        if (line[0] == '#' || line[0] == '\n') continue;
        status = take(context, line);
        if (status == SAMESTORY_BAD_ARGUMENT)
            status = ss_fail_at(error, SAMESTORY_INPUT_FAILED, expected, path, number, 0);
        else if (status)
            status = ss_fail_memory(error);
    }
    free(line);
    fclose(file);
    return status;
}
