/* Documents as the engine keeps them: a number and an id for each, its sketch in memory that lives as long
 * as the engine, its keys filed in the index when it arrives. */
#include "engine/engine.h"

#include "base/array.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Keeping documents ------------------------------------------------------------------------------ */

/* Memory that lives as long as the engine, at a multiple of 8. */
static void *keep_bytes(samestory_engine *e, size_t size)
{
    size = (size + 7) / 8 * 8;
    if (!e->block_count || e->block_size - e->block_used < size) {
        size_t wish = size > SS_BLOCK ? size : SS_BLOCK;
        if (!ss_reserve(&e->block, &e->block_capacity, e->block_count + 1)) return NULL;
        char *block = malloc(wish);
        if (!block) return NULL;
        e->block[e->block_count++] = block;
        e->block_size = wish;
        e->block_used = 0;
    }
    void *out = e->block[e->block_count - 1] + e->block_used;
    e->block_used += size;
    return out;
}

/* An array that grows in step with the documents: all of them hold `capacity` elements. */
#define GROW(array, wish) ss_reserve_bytes(&(array), &(size_t){0}, (wish), sizeof *(array))

static bool reserve_documents(samestory_engine *e, size_t need)
{
    if (need <= e->capacity) return true;
    size_t wish = e->capacity + e->capacity / 2;
    if (wish < need) wish = need;
    if (wish < 64) wish = 64;
    if (wish >= UINT32_MAX || !GROW(e->sketch, wish) || !GROW(e->id, wish) ||
        !GROW(e->original, wish) || !GROW(e->answer, wish))
        return false;
    e->capacity = wish;
    return true;
}

static bool reserve_arrivals(samestory_engine *e, size_t need)
{
    if (need <= e->arrived_capacity) return true;
    size_t wish = e->arrived_capacity + e->arrived_capacity / 2;
    if (wish < need) wish = need;
    if (wish < 64) wish = 64;
    if (!GROW(e->arrival, wish) || !GROW(e->arrived, wish) || !GROW(e->place, wish) ||
        !GROW(e->date, wish) || !GROW(e->twin, wish) || !GROW(e->story, wish) || !GROW(e->story_size, wish))
        return false;
    e->arrived_capacity = wish;
    return true;
}

/* What makes a document the same document: its id and its text; 0: it has no id. */
static uint64_t identity_of(const ss_sketch *s)
{
    return s->id ? s->id * 0x9E3779B97F4A7C15u ^ s->text_hash : 0;
}

/* The first document with this id and this text, or -1. */
int64_t ss_find_known(const samestory_engine *e, const ss_sketch *s)
{
    uint32_t number = s->id ? ss_lookup_find(&e->known, identity_of(s)) : SS_LOOKUP_NONE;
    return number == SS_LOOKUP_NONE ? -1 : (int64_t)number;
}

/* What a document without id and URL is called: a hash of its content. */
samestory_string ss_id_of_content(const ss_sketch *s, char out[SS_CONTENT_ID])
{
    int size = snprintf(out, SS_CONTENT_ID, "xxh3:%016llx", (unsigned long long)s->text_hash);
    return (samestory_string){out, (size_t)size};
}

samestory_string ss_document_id(const samestory_document *d)
{
    return d->id.size ? d->id : d->url;
}

bool ss_number_document(samestory_engine *e, const ss_sketch *kept, samestory_string id)
{
    if (!reserve_documents(e, e->count + 1)) return false;
    bool stream = e->phase == SS_STREAM;
    uint32_t i = (uint32_t)e->count, number = e->base + i;
    int64_t original = stream ? -1 : ss_find_known(e, kept);
    e->sketch[i] = kept;
    e->id[i] = id;
    e->original[i] = original < 0 ? number : (uint32_t)original;
    e->answer[i] = (ss_answer){.of = UINT32_MAX, .story = e->original[i]};
    e->count++;
    e->report.kept_bytes += kept->size + id.size;
    return stream || original >= 0 || !kept->id || ss_lookup_add(&e->known, identity_of(kept), number);
}

