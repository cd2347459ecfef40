/* From a document to its sketch: calls the stages of this room in order. */
#include "sketch/sketch.h"

#include "base/array.h"
#include "match/kernel.h"
#include "sketch/known.h"
#include "text/lang.h"

#include <string.h>
#include <xxhash.h>

struct ss_sketcher {
    const samestory_model *model;
    char *text;
    size_t text_capacity, text_size, title_size;
    ss_words words;
    ss_known_words *known;
    ss_shingles shingles;
    ss_anchor_scratch *scratch;
    ss_anchors anchors;
    ss_sketch *sketch; /* room for the largest */
};

/* Bytes that may be read past the end of the text. */
enum { PAST_END = 8 };

_Static_assert(sizeof(ss_sketch) == 192, "sketch head layout");
_Static_assert(sizeof(ss_anchor) == 12, "anchor layout");

static size_t size_max(const samestory_model *model)
{
    return sizeof(ss_sketch) + model->dimension + SS_ANCHORS_MAX * sizeof(ss_anchor) + SS_POOL_MAX + 8;
}

ss_sketcher *ss_sketcher_new(const samestory_model *model)
{
    return ss_sketcher_new_with(model, SS_KNOWN_PLACES);
}

ss_sketcher *ss_sketcher_new_with(const samestory_model *model, size_t places)
{
    ss_sketcher *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->model = model;
    if (places) s->known = ss_known_words_new(model, places);
    s->scratch = ss_anchor_scratch_new();
    s->sketch = calloc(1, size_max(model));
    if ((places && !s->known) || !s->scratch || !s->sketch) {
        ss_sketcher_free(s);
        return NULL;
    }
    return s;
}

void ss_sketcher_free(ss_sketcher *s)
{
    if (!s) return;
    free(s->text);
    ss_words_free(&s->words);
    ss_known_words_free(s->known);
    ss_shingles_free(&s->shingles);
    ss_anchor_scratch_free(s->scratch);
    free(s->sketch);
    free(s);
}

/* Title, newline, body in one buffer, composed, cut to what is looked at; a body that begins with its title
 * (feeds do that) is not given it twice. false when memory is out. */
static bool join_text(ss_sketcher *s, const samestory_document *d, size_t *size, size_t *title_size)
{
    samestory_string title = d->title, body = d->text;
    if (title.size > SS_TEXT_BYTES_MAX / 4) title.size = SS_TEXT_BYTES_MAX / 4;
    if (title.size && body.size >= title.size && !memcmp(title.data, body.data, title.size)) {
        body.data += title.size;
        body.size -= title.size;
    }
    size_t room = SS_TEXT_BYTES_MAX - title.size - 1;
    if (body.size > room) body.size = room;
    if (!ss_reserve(&s->text, &s->text_capacity, title.size + body.size + 1 + PAST_END))
        return false;
    const ss_normalizer *normalizer = s->model->normalizer;
    *title_size = *size = 0;
    if (title.size) {
        memcpy(s->text, title.data, title.size);
        *title_size = ss_compose(normalizer, s->text, title.size);
        s->text[*title_size] = '\n';
        *size = *title_size + 1;
    }
    if (body.size) {
        memcpy(s->text + *size, body.data, body.size);
        *size += ss_compose(normalizer, s->text + *size, body.size);
    }
    return true;
}

static samestory_status split_text(ss_sketcher *s, size_t size)
{
    if (!s->known) return ss_words_split(s->model->normalizer, s->text, size, &s->words);
    return ss_words_recall(s->known, s->text, size, &s->words);
}

static uint64_t hash_of(samestory_string s)
{
    if (!s.size) return 0;
    uint64_t hash = XXH3_64bits(s.data, s.size);
    return hash ? hash : 1;
}

/* The host of a URL, without "www."; empty when there is none. */
static samestory_string host_of(samestory_string url)
{
    samestory_string host = {NULL, 0};
    for (size_t i = 0; i + 2 < url.size; i++) {
        if (url.data[i] != ':' || url.data[i + 1] != '/' || url.data[i + 2] != '/') continue;
        host.data = url.data + i + 3;
        size_t left = url.size - i - 3;
        while (host.size < left && !strchr("/?#:", host.data[host.size])) host.size++;
        if (host.size > 4 && !memcmp(host.data, "www.", 4)) host.data += 4, host.size -= 4;
        break;
    }
    return host;
}

/* Ids that readers make of the content ("xxh3:...") identify nothing: equal texts are copies. */
static uint64_t id_hash(samestory_string id)
{
    return id.size > 5 && !memcmp(id.data, "xxh3:", 5) ? 0 : hash_of(id);
}

uint64_t ss_content_hash(const samestory_document *d)
{
    uint64_t title = XXH3_64bits(d->title.data ? d->title.data : "", d->title.size);
    return XXH3_64bits_withSeed(d->text.data ? d->text.data : "", d->text.size, title);
}

