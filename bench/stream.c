/* Feeds a command that answers each line with a line, as an ingester would, and measures it.
 *
 *   bench-stream [--one] [--sample N] [--folder DIR] FILE|- COMMAND ARGUMENT...
 *
 *   --one          one line at a time: the next is written when the answer is there
 *   --sample N     memory and disk after each N answers
 *   --folder DIR   whose disk blocks count
 *
 * Prints a JSON object: rates, time to the first answer from starting the command on, with --one
 * latencies, computing time of the command, its resident memory before its input ends. A missing
 * answer is a failure, exit 1. */
#include "peak.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

typedef struct stream {
    const char *folder;
    char **command;
    bool one;
    size_t every; /* sample after so many answers; 0: never */
    FILE *input;
    pid_t child;
    int to, from; /* the child's stdin and stdout */
    double begin, first, end;
    atomic_size_t written;
    atomic_bool all_written;
    size_t answered;
    double *latency; /* (answered), ms */
    size_t capacity;
    bool sampled;
} stream;

static void fail(const char *what)
{
    perror(what);
    exit(3);
}

/* ---- The command -------------------------------------------------------------------------------
 */

static void start(stream *s)
{
    int in[2], out[2];
    if (pipe(in) || pipe(out)) fail("pipe");
    s->begin = clock_seconds();
    s->child = fork();
    if (s->child < 0) fail("fork");
    if (s->child == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[0]), close(in[1]), close(out[0]), close(out[1]);
        execvp(s->command[0], s->command);
        perror(s->command[0]);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->to = in[1];
    s->from = out[0];
    fcntl(s->to, F_SETFD, FD_CLOEXEC);
    fcntl(s->from, F_SETFD, FD_CLOEXEC);
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

/* ---- What it takes -----------------------------------------------------------------------------
 */

/* A member of /proc/PID/status in bytes, e.g. "VmRSS:"; 0: not known. */
static size_t status_bytes(pid_t pid, const char *member)
{
    char path[64], line[256];
    size_t kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, member, strlen(member))) kib = strtoull(line + strlen(member), NULL, 10);
    if (file) fclose(file);
    return kib * 1024;
}

/* Computing time so far. */
static double cpu_seconds(pid_t pid)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file && fgets(text, sizeof text, file)) {
        const char *after = strrchr(text, ')');
        if (after)
            sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                   &system);
    }
    if (file) fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static size_t disk_bytes(const char *folder)
{
    size_t sum = 0;
    DIR *list = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; list && (entry = readdir(list));) {
        char path[4096];
        struct stat info;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        if (lstat(path, &info)) continue;
        sum += S_ISDIR(info.st_mode) ? disk_bytes(path) : (size_t)info.st_blocks * 512;
    }
    if (list) closedir(list);
    return sum;
}

static void print_sample(stream *s)
{
    printf("%s{\"records\":%zu,\"seconds\":%.2f,\"rss_bytes\":%zu,\"rss_anonymous_bytes\":%zu,"
           "\"disk_bytes\":%zu}",
           s->sampled ? "," : "", s->answered, clock_seconds() - s->begin,
           status_bytes(s->child, "VmRSS:"), status_bytes(s->child, "RssAnon:"),
           disk_bytes(s->folder));
    s->sampled = true;
}

/* ---- Lines -------------------------------------------------------------------------------------
 */

static void count_answer(stream *s)
{
    if (!s->answered++) s->first = clock_seconds();
    if (s->every && s->answered % s->every == 0) print_sample(s);
}

/* Reads what there is, counts the answers; false: the command has closed its output. */
static bool read_answers(stream *s)
{
    static char block[BLOCK];
    ssize_t size = read(s->from, block, sizeof block);
    if (size < 0 && errno == EINTR) return true;
    for (ssize_t i = 0; i < size; i++)
        if (block[i] == '\n') count_answer(s);
    return size > 0;
}

static void one_at_a_time(stream *s)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t size; (size = getline(&line, &room, s->input)) > 0;) {
        double sent = s->written ? clock_seconds() : s->begin;
        if (!write_all(s->to, line, (size_t)size)) break;
        s->written++;
        while (s->answered < s->written)
            if (!read_answers(s)) break;
        if (s->answered < s->written) break;
        if (s->answered > s->capacity) {
            s->capacity = 2 * s->answered;
            s->latency = realloc(s->latency, s->capacity * sizeof *s->latency);
            if (!s->latency) exit(5);
        }
        s->latency[s->answered - 1] = 1000 * (clock_seconds() - sent);
    }
    free(line);
}

