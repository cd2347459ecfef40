/* Runs a command and says what it cost.
 *
 *   bench-timed RESULT COMMAND ARGUMENT...
 *
 * Writes {"seconds":..,"cpu_seconds":..,"peak_rss_bytes":..} to the file RESULT; the exit status is
 * the command's. */
#include "peak.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fputs("usage: bench-timed RESULT COMMAND ARGUMENT...\n", stderr);
        return 2;
    }
    double begin = clock_seconds();
    pid_t child = fork();
    if (child == 0) {
        execvp(arguments[2], arguments + 2);
        perror(arguments[2]);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        perror("bench-timed");
        return 3;
    }
    double seconds = clock_seconds() - begin;
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    FILE *file = fopen(arguments[1], "w");
    if (!file) {
        perror(arguments[1]);
        return 3;
    }
    fprintf(file, "{\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"peak_rss_bytes\":%lld}\n", seconds,
            seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
            (long long)used.ru_maxrss * 1024);
    if (fclose(file)) return 3;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
