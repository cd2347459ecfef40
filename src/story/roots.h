/* Union-find: parent[i] is i, or another member of the same set. */
#ifndef SS_STORY_ROOTS_H
#define SS_STORY_ROOTS_H

#include <stdint.h>

/* The member that stands for i's set. The way there is halved. */
static inline uint32_t ss_root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* Makes one set of those of a and b; the lowest member stands for it, if it did for each. */
static inline void ss_unite(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = ss_root_of(parent, a);
    b = ss_root_of(parent, b);
    parent[a > b ? a : b] = a > b ? b : a;
}

#endif
