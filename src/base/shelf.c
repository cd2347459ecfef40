/* Mapped files under a limit of resident memory (see the header). */
#define _DEFAULT_SOURCE /* madvise: posix_madvise may do nothing */
#include "base/shelf.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A page that is read brings up to 15 neighbours with it. Between two calls of relieve a thread
 * looks at some 60 places, which is `step` of memory at most; the limit is kept by so much. */
static const size_t margin_least = (size_t)24 << 20, step = (size_t)4 << 20;
/* And by a tenth of it: 300,000 documents under 600 MiB had 625 MiB with the least margin alone */
static size_t margin_of(size_t limit)
{
    return margin_least + limit / 10;
}

typedef struct region {
    void *data;
    size_t size;
} region;

struct ss_shelf {
    char *folder;
    size_t limit;
    int resident; /* /proc/self/statm, or -1 */
    region *region;
    size_t regions, capacity;
    pthread_mutex_t lock; /* of the regions */
    atomic_long calls;    /* that may pass before the system is asked again */
};

/* 0: unknown. */
static size_t resident_bytes(int file)
{
    char text[128];
    ssize_t size = file < 0 ? -1 : pread(file, text, sizeof text - 1, 0);
    unsigned long all, resident;
    if (size <= 0) return 0;
    text[size] = 0;
    if (sscanf(text, "%lu %lu", &all, &resident) != 2) return 0;
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

size_t ss_resident_bytes(void)
{
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    size_t bytes = resident_bytes(file);
    if (file >= 0) close(file);
    return bytes;
}

samestory_status ss_shelf_new(const char *folder, size_t limit, ss_shelf **out,
                              samestory_error *error)
{
    struct stat info;
    if (stat(folder, &info) || !S_ISDIR(info.st_mode) || access(folder, W_OK | X_OK))
        return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                             "is no folder that can be written to: name another one for temporary "
                             "files",
                             folder);
    ss_shelf *s = calloc(1, sizeof *s);
    if (s) s->folder = malloc(strlen(folder) + 1);
    if (!s || !s->folder || pthread_mutex_init(&s->lock, NULL)) {
        if (s) free(s->folder);
        free(s);
        return ss_fail_memory(error);
    }
    strcpy(s->folder, folder);
    s->limit = limit;
    atomic_init(&s->calls, 0);
    s->resident = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    *out = s;
    return SAMESTORY_OK;
}

void ss_shelf_free(ss_shelf *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->regions; i++) munmap(s->region[i].data, s->region[i].size);
    if (s->resident >= 0) close(s->resident);
    pthread_mutex_destroy(&s->lock);
    free(s->region);
    free(s->folder);
    free(s);
}

const char *ss_shelf_folder(const ss_shelf *shelf)
{
    return shelf->folder;
}

/* ---- Mapping
 * ------------------------------------------------------------------------------------------ */

static void *map_region(ss_shelf *s, int file, uint64_t offset, size_t size, int rights)
{
    pthread_mutex_lock(&s->lock);
    void *data = MAP_FAILED;
    if (ss_reserve(&s->region, &s->capacity, s->regions + 1))
        data = mmap(NULL, size, rights, MAP_SHARED, file, (off_t)offset);
    if (data != MAP_FAILED) s->region[s->regions++] = (region){data, size};
    pthread_mutex_unlock(&s->lock);
    return data == MAP_FAILED ? NULL : data;
}

static void unmap_region(ss_shelf *s, void *data)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->regions; i++)
        if (s->region[i].data == data) {
            munmap(data, s->region[i].size);
            s->region[i] = s->region[--s->regions];
            break;
        }
    pthread_mutex_unlock(&s->lock);
}

const void *ss_shelf_map(ss_shelf *shelf, int file, uint64_t offset, size_t size)
{
    return map_region(shelf, file, offset, size, PROT_READ);
}

static int unnamed_file(const char *folder)
{
    static const char name[] = "/samestory.XXXXXX";
    char *path = malloc(strlen(folder) + sizeof name);
    if (!path) return -1;
    strcpy(path, folder);
    strcat(path, name);
    int file = mkstemp(path);
    if (file >= 0) unlink(path);
    free(path);
    return file;
}

bool ss_shelve(ss_shelf *s, ss_shelved *a, size_t bytes)
{
    if (bytes <= a->bytes) return true;
    if (!s) return ss_reserve_bytes(&a->data, &a->bytes, bytes, 1);
    size_t page = (size_t)sysconf(_SC_PAGESIZE), wish = a->bytes + a->bytes / 2;
    if (wish < bytes) wish = bytes;
    if (wish < (size_t)1 << 20) wish = (size_t)1 << 20;
    if (wish > (size_t)INT64_MAX - page) return false;
    wish = (wish + page - 1) / page * page;
    int file = a->file ? a->file - 1 : unnamed_file(s->folder);
    if (file < 0) return false;
    a->file = file + 1;
    /* room on the disk must be certain: writing to a map that has none kills the process */
    if (posix_fallocate(file, 0, (off_t)wish)) return false;
    void *data = map_region(s, file, 0, wish, PROT_READ | PROT_WRITE);
    if (!data) return false;
    if (a->data) unmap_region(s, a->data);
    a->data = data;
    a->bytes = wish;
    return true;
}

void ss_shelved_free(ss_shelf *s, ss_shelved *a)
{
    if (!s) {
        free(a->data);
    } else {
        if (a->data) unmap_region(s, a->data);
        if (a->file) close(a->file - 1);
    }
    *a = (ss_shelved){0};
}

/* ---- Letting go
 * ------------------------------------------------------------------------------------------ */

void ss_shelf_relieve(ss_shelf *s)
{
    if (!s || !s->limit || atomic_fetch_sub_explicit(&s->calls, 1, memory_order_relaxed) > 0)
        return;
    pthread_mutex_lock(&s->lock);
    size_t resident = resident_bytes(s->resident), margin = margin_of(s->limit);
    if (resident + margin >= s->limit) {
        for (size_t i = 0; i < s->regions; i++)
            madvise(s->region[i].data, s->region[i].size, MADV_DONTNEED);
        resident = resident_bytes(s->resident);
    }
    size_t room = resident + margin < s->limit ? s->limit - margin - resident : 0;
    atomic_store(&s->calls, (long)(room / step));
    pthread_mutex_unlock(&s->lock);
}
