/* Documents as the engine keeps them: a number and an id for each, its sketch in memory that lives as long
 * as the engine, its keys filed in the index when it arrives. */
#include "engine/engine.h"

#include "base/array.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4 << 20 }; /* memory for sketches is taken in pieces of this size */

/* ---- Keeping documents ------------------------------------------------------------------------------ */

/* Memory that lives as long as the engine, at a multiple of 8. */
static void *keep_bytes(samestory_engine *e, size_t size)
{
    size = (size + 7) / 8 * 8;
    if (!e->block_count || e->block_size - e->block_used < size) {
        size_t wish = size > BLOCK ? size : BLOCK;
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

/* Gives a sketch its number; copies it when it is not kept already. */
bool ss_keep_document(samestory_engine *e, ss_sketch *kept, samestory_string id)
{
    if (!reserve_documents(e, e->count + 1)) return false;
    char hash[SS_CONTENT_ID];
    if (!id.size) id = ss_id_of_content(kept, hash);
    char *bytes = keep_bytes(e, id.size + 1);
    if (!bytes) return false;
    memcpy(bytes, id.data, id.size);
    bytes[id.size] = 0;
    uint32_t number = (uint32_t)e->count;
    int64_t original = ss_find_known(e, kept);
    e->sketch[number] = kept;
    e->id[number] = (samestory_string){bytes, id.size};
    e->original[number] = original < 0 ? number : (uint32_t)original;
    e->answer[number] = (ss_answer){.of = UINT32_MAX, .story = e->original[number]};
    e->count++;
    return original >= 0 || !kept->id || ss_lookup_add(&e->known, identity_of(kept), number);
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
    uint32_t at = (uint32_t)e->arrived_count;
    if (!reserve_arrivals(e, e->arrived_count + 1) ||
        !ss_lookup_add(&e->texts, e->sketch[number]->text_hash, at))
        return false;
    e->twin[at] = ss_lookup_find(&e->texts, e->sketch[number]->text_hash);
    e->arrival[at] = number;
    e->arrived[at] = e->sketch[number];
    e->place[at] = place;
    e->date[at] = ss_date_of(e->sketch[number], place);
    e->arrived_count++;
    return true;
}
