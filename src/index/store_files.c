/* Stage index -> store: its files as files: names, heads, mapping, writing whole. */
#include "index/store_parts.h"

#include "base/array.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* ---- Names
 * ------------------------------------------------------------------------------------------ */

enum { DAY_SECONDS = 86400 };

int64_t ss_slice_day(int64_t date)
{
    if (date == SAMESTORY_NO_DATE) return date;
    return date / DAY_SECONDS - (date % DAY_SECONDS < 0);
}

/* yyyymmdd of a day, by the calendar's 400 years of 146,097 days, which begin in March. */
static void name_day(int64_t day, char out[16])
{
    if (day < -719468 || day > 2932896) { /* before the year 0, after 9999, or unknown */
        strcpy(out, "undated");
        return;
    }
    int64_t since = day + 719468, era = since / 146097, of_era = since % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153, of_month = of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    year += era * 400 + (month <= 2);
    snprintf(out, 16, "%04u%02u%02u", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)of_month % 100);
}

void ss_name_slice(const ss_slice_entry *e, const char *suffix, char name[SS_NAME_BYTES])
{
    char day[16];
    name_day(e->day, day);
    snprintf(name, SS_NAME_BYTES, "%s-%010u.%s", day, e->first, suffix);
}

void ss_name_run(uint32_t first, uint32_t count, char name[SS_NAME_BYTES])
{
    snprintf(name, SS_NAME_BYTES, "%010u-%05u.keys", first, count);
}

void ss_name_totals(uint32_t number, char name[SS_NAME_BYTES])
{
    snprintf(name, SS_NAME_BYTES, "%010u.totals", number);
}

char *ss_store_path(const ss_store *s, const char *name)
{
    size_t size = strlen(s->folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path) snprintf(path, size, "%s/%s", s->folder, name);
    return path;
}

/* ---- Heads
 * ------------------------------------------------------------------------------------------- */

ss_file_head ss_head_new(const ss_store *s, ss_file_kind kind, uint64_t first, uint64_t count,
                         uint64_t sum)
{
    ss_file_head h = {.kind = (uint32_t)kind,
                      .format = SS_STORE_FORMAT,
                      .model = s->stamp,
                      .normalizer = SS_NORMALIZER_VERSION,
                      .features = SS_FEATURES_VERSION,
                      .sketch = SS_SKETCH_VERSION,
                      .first = first,
                      .count = count,
                      .sum = sum};
    memcpy(h.magic, SS_STORE_MAGIC, sizeof h.magic);
    h.check = XXH3_64bits(&h, offsetof(ss_file_head, check));
    return h;
}

const char *ss_head_wrong(const ss_store *s, const ss_file_head *h, ss_file_kind kind,
                          uint64_t first)
{
    if (memcmp(h->magic, SS_STORE_MAGIC, sizeof h->magic) != 0 || h->kind != (uint32_t)kind)
        return "is no such file of an index: restore it, or run samestory index rebuild";
    if (h->check != XXH3_64bits(h, offsetof(ss_file_head, check)) || h->first != first)
        return "is damaged at its head: run samestory index verify";
    ss_file_head mine = ss_head_new(s, kind, h->first, h->count, h->sum);
    return memcmp(h, &mine, sizeof mine) != 0 ? "was made by another version or model" : NULL;
}

/* ---- Mapping
 * ------------------------------------------------------------------------------------------ */

static samestory_status map_open(int file, const char *path, uint64_t need, uint64_t reserve,
                                 ss_map *out, samestory_error *error)
{
    struct stat is;
    if (fstat(file, &is))
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't look at this file of the index",
                             path);
    if (is.st_size < 0 || (uint64_t)is.st_size < need || is.st_size < (off_t)sizeof(ss_file_head))
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                          "is shorter than the catalogue says: run samestory index rebuild", path,
                          0, 0);
    uint64_t size = need ? need : (uint64_t)is.st_size;
    if (size < reserve) size = reserve;
    void *data =
        size > SIZE_MAX / 2 ? MAP_FAILED : mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, file, 0);
    if (data == MAP_FAILED)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't be mapped into memory", path);
    *out = (ss_map){data, (size_t)size};
    return SAMESTORY_OK;
}

samestory_status ss_store_map(const ss_store *s, const char *name, uint64_t need, uint64_t reserve,
                              ss_map *out, samestory_error *error)
{
    char *path = ss_store_path(s, name);
    if (!path) return ss_fail_memory(error);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    samestory_status status =
        file < 0
            ? ss_fail_errno(
                  error, SAMESTORY_INPUT_FAILED,
                  "can't open this file of the index: restore it, or run samestory index rebuild",
                  path)
            : map_open(file, path, need, reserve, out, error);
    if (file >= 0) close(file);
    free(path);
    return status;
}

void ss_store_unmap(ss_map *map)
{
    if (map->data) munmap(map->data, map->size);
    *map = (ss_map){NULL, 0};
}

/* ---- Writing and removing
 * ------------------------------------------------------------------------------ */

samestory_status ss_store_write(ss_store *s, const char *name, ss_file_kind kind, uint64_t first,
                                uint64_t count, const void *body, size_t size,
                                samestory_error *error)
{
    ss_file_head head = ss_head_new(s, kind, first, count, XXH3_64bits(body, size));
    ss_piece piece[2] = {{&head, sizeof head}, {body, size}};
    char *path = ss_store_path(s, name);
    samestory_status status = path ? ss_file_write(path, piece, 2, error) : ss_fail_memory(error);
    free(path);
    return status;
}

samestory_status ss_store_rename(ss_store *s, const char *stem, const ss_slice_entry *e,
                                 samestory_error *error)
{
    static const char *const kinds[] = {"data", "counts", "rows"};
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; !status && i < 3; i++) {
        char old_name[SS_NAME_BYTES + 8], name[SS_NAME_BYTES];
        snprintf(old_name, sizeof old_name, "%s.%s", stem, kinds[i]);
        ss_name_slice(e, kinds[i], name);
        char *from = ss_store_path(s, old_name), *to = ss_store_path(s, name);
        if (!from || !to)
            status = ss_fail_memory(error);
        else if (rename(from, to) && errno != ENOENT)
            status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                                   "can't be renamed: check the folder", from);
        free(from);
        free(to);
    }
    return status;
}

samestory_status ss_store_sync_folder(ss_store *s, samestory_error *error)
{
    int folder = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && !fsync(folder);
    if (!good)
        ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                      "can't be written: make room on the disk, or check it", s->folder);
    if (folder >= 0) close(folder);
    s->made_files = !good;
    return good ? SAMESTORY_OK : SAMESTORY_OUTPUT_FAILED;
}

samestory_status ss_store_doom(ss_store *s, const char *name, samestory_error *error)
{
    if (!ss_reserve(&s->doomed, &s->doomed_capacity, s->doomed_count + 1))
        return ss_fail_memory(error);
    snprintf(s->doomed[s->doomed_count++], SS_NAME_BYTES, "%s", name);
    return SAMESTORY_OK;
}

void ss_store_remove_doomed(ss_store *s)
{
    for (size_t i = 0; i < s->doomed_count; i++) {
        char *path = ss_store_path(s, s->doomed[i]);
        if (path) unlink(path); /* one that stays is removed by the next compaction */
        free(path);
    }
    s->doomed_count = 0;
}