enum { CELLS_LOOKED_AT = 256, CELLS_NEAREST = 4, CELL_STEP = 64 };

/* Texts of a common topic, or of a language whose vectors crowd together, have high cosines with many
 * others: only what is above the usual tells something (Conneau et al. 2018, "cross-domain similarity
 * local scaling"). Evenly drawn cells stand for the news of the world, so that it depends on the document
 * and the model alone. A mean of cosines up to 1, in 1/255; at least 1. */
static uint8_t usual_nearness(const samestory_model *m, const int8_t *vector)
{
    int32_t best[CELLS_NEAREST] = {0}, dots[CELL_STEP];
    ss_dots *dots_of = ss_kernel_best()->dots ? ss_kernel_best()->dots : ss_kernel_c.dots;
    uint32_t looked = m->cells < CELLS_LOOKED_AT ? m->cells : CELLS_LOOKED_AT;
    for (uint32_t first = 0; first < looked; first += CELL_STEP) {
        uint32_t rows = looked - first < CELL_STEP ? looked - first : CELL_STEP;
        dots_of(vector, m->cell + (size_t)first * m->dimension, rows, m->dimension, dots);
        for (uint32_t r = 0; r < rows; r++) {
            if (dots[r] <= best[CELLS_NEAREST - 1]) continue;
            size_t at = CELLS_NEAREST - 1;
            for (; at > 0 && dots[r] > best[at - 1]; at--) best[at] = best[at - 1];
            best[at] = dots[r];
        }
    }
    double sum = 0, scale = ss_vector_scale(m->dimension);
    for (size_t k = 0; k < CELLS_NEAREST; k++) sum += best[k];
    double share = 255 * sum / (CELLS_NEAREST * scale * scale);
    return (uint8_t)(share < 1 ? 1 : share > 255 ? 255 : share);
}

static const ss_sketch *assemble(ss_sketcher *s)
{
    ss_sketch *sketch = s->sketch;
    size_t d = s->model->dimension;
    char *at = (char *)(sketch + 1) + d;
    memcpy(at, s->anchors.items, s->anchors.count * sizeof *s->anchors.items);
    at += s->anchors.count * sizeof *s->anchors.items;
    memcpy(at, s->anchors.pool, s->anchors.pool_size);
    at += s->anchors.pool_size;
    size_t used = (size_t)(at - (char *)sketch), size = (used + 7) / 8 * 8;
    memset(at, 0, size - used);
    sketch->anchors = (uint16_t)s->anchors.count;
    sketch->pool = (uint16_t)s->anchors.pool_size;
    sketch->size = (uint32_t)size;
    return sketch;
}

const ss_sketch *ss_sketch_make(ss_sketcher *s, const samestory_document *document, bool ignore_date,
                                bool ignore_id)
{
    const samestory_model *m = s->model;
    size_t size, title_size;
    if (!join_text(s, document, &size, &title_size) || split_text(s, size)) return NULL;
    ss_sketch *sketch = s->sketch;
    *sketch = (ss_sketch){.version = SS_SKETCH_VERSION,
                          .dimension = (uint16_t)m->dimension,
                          .date = ignore_date ? SAMESTORY_NO_DATE : document->date,
                          .text_hash = ss_content_hash(document),
                          .id = ignore_id ? 0 : id_hash(document->id),
                          .url = hash_of(document->url),
                          .words = (uint32_t)s->words.count};
    sketch->source = hash_of(document->source.size ? document->source : host_of(document->url));
    unsigned language =
        ss_model_language(m, document->language.data, document->language.size);
    if (language == SS_LANGUAGE_UNKNOWN) language = ss_language_identify(m, &s->words);
    sketch->language = (uint8_t)language;
    int64_t sum[SS_DIMENSION_MAX];
    ss_vector_sum(m, &s->words, sum);
    ss_vector_finish(m, sum, language, (int8_t *)(sketch + 1));
    if (m->cells) sketch->usual = usual_nearness(m, (const int8_t *)(sketch + 1));
    size_t shingles = ss_minhash(&s->words, &s->shingles, sketch->signature);
    if (shingles == SIZE_MAX) return NULL;
    sketch->shingles = (uint32_t)shingles;
    s->text_size = size;
    s->title_size = title_size;
    if (!ss_anchors_find(m, s->text, size, title_size, &s->words, language, sketch->date, s->scratch,
                         &s->anchors))
        return NULL;
    return assemble(s);
}

const ss_anchors *ss_sketcher_anchors(const ss_sketcher *s)
{
    return &s->anchors;
}

const char *ss_sketcher_text(const ss_sketcher *s, size_t *size, size_t *title_size)
{
    *size = s->text_size;
    *title_size = s->title_size;
    return s->text;
}
