/* Events of several labels (see the header). */
#include "train/events.h"

#include "train/list.h"

#include <string.h>
#include <xxhash.h>

/* One event's labels, at least two. */
static samestory_status take_line(void *context, char *line)
{
    event_list *out = context;
    size_t labels = 0;
    char *rest = NULL;
    for (char *label = strtok_r(line, "\t\n", &rest); label; label = strtok_r(NULL, "\t\n", &rest)) {
        if (!ss_lookup_add(&out->lookup, XXH3_64bits(label, strlen(label)), out->count))
            return SAMESTORY_NO_MEMORY;
        labels++;
    }
    out->count++;
    return labels >= 2 ? SAMESTORY_OK : SAMESTORY_BAD_ARGUMENT;
}

samestory_status events_read(const char *path, event_list *out, samestory_error *error)
{
    *out = (event_list){{0}, 0};
    samestory_status status =
        list_read(path, "expected: two labels or more, tabs between them", take_line, out, error);
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
