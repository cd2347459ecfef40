/* Stage index, a helper: 32-bit tags with a number each, given out by the items of a collection,
 * sorted by tag, those of one tag in the order of the items. As many at a time as memory is given
 * for, on several threads: the items are asked anew in each round.
 *
 * Cost: two passes over the items where all fits in one round, one more for each round more; two
 * digits of a radix sort. */
#ifndef SS_INDEX_DEALING_H
#define SS_INDEX_DEALING_H

#include "base/shelf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ss_entry {
    uint32_t tag, number;
} ss_entry;

enum {
    SS_DEALT_MAX = 512,  /* entries of an item */
    SS_DEAL_PARTS = 1024 /* by the first bits of their tags */
};

typedef struct ss_dealing {
    void *context; /* of the three */
    /* Writes the entries of an item to out[SS_DEALT_MAX] and returns how many: the same whenever it
     * is asked. */
    size_t (*entries)(void *context, size_t item, ss_entry *out);
    /* Is given the entries of a part, sorted, and may write over them. Several parts at once. */
    void (*sorted)(void *context, size_t part, ss_entry *entries, size_t count);
    /* Then takes what that left, part by part in the order of their tags; false ends the work. */
    bool (*take)(void *context, size_t part, const ss_entry *entries);
} ss_dealing;

/* room: bytes for entries, 8 each; a part that needs more gets it, and each thread as much as the
 * largest. shelf: what the items are read from, or NULL. false when memory is out, or what `take`
 * returned. The same for any threads and room. */
bool ss_deal(const ss_dealing *dealing, size_t items, ss_shelf *shelf, unsigned threads,
             size_t room);

#endif
