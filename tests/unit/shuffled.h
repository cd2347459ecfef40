/* Numbers drawn the same everywhere, and edges in another order. */
#ifndef SHUFFLED_H
#define SHUFFLED_H

#include <samestory.h>
#include <stdint.h>

static uint64_t seed = 41;

static size_t draw(size_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % limit;
}

static void shuffle(samestory_edge *edges, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = draw(i);
        samestory_edge kept = edges[k];
        edges[k] = edges[i - 1];
        edges[i - 1] = kept;
    }
}

#endif
