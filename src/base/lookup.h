/* A table from 64-bit hashes to 32-bit numbers, which keeps the first number given for each. 12 bytes an
 * entry at a load of at most .7. Keys are hashes already: two things with one key are the same. */
#ifndef SS_BASE_LOOKUP_H
#define SS_BASE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ss_lookup_slot {
    uint32_t key_low, key_high;
    uint32_t number; /* + 1; 0: empty */
} ss_lookup_slot;

/* Zero-initialised before its first use. */
typedef struct ss_lookup {
    ss_lookup_slot *slot;
    size_t mask, used;
} ss_lookup;

#define SS_LOOKUP_NONE UINT32_MAX

/* The number of a key, or SS_LOOKUP_NONE. */
uint32_t ss_lookup_find(const ss_lookup *lookup, uint64_t key);
/* Gives a key its number (below UINT32_MAX), unless it has one; false when memory is out. */
bool ss_lookup_add(ss_lookup *lookup, uint64_t key, uint32_t number);
void ss_lookup_free(ss_lookup *lookup);

#endif