static void *write_input(void *context)
{
    stream *s = context;
    char *block = malloc(BLOCK);
    if (!block) exit(5);
    for (size_t size; (size = fread(block, 1, BLOCK, s->input)) > 0;) {
        size_t lines = 0;
        for (size_t i = 0; i < size; i++) lines += block[i] == '\n';
        s->written += lines;
        if (!write_all(s->to, block, size)) break;
    }
    free(block);
    s->all_written = true;
    return NULL;
}

/* Reads while the other thread writes, until the last line has its answer, or none came for long.
 */
static bool as_a_pipe(stream *s)
{
    enum { TICK_MS = 20, PATIENCE = 250 };
    pthread_t writer;
    if (pthread_create(&writer, NULL, write_input, s)) return false;
    for (int quiet = 0; quiet < PATIENCE && !(s->all_written && s->answered >= s->written);) {
        struct pollfd from = {.fd = s->from, .events = POLLIN};
        int ready = poll(&from, 1, TICK_MS);
        if (ready > 0 && !read_answers(s)) break;
        quiet = ready > 0 || !s->all_written ? 0 : quiet + 1;
    }
    pthread_join(writer, NULL);
    return true;
}

/* ---- The result --------------------------------------------------------------------------------
 */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first latency is starting the command. */
static void print_latencies(stream *s)
{
    if (!s->one || s->answered < 2) return;
    double *l = s->latency + 1;
    size_t n = s->answered - 1;
    qsort(l, n, sizeof *l, by_value);
    printf(",\"latency_ms\":{\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f,\"max\":%.4f}", l[n / 2],
           l[n * 9 / 10], l[n * 99 / 100], l[n - 1]);
}

static void print_result(stream *s, double cpu, size_t rss, size_t anonymous)
{
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    double seconds = s->end - s->begin, answers = s->answered ? (double)s->answered : 1;
    printf("],\"records\":%zu,\"seconds\":%.3f,\"records_per_s\":%.1f,\"first_answer_ms\":%.2f,"
           "\"cpu_ms_per_record\":%.4f,\"rss_bytes\":%zu,\"rss_anonymous_bytes\":%zu,"
           "\"peak_rss_bytes\":%zu,\"disk_bytes\":%zu",
           s->answered, seconds, answers / seconds, 1000 * (s->first - s->begin),
           1000 * cpu / answers, rss, anonymous, (size_t)used.ru_maxrss * 1024,
           disk_bytes(s->folder));
    print_latencies(s);
    puts("}");
}

static int run(stream *s)
{
    int status = 0;
    ungetc(getc(s->input), s->input); /* who makes the input may need time before the first line */
    start(s);
    printf("{\"samples\":[");
    if (s->one)
        one_at_a_time(s);
    else if (!as_a_pipe(s))
        return 3;
    double cpu = cpu_seconds(s->child);
    size_t rss = status_bytes(s->child, "VmRSS:"), anonymous = status_bytes(s->child, "RssAnon:");
    s->end = clock_seconds();
    close(s->to);
    while (read_answers(s)) s->end = clock_seconds();
    while (waitpid(s->child, &status, 0) < 0 && errno == EINTR) continue;
    print_result(s, cpu, rss, anonymous);
    if (s->answered == s->written && WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
    fprintf(stderr, "bench-stream: %zu lines, %zu answers, exit status %d\n", (size_t)s->written,
            s->answered, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 1;
}

int main(int count, char **arguments)
{
    stream s = {0};
    int at = 1;
    for (; at < count && !strncmp(arguments[at], "--", 2); at++) {
        if (!strcmp(arguments[at], "--one"))
            s.one = true;
        else if (!strcmp(arguments[at], "--sample") && at + 1 < count)
            s.every = strtoull(arguments[++at], NULL, 10);
        else if (!strcmp(arguments[at], "--folder") && at + 1 < count)
            s.folder = arguments[++at];
        else
            at = count;
    }
    if (at + 2 > count) {
        fputs(
            "usage: bench-stream [--one] [--sample N] [--folder DIR] FILE|- COMMAND ARGUMENT...\n",
            stderr);
        return 2;
    }
    s.input = strcmp(arguments[at], "-") ? fopen(arguments[at], "r") : stdin;
    if (!s.input) fail(arguments[at]);
    s.command = arguments + at + 1;
    signal(SIGPIPE, SIG_IGN);
    return run(&s);
}
