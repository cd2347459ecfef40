/* What one core of this machine can do at most: one instruction on registers, nothing else. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include <stddef.h>

/* Instructions that add products up, and pairs of instructions that do, go by the names that
 * kernels give them: "vpdpbusd 512", "fma 256", "smmla". A rate is in billions of operations a
 * second; a product and its addition are two operations. An instruction is measured when it is
 * asked for first, in a tenth of a second. */

/* Number i of all that this build knows, floats first: its name and its rate; 0 when this CPU
 * doesn't have it, less than 0 when there are no more. */
double peak_at(size_t i, const char **instruction);

/* By name; 0 when this CPU or this build doesn't know it. */
double peak_of(const char *instruction);

/* The best of floats, and its name. */
double peak_f32(const char **instruction);

/* Seconds on a clock that only goes forward. */
double clock_seconds(void);

/* Seconds that the calling thread has computed: what else the machine does is not in it. */
double thread_seconds(void);

#endif
