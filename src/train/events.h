/* Stories of labelled sets that tell one event though their labels differ: pairs between them are neither
 * right nor wrong for a fit, and they belong into one fold.
 *
 * A file of lines "story TAB story [TAB story]..." (# begins a comment), each line one event. */
#ifndef SS_TRAIN_EVENTS_H
#define SS_TRAIN_EVENTS_H

#include "base/lookup.h"
#include "base/status.h"

typedef struct event_list {
    ss_lookup lookup; /* hash of a label to the number of its event */
    uint32_t count;
} event_list;

/* path NULL: none is known. */
samestory_status events_read(const char *path, event_list *out, samestory_error *error);
/* The number of a label's event, or SS_LOOKUP_NONE: it has one of its own. */
uint32_t event_of(const event_list *events, const char *label, size_t size);
void events_free(event_list *events);

#endif
