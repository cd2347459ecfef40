/* Trainer, cities (see the header). The lines of the file are ordered by language, so that the
 * names of one place are gathered by sorting. */
#include "train/cities.h"

#include "base/array.h"
#include "base/status.h"
#include "train/zstd_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LANGUAGES_LEAST = 15, CITIES_MAX = 30000 };

typedef struct pair {
    char *english; /* and the other name after its NUL */
    const char *other;
    char language[8];
} pair;

typedef struct pairs {
    pair *items;
    size_t count, capacity;
} pairs;

static int by_english(const void *left, const void *right)
{
    const pair *a = left, *b = right;
    int order = strcmp(a->english, b->english);
    if (!order) order = strcmp(a->language, b->language);
    return order ? order : strcmp(a->other, b->other);
}

/* Time zones, weather stations and lists of places are no places. */
static bool is_plain(const char *name)
{
    return name[0] && !strpbrk(name, ",()/0123456789") && !strstr(name, " Time") &&
           !strstr(name, "Station") && strlen(name) < 64;
}

/* "en-zh<TAB>Geneva<TAB>日内瓦"; false when memory is out. */
static bool add_pair(pairs *list, const char *line, size_t size)
{
    const char *first = strchr(line, '\t');
    const char *second = first ? strchr(first + 1, '\t') : NULL;
    if (!second || strncmp(line, "en-", 3) != 0 || first - line < 5 || first - line > 10)
        return true;
    if (!ss_reserve(&list->items, &list->capacity, list->count + 1)) return false;
    size_t kept = size - (size_t)(first + 1 - line);
    pair p = {.english = malloc(kept + 1)};
    if (!p.english) return false;
    memcpy(p.english, first + 1, kept);
    p.english[kept] = '\0';
    p.english[second - first - 1] = '\0';
    p.other = p.english + (second - first);
    memcpy(p.language, line + 3, (size_t)(first - line - 3));
    if (!is_plain(p.english) || !is_plain(p.other)) {
        free(p.english);
        return true;
    }
    list->items[list->count++] = p;
    return true;
}

static bool add_name(city_names *out, const char *name, const char *language, int city)
{
    if (!ss_reserve(&out->items, &out->capacity, out->count + 1)) return false;
    city_name *c = &out->items[out->count];
    *c = (city_name){.name = strdup(name), .city = city};
    snprintf(c->language, sizeof c->language, "%s", language);
    out->count += c->name != NULL;
    return c->name != NULL;
}

static bool gather(const pairs *list, city_names *out)
{
    int city = 0;
    for (size_t i = 0; i < list->count && city < CITIES_MAX;) {
        size_t end = i, languages = 0;
        for (; end < list->count && !strcmp(list->items[end].english, list->items[i].english);
             end++)
            languages +=
                end == i || strcmp(list->items[end].language, list->items[end - 1].language) != 0;
        if (languages >= LANGUAGES_LEAST) {
            city++;
            if (!add_name(out, list->items[i].english, "en", city)) return false;
            for (size_t k = i; k < end; k++)
                if (!add_name(out, list->items[k].other, list->items[k].language, city))
                    return false;
        }
        i = end;
    }
    return true;
}

samestory_status cities_read(const char *folder, city_names *out, samestory_error *error)
{
    char path[4096];
    pairs list = {0};
    zstd_lines *lines = NULL;
    size_t size = 0;
    char *line;
    bool memory = true;
    *out = (city_names){0};
    if (snprintf(path, sizeof path, "%s/names-libgweather.tsv.zst", folder) >= (int)sizeof path)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "the path is too long");
    if (access(path, R_OK) != 0) return SAMESTORY_OK; /* one's own data may have none */
    samestory_error reading = {0};
    samestory_status status = zstd_lines_open(path, &lines, error);
    if (status) return status;
    while (memory && (line = zstd_lines_next(lines, &size, &reading)) != NULL)
        memory = add_pair(&list, line, size);
    zstd_lines_free(lines);
    if (memory && list.count) qsort(list.items, list.count, sizeof *list.items, by_english);
    memory = memory && gather(&list, out);
    for (size_t i = 0; i < list.count; i++) free(list.items[i].english);
    free(list.items);
    if (reading.status) {
        *error = reading;
        status = reading.status;
    }
    return memory ? status : ss_fail_memory(error);
}

void cities_free(city_names *names)
{
    for (size_t i = 0; i < names->count; i++) free(names->items[i].name);
    free(names->items);
    *names = (city_names){0};
}
