/* CPUs that may be used: affinity mask and cgroup v2 quota. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };

static unsigned allowed_cpus(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (!sched_getaffinity(0, sizeof set, &set)) return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than the mask has room for */
    return online > 0 ? (unsigned)online : 1;
}

/* The quota in this group's cpu.max ("200000 100000", "max 100000") in whole CPUs, at least one;
 * 0 when there is none. */
static unsigned quota_in(const char *group)
{
    char path[4200], quota[32];
    double period;
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    int fields = fscanf(f, "%31s %lf", quota, &period);
    fclose(f);
    double micros;
    if (fields != 2 || period <= 0 || sscanf(quota, "%lf", &micros) != 1 || micros <= 0) return 0;
    double cpus = micros / period;
    return cpus < 1 ? 1 : cpus > THREADS_MAX ? THREADS_MAX : (unsigned)cpus;
}

/* The smallest quota on the way from our group to the root. */
static unsigned group_quota(void)
{
    char line[4096], *group = NULL;
    FILE *f = fopen("/proc/self/cgroup", "re");
    if (!f) return 0;
    while (!group && fgets(line, sizeof line, f))
        if (!strncmp(line, "0::", 3)) group = line + 3;
    fclose(f);
    if (!group) return 0;
    group[strcspn(group, "\n")] = 0;
    unsigned least = 0;
    for (;;) {
        unsigned quota = quota_in(group);
        if (quota && (!least || quota < least)) least = quota;
        char *slash = strrchr(group, '/');
        if (!slash || !*group) return least;
        *slash = 0;
    }
}

unsigned machine_threads(void)
{
    unsigned threads = allowed_cpus(), quota = group_quota();
    if (quota && quota < threads) threads = quota;
    return threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
}
