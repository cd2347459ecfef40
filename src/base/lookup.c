/* Open addressing with linear probing (see the header). */
#include "base/lookup.h"

#include <stdlib.h>

static ss_lookup_slot *place(ss_lookup_slot *slot, size_t mask, uint64_t key)
{
    size_t at = (key ^ key >> 32) & mask;
    while (slot[at].number &&
           (slot[at].key_low != (uint32_t)key || slot[at].key_high != (uint32_t)(key >> 32)))
        at = (at + 1) & mask;
    return &slot[at];
}

uint32_t ss_lookup_find(const ss_lookup *lookup, uint64_t key)
{
    if (!lookup->slot) return SS_LOOKUP_NONE;
    return place(lookup->slot, lookup->mask, key)->number - 1; /* 0 - 1: SS_LOOKUP_NONE */
}

static bool grow(ss_lookup *l)
{
    size_t mask = l->slot ? l->mask * 2 + 1 : 1023;
    ss_lookup_slot *slot = calloc(mask + 1, sizeof *slot);
    if (!slot) return false;
    for (size_t i = 0; l->slot && i <= l->mask; i++) {
        const ss_lookup_slot *s = &l->slot[i];
        if (s->number) *place(slot, mask, (uint64_t)s->key_high << 32 | s->key_low) = *s;
    }
    free(l->slot);
    l->slot = slot;
    l->mask = mask;
    return true;
}

bool ss_lookup_add(ss_lookup *l, uint64_t key, uint32_t number)
{
    if ((!l->slot || l->used * 10 >= l->mask * 7) && !grow(l)) return false;
    ss_lookup_slot *s = place(l->slot, l->mask, key);
    if (s->number) return true;
    *s = (ss_lookup_slot){(uint32_t)key, (uint32_t)(key >> 32), number + 1};
    l->used++;
    return true;
}

void ss_lookup_free(ss_lookup *lookup)
{
    free(lookup->slot);
    *lookup = (ss_lookup){0};
}
