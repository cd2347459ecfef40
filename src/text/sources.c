/* The files of an input; see sources.h. */
#include "text/sources.h"
#include "base/array.h"
#include "base/status.h"
#include "text/input.h"
#include "text/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 }; /* of a line in a list; longer paths can't be opened */

/* ---- Names ----------------------------------------------------------------------------------- */

/* Does a name end so, packed or not? */
static bool ends_with(const char *name, const char *const *ends)
{
    static const char *const packings[] = {"", ".gz", ".zst", ".xz", NULL};
    size_t size = strlen(name);
    for (; *ends; ends++)
        for (const char *const *packing = packings; *packing; packing++) {
            size_t tail = strlen(*packing), end = strlen(*ends);
            if (size >= tail + end && !strcmp(name + size - tail, *packing) &&
                !memcmp(name + size - tail - end, *ends, end))
                return true;
        }
    return false;
}

static bool is_jsonl_name(const char *name)
{
    static const char *const ends[] = {".jsonl", ".json", ".ndjson", NULL};
    return ends_with(name, ends);
}

static bool is_text_name(const char *name)
{
    static const char *const ends[] = {".txt", ".md", NULL};
    return ends_with(name, ends);
}

static bool is_list_name(const char *name)
{
    static const char *const ends[] = {".paths", NULL};
    return ends_with(name, ends);
}

/* Makes `name`, which is then the sources', a source that has not been looked at. */
static samestory_status add(ss_sources *s, char *name, bool in_folder, samestory_error *error)
{
    if (!name || !ss_reserve(&s->paths.items, &s->paths.capacity, s->paths.count + 1) ||
        !ss_reserve(&s->items, &s->capacity, s->count + 1)) {
        free(name);
        return ss_fail_memory(error);
    }
    s->paths.items[s->paths.count++] = name;
    s->items[s->count++] = (ss_source){.name = name,
                                       .named_text = is_text_name(name),
                                       .in_folder = in_folder && !is_jsonl_name(name)};
    return SAMESTORY_OK;
}

/* ---- Finding --------------------------------------------------------------------------------- */

/* Lists in a folder are passed over: they name files that most likely lie in it, too. */
static samestory_status add_folder(ss_sources *s, const char *path, samestory_error *error)
{
    ss_paths found = {0};
    samestory_status status = ss_walk(path, &found, error);
    for (size_t i = 0; !status && i < found.count; i++) {
        if (is_list_name(found.items[i])) continue;
        status = add(s, found.items[i], true, error);
        found.items[i] = NULL;
    }
    ss_paths_free(&found);
    return status;
}

/* `path` below `base`, of which `size` bytes count, unless it begins at the root. */
static char *below(const char *base, size_t size, samestory_string path)
{
    bool whole = path.data[0] == '/' || !size;
    bool slash = !whole && base[size - 1] != '/';
    size_t before = whole ? 0 : size + slash;
    char *out = malloc(before + path.size + 1);
    if (!out) return NULL;
    if (before) memcpy(out, base, size);
    if (slash) out[size] = '/';
    memcpy(out + before, path.data, path.size);
    out[before + path.size] = 0;
    return out;
}

static bool is_url(samestory_string path)
{
    for (size_t i = 0; i + 2 < path.size; i++) {
        char c = path.data[i];
        if (c == ':') return i && path.data[i + 1] == '/' && path.data[i + 2] == '/';
        if (c == '/') return false;
    }
    return false;
}

/* A file for each line of a list, relative to options->paths_base or the list's own folder. */
static samestory_status add_lines(ss_sources *s, ss_input *input, const char *list,
                                  const samestory_reader_options *options, samestory_error *error)
{
    const char *slash = strrchr(list, '/'), *base = options->paths_base;
    size_t size = base ? strlen(base) : slash ? (size_t)(slash - list) + 1 : 0;
    for (;;) {
        ss_line line;
        samestory_status status = ss_input_line(input, PATH_BYTES, &line, error);
        if (status) return status == SAMESTORY_END ? SAMESTORY_OK : status;
        const char *problem =
            line.piece || (line.bytes.size && memchr(line.bytes.data, 0, line.bytes.size))
                ? "no path: a list of files holds one path a line"
            : is_url(line.bytes)
                ? "a URL: download the file, and name where it lies; only files are read"
                : NULL;
        if (problem)
            return ss_fail_at(error, SAMESTORY_INPUT_FAILED, problem, list, line.number,
                              line.offset);
        if (line.bytes.size)
            status = add(s, below(base ? base : list, size, line.bytes), false, error);
        if (status) return status;
    }
}

static samestory_status add_list(ss_sources *s, const char *list, int fd,
                                 const samestory_reader_options *options, samestory_error *error)
{
    ss_input *input = ss_input_new();
    if (!input) return ss_fail_memory(error);
    samestory_status status = ss_input_start(input, fd, 0, list, error);
    if (!status) status = add_lines(s, input, list, options, error);
    ss_input_free(input);
    return status;
}

