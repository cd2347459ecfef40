/* The list of dropped lines (see the header). */
#include "train/dropped.h"

#include "train/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

uint64_t dropped_hash(const char *line, size_t size)
{
    return XXH3_64bits(line, size);
}

/* The hash that a line of the list names; false for none. */
static bool parse_line(const char *line, uint64_t *hash)
{
    const char *tab = strchr(line, '\t');
    char *end;
    if (!tab || tab == line) return false;
    errno = 0;
    unsigned long long value = strtoull(tab + 1, &end, 16);
    if (errno || end != tab + 17 || (*end != '\t' && *end != '\n' && *end)) return false;
    *hash = value;
    return true;
}

static samestory_status take_line(void *context, char *line)
{
    dropped_lines *out = context;
    uint64_t hash;
    if (!parse_line(line, &hash)) return SAMESTORY_BAD_ARGUMENT;
    return ss_lookup_add(&out->lookup, hash, 0) ? SAMESTORY_OK : SAMESTORY_NO_MEMORY;
}

samestory_status dropped_read(const char *path, dropped_lines *out, samestory_error *error)
{
    *out = (dropped_lines){0};
    samestory_status status =
        list_read(path, "expected: source, 16 hexadecimal digits, why", take_line, out, error);
    if (status) dropped_free(out);
    return status;
}

bool dropped_has(const dropped_lines *lines, const char *line, size_t size)
{
    return lines->lookup.used &&
           ss_lookup_find(&lines->lookup, dropped_hash(line, size)) != SS_LOOKUP_NONE;
}

void dropped_free(dropped_lines *lines)
{
    ss_lookup_free(&lines->lookup);
}
