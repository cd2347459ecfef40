/* Trainer, names of cities and regions in many languages, for the model's lexicon. */
#ifndef SS_TRAIN_CITIES_H
#define SS_TRAIN_CITIES_H

#include "samestory.h"

/* One name of a place; all names with one `city` are of the same place. */
typedef struct city_name {
    char *name;
    char language[8]; /* "en" for the name that all languages may use */
    int city;         /* 1, 2, ... */
} city_name;

typedef struct city_names {
    city_name *items;
    size_t count, capacity;
} city_names;

/* Reads the pairs of names in DIR/names-libgweather.tsv.zst and takes those places that at least
 * fifteen languages name; none where there is no such file. */
samestory_status cities_read(const char *folder, city_names *out, samestory_error *error);
void cities_free(city_names *names);

#endif