static samestory_status open_file(const char *path, int *fd, struct stat *is,
                                  samestory_error *error)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "can't open this file: check its name and permissions", path);
    if (!fstat(*fd, is)) return SAMESTORY_OK;
    int kept = errno;
    close(*fd);
    errno = kept;
    return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't look at this file", path);
}

static samestory_status add_path(ss_sources *s, const char *path,
                                 const samestory_reader_options *options, samestory_error *error)
{
    struct stat is;
    for (size_t i = 0; !strcmp(path, "-") && i < s->count; i++)
        if (!strcmp(s->items[i].name, "-"))
            return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                              "standard input is named twice: it can be read once", "-", 0, 0);
    if (!strcmp(path, "-") || stat(path, &is) || !(S_ISDIR(is.st_mode) || S_ISREG(is.st_mode)))
        return add(s, strdup(path), false, error);
    if (S_ISDIR(is.st_mode)) return add_folder(s, path, error);
    if (!is_list_name(path) || options->lines_only) return add(s, strdup(path), false, error);
    int fd;
    samestory_status status = open_file(path, &fd, &is, error);
    if (status) return status;
    status = add_list(s, path, fd, options, error);
    close(fd);
    return status;
}

/* ---- Looking --------------------------------------------------------------------------------- */

/* A descriptor that is no regular file, or standard input: kept open, spooled if need be. */
static samestory_status keep(ss_source *s, int fd, const char *folder, samestory_error *error)
{
    if (fstat(fd, &s->seen))
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't be read: is it open?", s->name);
    s->base = S_ISREG(s->seen.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    if (s->base >= 0) {
        s->fd = dup(fd);
        if (s->fd < 0)
            return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "too many open files", s->name);
    } else {
        s->base = 0;
        samestory_status status = ss_spool(fd, s->name, folder, &s->fd, error);
        if (status) return status;
        if (fstat(s->fd, &s->seen)) memset(&s->seen, 0, sizeof s->seen);
    }
    s->kept = true;
    return SAMESTORY_OK;
}

static samestory_status look_at(ss_source *s, const char *spool_folder, samestory_error *error)
{
    if (!strcmp(s->name, "-")) return keep(s, STDIN_FILENO, spool_folder, error);
    int fd;
    samestory_status status = open_file(s->name, &fd, &s->seen, error);
    if (status) return status;
    if (S_ISDIR(s->seen.st_mode))
        status = ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                            "a folder in a list of files: name its files", s->name, 0, 0);
    else if (!S_ISREG(s->seen.st_mode))
        status = keep(s, fd, spool_folder, error);
    close(fd);
    return status;
}

/* Of several files the share's own stay. */
static void take_share(ss_sources *s, const samestory_reader_options *options)
{
    size_t kept = 0;
    s->one = s->count == 1;
    if (options->shards < 2 || s->one) return;
    for (size_t i = 0; i < s->count; i++)
        if (i % options->shards == options->shard % options->shards) s->items[kept++] = s->items[i];
    s->count = kept;
}

samestory_status ss_sources_open(ss_sources *s, const char *const *paths, size_t count,
                                 const samestory_reader_options *options, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; !status && i < count; i++) status = add_path(s, paths[i], options, error);
    if (status) return status;
    take_share(s, options);
    for (size_t i = 0; !status && i < s->count; i++) {
        ss_source *it = &s->items[i];
        status = look_at(it, options->spool_folder, error);
        off_t size = status ? 0 : it->seen.st_size - it->base;
        s->total += size > 0 ? (uint64_t)size : 0;
    }
    return status;
}

void ss_sources_free(ss_sources *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].kept) close(s->items[i].fd);
    free(s->items);
    ss_paths_free(&s->paths);
    *s = (ss_sources){0};
}

/* ---- Reading again --------------------------------------------------------------------------- */

static samestory_status check_unchanged(const ss_source *s, const struct stat *now,
                                        samestory_error *error)
{
    const struct stat *then = &s->seen;
    if (now->st_size == then->st_size && now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
        now->st_mtim.tv_nsec == then->st_mtim.tv_nsec && now->st_ino == then->st_ino)
        return SAMESTORY_OK;
    return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                      "the file changed while it was being read: start again when it is complete",
                      s->name, 0, 0);
}

samestory_status ss_source_open(const ss_source *s, int *fd, samestory_error *error)
{
    *fd = s->fd;
    if (s->kept) return SAMESTORY_OK;
    struct stat now;
    samestory_status status = open_file(s->name, fd, &now, error);
    if (status) return status;
    status = check_unchanged(s, &now, error);
    if (status) close(*fd);
    return status;
}

samestory_status ss_source_unchanged(const ss_source *s, samestory_error *error)
{
    struct stat now;
    if (s->kept ? fstat(s->fd, &now) : stat(s->name, &now))
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "the file is gone and can't be read again", s->name);
    return check_unchanged(s, &now, error);
}
