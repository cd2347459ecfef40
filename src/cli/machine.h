/* The machine that the command runs on. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

/* How many threads may run at once here: the CPUs that the process is allowed, within the quota of
 * its control group. */
unsigned machine_threads(void);

/* Starts the command anew, once, when OpenBLAS chose a slower core type than the CPU has, or would
 * run threads of its own: it takes both from the environment, when it is loaded. Returns when all
 * is well already, or can't be helped. */
void machine_repair_blas(char **argv);

#endif
