/* From ids back to documents: a hash table with open addressing, at most half full. */
#include "ids.h"

#include <stdlib.h>
#include <string.h>

uint64_t ids_hash(samestory_string id)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < id.size; i++) hash = (hash ^ (unsigned char)id.data[i]) * 1099511628211u;
    return hash ^ hash >> 32; /* the low bits choose the slot */
}

/* The slot of this id, or the free one where it belongs. */
static size_t *slot_of(const ids *i, samestory_string id)
{
    size_t at = (size_t)ids_hash(id) & i->mask;
    for (;; at = (at + 1) & i->mask) {
        if (!i->slots[at]) return &i->slots[at];
        samestory_string other = samestory_id(i->engine, i->slots[at] - 1);
        if (other.size == id.size && (!id.size || !memcmp(other.data, id.data, id.size)))
            return &i->slots[at];
    }
}

bool ids_build(ids *i, const samestory_engine *engine)
{
    size_t count = samestory_count(engine), slots = 16;
    while (slots < count * 2) slots *= 2;
    *i = (ids){engine, calloc(slots, sizeof *i->slots), slots - 1};
    if (!i->slots) return false;
    for (size_t n = 0; n < count; n++) {
        size_t *slot = slot_of(i, samestory_id(engine, n));
        if (!*slot) *slot = n + 1;
    }
    return true;
}

void ids_free(ids *i)
{
    free(i->slots);
    i->slots = NULL;
}

size_t ids_find(const ids *i, samestory_string id)
{
    size_t slot = *slot_of(i, id);
    return slot ? slot - 1 : IDS_NONE;
}
