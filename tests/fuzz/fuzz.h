/* What every fuzzer shares. A fuzzer defines LLVMFuzzerTestOneInput, which dies when something does
 * not hold, and make_input, which writes a likely input. Built plainly it is a test: it runs the
 * files that its arguments name, or RUNS inputs made from fixed seeds, and prints TAP. Built with
 * clang's -DSAMESTORY_LIBFUZZER=ON it searches by itself. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Dies as a sanitizer's find would, in builds without sanitizers as well. */
#define must(what)                                                                                 \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A simple generator (Knuth's MMIX constants); the upper bits are the better ones. */
static inline uint32_t fuzz_random(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 32) * below >> 32);
}

#ifndef SAMESTORY_LIBFUZZER
/* Fills out[0..capacity) with input number `seed`; returns its size. */
static size_t make_input(uint64_t seed, uint8_t *out, size_t capacity);

static int run_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        return 1;
    }
    size_t size = 0, capacity = (size_t)1 << 24;
    uint8_t *bytes = malloc(capacity);
    must(bytes);
    size = fread(bytes, 1, capacity, file);
    fclose(file);
    uint8_t *exact = malloc(size + 1); /* so that a read past the end is seen */
    must(exact);
    memcpy(exact, bytes, size);
    free(bytes);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

/* Runs `runs` inputs of at most `capacity` bytes. */
static int fuzz_main(int argc, char **argv, const char *what, unsigned runs, size_t capacity)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) failed |= run_file(argv[i]);
    if (argc > 1) return failed;
    printf("1..1\n");
    uint8_t *buffer = malloc(capacity);
    must(buffer);
    for (unsigned run = 0; run < runs; run++) {
        size_t size = make_input(run + 1, buffer, capacity);
        uint8_t *exact = malloc(size + !size);
        must(exact && size <= capacity);
        memcpy(exact, buffer, size);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    free(buffer);
    printf("ok 1 - %s: %u inputs\n", what, runs);
    return 0;
}
#endif

#endif
