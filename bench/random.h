/* A small generator of random numbers: SplitMix64 (Steele, Lea and Flood 2014). The same seed gives
 * the same numbers everywhere. */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* 0 .. limit - 1; limit below 2^32 */
static inline size_t random_below(uint64_t *state, size_t limit)
{
    return (size_t)((random_next(state) >> 32) * limit >> 32);
}

/* true in `percent` of 100 cases */
static inline int random_chance(uint64_t *state, unsigned percent)
{
    return random_below(state, 100) < percent;
}

#endif
