/* Stage index: sketches in a file (see the header). Written by pwrite, so that a full disk is an
 * error and what is written is not resident; a map of a segment that is being written shows what is
 * there already. */
#include "index/sketches.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { HEAD = 32 };
static const size_t segment_size = (size_t)64 << 20, block_size = (size_t)1 << 20;
static const char segment_magic[8] = "SSsegmt1", block_magic[8] = "SSblock1";

typedef struct segment_head {
    char magic[8];
    uint64_t size, stamp, zero;
} segment_head;

typedef struct block_head {
    char magic[8];
    uint64_t size, documents, check;
} block_head;

_Static_assert(sizeof(segment_head) == HEAD && sizeof(block_head) == HEAD, "heads as in the file");

struct ss_sketches {
    ss_shelf *shelf;
    int file;
    uint64_t stamp, check;
    uint64_t length;      /* of the file: where the next segment begins */
    const char *segment;  /* the last, mapped */
    uint64_t start, size; /* where it begins in the file, its size, */
    uint64_t used;        /* and how much of it is in use */
    char *block;          /* being put together */
    size_t block_capacity;
    char name[1024];
};

static samestory_status failed(const ss_sketches *s, samestory_error *error)
{
    return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                         "can't keep sketches in this folder: free some room, or name another one "
                         "for temporary files",
                         s->name);
}

/* ---- The file
 * ---------------------------------------------------------------------------------------- */

/* One process at a time: the lock goes with the process. */
static samestory_status lock_file(const ss_sketches *s, samestory_error *error)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!fcntl(s->file, F_SETLK, &all)) return SAMESTORY_OK;
    return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                         "is in use by another run: wait for it, or name another folder for "
                         "temporary files",
                         s->name);
}

static samestory_status open_file(ss_sketches *s, const char *path, samestory_error *error)
{
    const char *folder = ss_shelf_folder(s->shelf);
    int size = path ? snprintf(s->name, sizeof s->name, "%s", path)
                    : snprintf(s->name, sizeof s->name, "%s/samestory.XXXXXX", folder);
    if (size < 0 || (size_t)size >= sizeof s->name)
        return ss_fail_at(error, SAMESTORY_BAD_ARGUMENT, "this path is too long", folder, 0, 0);
    s->file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : mkstemp(s->name);
    if (s->file < 0) return failed(s, error);
    if (!path) unlink(s->name);
    return path ? lock_file(s, error) : SAMESTORY_OK;
}

samestory_status ss_sketches_open(ss_shelf *shelf, const char *path, uint64_t stamp, bool again,
                                  ss_sketches **out, samestory_error *error)
{
    ss_sketches *s = calloc(1, sizeof *s);
    if (!s) return ss_fail_memory(error);
    s->shelf = shelf;
    s->stamp = stamp;
    s->file = -1;
    samestory_status status = open_file(s, path, error);
    segment_head head;
    struct stat info;
    bool known = !status && again && pread(s->file, &head, HEAD, 0) == HEAD &&
                 !memcmp(head.magic, segment_magic, sizeof head.magic) && head.stamp == stamp;
    if (!status && !known && ftruncate(s->file, 0)) status = failed(s, error);
    if (!status && fstat(s->file, &info)) status = failed(s, error);
    if (status) {
        ss_sketches_free(s);
        return status;
    }
    s->length = (uint64_t)info.st_size;
    *out = s;
    return SAMESTORY_OK;
}

void ss_sketches_free(ss_sketches *s)
{
    if (!s) return;
    if (s->file >= 0) close(s->file);
    free(s->block);
    free(s);
}

static bool map_segment(ss_sketches *s, uint64_t start, uint64_t size)
{
    s->segment = ss_shelf_map(s->shelf, s->file, start, (size_t)size);
    s->start = start;
    s->size = size;
    s->used = HEAD;
    return s->segment != NULL;
}

