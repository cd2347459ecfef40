/* Growable arrays: a pointer, a count and a capacity that the owner keeps. */
#ifndef SS_BASE_ARRAY_H
#define SS_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for `need` elements of `element` bytes; returns the array (moved or not), or NULL when
 * memory is out: the old array is then untouched. Growth is by half. */
static inline void *ss_grown(void *array, size_t *capacity, size_t need, size_t element)
{
    if (need <= *capacity && array) return array;
    size_t wish = *capacity + *capacity / 2;
    if (wish < need) wish = need;
    if (wish < 16) wish = 16;
    if (wish > SIZE_MAX / element) return NULL;
    void *moved = realloc(array, wish * element);
    if (moved) *capacity = wish;
    return moved;
}

/* ss_reserve(&items, &capacity, need): false when memory is out. */
#define ss_reserve(array, capacity, need)                                                          \
    ss_reserve_bytes((array), (capacity), (need), sizeof **(array))

/* array: the address of a pointer of any type, which is therefore read and written as bytes. */
static inline bool ss_reserve_bytes(void *array, size_t *capacity, size_t need, size_t element)
{
    void *old;
    memcpy(&old, array, sizeof old);
    void *moved = ss_grown(old, capacity, need, element);
    if (!moved) return false;
    memcpy(array, &moved, sizeof moved);
    return true;
}

#endif
