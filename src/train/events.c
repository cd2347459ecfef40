/* Events of several labels (see the header). */
#include "train/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* One event's labels, at least two; false when memory is out, *good false when they aren't. */
static bool take_line(event_list *out, char *line, bool *good)
{
    size_t labels = 0;
    char *rest = NULL;
    for (char *label = strtok_r(line, "\t\n", &rest); label; label = strtok_r(NULL, "\t\n", &rest)) {
        if (!ss_lookup_add(&out->lookup, XXH3_64bits(label, strlen(label)), out->count)) return false;
        labels++;
    }
    *good = labels >= 2;
    out->count++;
    return true;
}

samestory_status events_read(const char *path, event_list *out, samestory_error *error)
{
    *out = (event_list){{0}, 0};
    if (!path) return SAMESTORY_OK;
    FILE *file = fopen(path, "r");
    if (!file) return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name", path);
    char *line = NULL;
    size_t capacity = 0;
    samestory_status status = SAMESTORY_OK;
    for (uint64_t number = 1; !status && getline(&line, &capacity, file) >= 0; number++) {
        bool good = true;
        if (line[0] == '#' || line[0] == '\n') continue;
        if (!take_line(out, line, &good)) status = ss_fail_memory(error);
        else if (!good)
            status = ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                                "expected: two labels or more, tabs between them", path, number, 0);
    }
    free(line);
    fclose(file);
    if (status) events_free(out);
    return status;
}

uint32_t event_of(const event_list *events, const char *label, size_t size)
{
    if (!events->count || !size) return SS_LOOKUP_NONE;
    return ss_lookup_find(&events->lookup, XXH3_64bits(label, size));
}

void events_free(event_list *events)
{
    ss_lookup_free(&events->lookup);
    *events = (event_list){{0}, 0};
}