static bool write_at(const ss_sketches *s, const void *data, size_t size, uint64_t offset)
{
    for (const char *at = data; size;) {
        ssize_t n = pwrite(s->file, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

/* ---- Reading
 * ------------------------------------------------------------------------------------------- */

/* Is this a sketch, whole within `room` bytes? The stamp and the checksum say that we wrote it;
 * that is no reason to read past its end. */
static bool is_sketch(const ss_sketch *k, size_t room)
{
    if (room < sizeof *k || k->size < sizeof *k || k->size > room || k->size % 8) return false;
    size_t parts = sizeof *k + k->dimension + k->anchors * sizeof(ss_anchor) + k->pool;
    return k->version == SS_SKETCH_VERSION && parts <= k->size;
}

/* Hands over the documents of a block that is in the map. */
static bool hand_over(const char *at, const char *end, uint64_t documents, ss_kept *kept,
                      void *context)
{
    for (; documents; documents--) {
        const ss_sketch *sketch = (const ss_sketch *)(const void *)at;
        if (!is_sketch(sketch, (size_t)(end - at))) return false;
        at += sketch->size;
        uint32_t id_size;
        if ((size_t)(end - at) < sizeof id_size) return false;
        memcpy(&id_size, at, sizeof id_size);
        at += sizeof id_size;
        size_t whole = ((size_t)id_size + sizeof id_size + 7) / 8 * 8 - sizeof id_size;
        if ((size_t)(end - at) < whole) return false;
        if (!kept(context, sketch, (samestory_string){at, id_size})) return false;
        at += whole;
    }
    return at == end;
}

/* Is there a good block where the segment ends so far? */
static bool next_block(const ss_sketches *s, block_head *head)
{
    if (s->size - s->used < HEAD) return false;
    memcpy(head, s->segment + s->used, HEAD);
    return !memcmp(head->magic, block_magic, sizeof head->magic) && head->size > HEAD &&
           head->size % 8 == 0 && head->size <= s->size - s->used &&
           head->check == XXH3_64bits_withSeed(s->segment + s->used + HEAD,
                                               (size_t)head->size - HEAD, head->documents);
}

static void take_block(ss_sketches *s, const block_head *head)
{
    s->used += head->size;
    s->check = XXH3_64bits_withSeed(&head->check, sizeof head->check, s->check);
}

static bool next_segment(const ss_sketches *s, uint64_t start, segment_head *head)
{
    return s->length - start >= HEAD && pread(s->file, head, HEAD, (off_t)start) == HEAD &&
           !memcmp(head->magic, segment_magic, sizeof head->magic) && head->stamp == s->stamp &&
           head->size >= segment_size && head->size % 4096 == 0 && head->size <= s->length - start;
}

samestory_status ss_sketches_load(ss_sketches *s, ss_kept *kept, void *context,
                                  samestory_error *error)
{
    segment_head segment;
    block_head block;
    uint64_t start = 0;
    for (; next_segment(s, start, &segment); start += segment.size) {
        if (!map_segment(s, start, segment.size)) return ss_fail_memory(error);
        while (next_block(s, &block)) {
            const char *at = s->segment + s->used;
            if (!hand_over(at + HEAD, at + block.size, block.documents, kept, context))
                return ss_fail_memory(error);
            take_block(s, &block);
            ss_shelf_relieve(s->shelf);
        }
    }
    s->length = start; /* what follows is no segment of ours, or was cut off */
    return SAMESTORY_OK;
}

/* ---- Writing
 * ------------------------------------------------------------------------------------------- */

/* Room for a block of this size: in the last segment, or in a new one. The rest of an old one that
 * a killed run has half written is overwritten or never read: its checksum is wrong. */
static bool make_room(ss_sketches *s, size_t size)
{
    if (s->segment && s->size - s->used >= size) return true;
    uint64_t wish = (uint64_t)size + HEAD, start = s->length;
    wish = wish < segment_size ? segment_size : (wish + 4095) / 4096 * 4096;
    segment_head head = {.size = wish, .stamp = s->stamp};
    memcpy(head.magic, segment_magic, sizeof head.magic);
    errno = 0;
    if (ftruncate(s->file, (off_t)start)) return false; /* zeros behind the last block */
    int full = posix_fallocate(s->file, (off_t)start, (off_t)wish);
    if (full) {
        errno = full;
        return false;
    }
    if (!write_at(s, &head, HEAD, start) || !map_segment(s, start, wish)) return false;
    s->length = start + wish;
    return true;
}

static bool put_document(ss_sketches *s, size_t *size, const ss_sketch *sketch, samestory_string id)
{
    if (id.size > UINT32_MAX - 16) return false;
    uint32_t id_size = (uint32_t)id.size;
    size_t whole = ((size_t)id_size + sizeof id_size + 7) / 8 * 8;
    if (!ss_reserve(&s->block, &s->block_capacity, *size + sketch->size + whole)) return false;
    memcpy(s->block + *size, sketch, sketch->size);
    *size += sketch->size;
    memset(s->block + *size, 0, whole);
    memcpy(s->block + *size, &id_size, sizeof id_size);
    if (id_size) memcpy(s->block + *size + sizeof id_size, id.data, id_size);
    *size += whole;
    return true;
}

static samestory_status write_block(ss_sketches *s, size_t size, size_t documents, ss_kept *kept,
                                    void *context, samestory_error *error)
{
    block_head head = {.size = size, .documents = documents};
    memcpy(head.magic, block_magic, sizeof head.magic);
    head.check = XXH3_64bits_withSeed(s->block + HEAD, size - HEAD, documents);
    memcpy(s->block, &head, HEAD);
    if (!make_room(s, size) || !write_at(s, s->block, size, s->start + s->used))
        return failed(s, error);
    const char *at = s->segment + s->used;
    take_block(s, &head);
    if (hand_over(at + HEAD, at + size, documents, kept, context)) return SAMESTORY_OK;
    return ss_fail_memory(error);
}

samestory_status ss_sketches_add(ss_sketches *s, const ss_sketch *const *sketch,
                                 const samestory_string *id, size_t count, ss_kept *kept,
                                 void *context, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; i < count && !status;) {
        size_t size = HEAD, documents = 0;
        if (!ss_reserve(&s->block, &s->block_capacity, block_size)) return ss_fail_memory(error);
        for (; i < count && size < block_size; i++, documents++)
            if (!put_document(s, &size, sketch[i], id[i])) return ss_fail_memory(error);
        status = write_block(s, size, documents, kept, context, error);
    }
    return status;
}

uint64_t ss_sketches_check(const ss_sketches *s)
{
    return s->check;
}
