/* Postings in two arrays: an open-addressing table of buckets and the postings themselves, each linked
 * to the one before it in its bucket. 8 bytes a posting, 8 a bucket at a load of at most .7.
 Of
 * a bucket's id only its tag is kept (keys.h). */
#include "index/window.h"

#include "base/array.h"

typedef struct bucket {
    uint32_t tag, latest;
} bucket;

struct ss_window {
    bucket *slot; /* latest == 0: empty; else number of the latest posting + 1 */
    size_t mask, used;
    ss_posting *posting;
    size_t count, capacity;
};

ss_window *ss_window_new(void)
{
    ss_window *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->mask = 4095;
    w->slot = calloc(w->mask + 1, sizeof *w->slot);
    if (!w->slot) {
        free(w);
        return NULL;
    }
    return w;
}

void ss_window_free(ss_window *window)
{
    if (!window) return;
    free(window->slot);
    free(window->posting);
    free(window);
}

static bucket *find(bucket *slot, size_t mask, uint32_t tag)
{
    size_t at = tag & mask;
    while (slot[at].latest && slot[at].tag != tag) at = (at + 1) & mask;
    return &slot[at];
}

static bool grow(ss_window *w)
{
    size_t mask = w->mask * 2 + 1;
    bucket *slot = calloc(mask + 1, sizeof *slot);
    if (!slot) return false;
    for (size_t i = 0; i <= w->mask; i++) {
        const bucket *b = &w->slot[i];
        if (b->latest) *find(slot, mask, b->tag) = *b;
    }
    free(w->slot);
    w->slot = slot;
    w->mask = mask;
    return true;
}

bool ss_window_add(ss_window *w, const ss_key *keys, size_t count, uint32_t number)
{
    if (w->count + count >= SS_NO_POSTING ||
        !ss_reserve(&w->posting, &w->capacity, w->count + count))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (w->used * 10 > w->mask * 7 && !grow(w)) return false;
        bucket *b = find(w->slot, w->mask, ss_key_tag(keys[i].bucket));
        if (!b->latest) {
            b->tag = ss_key_tag(keys[i].bucket);
            w->used++;
        }
        w->posting[w->count] = (ss_posting){number, b->latest ? b->latest - 1 : SS_NO_POSTING};
        b->latest = (uint32_t)++w->count;
    }
    return true;
}

uint32_t ss_window_latest(const ss_window *window, uint64_t bucket_id)
{
    const bucket *b = find(window->slot, window->mask, ss_key_tag(bucket_id));
    return b->latest ? b->latest - 1 : SS_NO_POSTING;
}

const ss_posting *ss_window_posting(const ss_window *window, uint32_t posting)
{
    return &window->posting[posting];
}
