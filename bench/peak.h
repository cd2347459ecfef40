/* What one core of this machine can do at most: float multiply-adds in registers, nothing else. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

/* Billions of float32 operations (an FMA is two) a second, and the instruction set that gave them.
 */
double peak_f32(const char **instruction_set);

/* Seconds on a clock that only goes forward. */
double clock_seconds(void);

/* Seconds that the calling thread has computed: what else the machine does is not in it. */
double thread_seconds(void);

#endif
