/* The list of dropped lines (see the header). */
#include "train/dropped.h"

#include <errno.h>
#include <stdio.h>
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

samestory_status dropped_read(const char *path, dropped_lines *out, samestory_error *error)
{
    *out = (dropped_lines){0};
    if (!path) return SAMESTORY_OK;
    FILE *file = fopen(path, "r");
    if (!file) return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name", path);
    char *line = NULL;
    size_t capacity = 0;
    samestory_status status = SAMESTORY_OK;
    for (uint64_t number = 1; !status && getline(&line, &capacity, file) >= 0; number++) {
        uint64_t hash;
        if (line[0] == '#' || line[0] == '\n') continue;
        if (!parse_line(line, &hash))
            status = ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                                "expected: source, 16 hexadecimal digits, why", path, number, 0);
        else if (!ss_lookup_add(&out->lookup, hash, 0)) status = ss_fail_memory(error);
    }
    free(line);
    fclose(file);
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
