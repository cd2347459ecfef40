/* XXH3 without the way through the library's table of functions: most of what is hashed is a word
 * or less, and there the call would cost more than the hash. */
#ifndef SS_BASE_HASH_H
#define SS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* XXH3_64bits_withSeed; with seed 0, XXH3_64bits. */
uint64_t ss_hash(const void *data, size_t size, uint64_t seed);

#endif