bool ss_keep_document(samestory_engine *e, const ss_sketch *kept, samestory_string id)
{
    char hash[SS_CONTENT_ID];
    if (!id.size) id = ss_id_of_content(kept, hash);
    char *bytes = keep_bytes(e, id.size + 1);
    if (!bytes) return false;
    memcpy(bytes, id.data, id.size);
    bytes[id.size] = 0;
    return ss_number_document(e, kept, (samestory_string){bytes, id.size});
}

ss_sketch *ss_keep_sketch(samestory_engine *e, const ss_sketch *s)
{
    ss_sketch *kept = keep_bytes(e, s->size);
    if (kept) memcpy(kept, s, s->size);
    return kept;
}

samestory_status ss_check_document(const samestory_document *d, samestory_error *error)
{
    if (!d || d->struct_size != sizeof *d)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "document: begin with SAMESTORY_DOCUMENT_INIT");
    const samestory_string *part[] = {&d->id, &d->title, &d->text, &d->url, &d->source, &d->language};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (part[i]->size && !part[i]->data)
            return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "document: a string has a size but no data");
    return SAMESTORY_OK;
}

/* ---- Filing -------------------------------------------------------------------------------------- */

/* A document's own date, or its place in time when it has none. */
int64_t ss_date_of(const ss_sketch *s, int64_t place)
{
    return s->date != SAMESTORY_NO_DATE ? s->date : place;
}

bool ss_file_document(samestory_engine *e, uint32_t number, int64_t place)
{
    uint32_t i = (uint32_t)e->arrived_count;
    const ss_sketch *s = e->sketch[number - e->base];
    if (!reserve_arrivals(e, e->arrived_count + 1)) return false;
    if (e->phase != SS_STREAM) {
        if (!ss_lookup_add(&e->texts, s->text_hash, i)) return false;
        e->twin[i] = ss_lookup_find(&e->texts, s->text_hash);
    }
    e->arrival[i] = number;
    e->arrived[i] = s;
    e->place[i] = place;
    e->date[i] = ss_date_of(s, place);
    e->arrived_count++;
    return true;
}

/* ---- Looking up ------------------------------------------------------------------------------------ */

const ss_sketch *ss_sketch_at(const samestory_engine *e, uint32_t n)
{
    return n >= e->base ? e->arrived[n - e->base] : ss_store_checked_sketch(e->tail.store, n);
}

int64_t ss_place_at(const samestory_engine *e, uint32_t n)
{
    return n >= e->base ? e->place[n - e->base] : ss_store_row(e->tail.store, n)->place;
}

int64_t ss_date_at(const samestory_engine *e, uint32_t n)
{
    return n >= e->base ? e->date[n - e->base] : ss_store_row(e->tail.store, n)->date;
}

samestory_string ss_id_at(const samestory_engine *e, uint32_t n)
{
    return n >= e->base ? e->id[n - e->base] : ss_store_get(e->tail.store, n).id;
}

samestory_string ss_story_id_at(const samestory_engine *e, uint32_t n, uint32_t story)
{
    while (n >= e->base && story < e->base && e->answer[n - e->base].of != UINT32_MAX) n = e->answer[n - e->base].of;
    if (story >= e->base) return e->id[story - e->base];
    ss_stored stored = ss_store_get(e->tail.store, n);
    return stored.story.size ? stored.story : stored.id;
}

uint8_t ss_flags_at(const samestory_engine *e, uint32_t n)
{
    return n >= e->base ? e->answer[n - e->base].flags : ss_store_row(e->tail.store, n)->flags;
}

uint32_t ss_story_at(const samestory_engine *e, uint32_t at)
{
    if (at >= e->base) return e->story[at - e->base];
    uint32_t story = ss_store_row(e->tail.store, at)->story;
    return story < at ? story : at;
}

uint32_t ss_story_size_of(const samestory_engine *e, uint32_t story)
{
    return story >= e->base ? e->story_size[story - e->base] : ss_stored_story_size(e, story);
}

void ss_frequencies(const samestory_engine *e, const ss_sketch *sketch, uint32_t *out)
{
    if (e->tail.store) ss_store_statistics_of(e->tail.store, sketch, out);
    else ss_statistics_of(e->statistics, sketch, out);
}
