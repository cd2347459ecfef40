/* Vectors of labelled sets (see the header). */
#include "train/embed.h"

#include "base/pool.h"
#include "sketch/sketch.h"
#include "train/lexicon.h"
#include "train/loops.h"
#include "train/texts.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void embedder_of_model(const samestory_model *model, unsigned threads, embedder *out)
{
    *out = (embedder){.model = model, .dimension = model->dimension,
                      .threads = threads ? threads : 1};
}

samestory_status embedder_of_table(const corpus *c, const table *t, const ss_normalizer *normalizer,
                                   size_t of_language, embedder *out, samestory_error *error)
{
    drawn_texts texts = {0};
    *out = (embedder){.table = t, .normalizer = normalizer, .language = c->language,
                      .languages = c->languages, .dimension = t->options.dimension,
                      .threads = t->options.threads ? t->options.threads : 1};
    samestory_status status =
        texts_draw(c, t, NULL, of_language, t->options.seed + 99, &texts, error);
    if (!status) status = texts_means(c, &texts, &out->means, error);
    if (!status) status = ss_letters_new(normalizer, &out->letters, error);
    texts_free(&texts);
    if (status) embedder_free(out);
    return status;
}

void embedder_free(embedder *e)
{
    language_means_free(&e->means);
    ss_letters_free(&e->letters);
    *e = (embedder){0};
}

/* ---- One text ----------------------------------------------------------------------------------------- */

typedef struct job {
    const embedder *e;
    const eval_set *set;
    int part;
    float *vector;
    ss_words *words;         /* one a worker */
    ss_sketcher **sketchers; /* one a worker, of a model */
    atomic_bool failed;
} job;

/* The sum of the weighted rows of all features, centred as ss_vector_finish does. */
static bool by_table(const embedder *e, ss_words *words, const eval_document *doc, int part, float *out)
{
    const table *t = e->table;
    size_t d = e->dimension;
    float sum[SS_DIMENSION_MAX] = {0};
    double x[SS_DIMENSION_MAX];
    if (ss_words_split(e->normalizer, doc->text[part], doc->size[part], words)) return false;
    for (size_t i = 0; i < words->count; i++) {
        uint64_t ids[SS_WORD_FEATURES_MAX];
        size_t count = ss_word_features(&e->letters, &words->items[i], ids);
        for (size_t f = 0; f < count; f++) {
            int64_t row = table_row(t, ids[f]);
            if (row >= 0) row_add_scaled(sum, t->row + (size_t)row * d, t->weight[row], d);
        }
    }
    const samestory_model list = {.language = e->language, .languages = (uint32_t)e->languages};
    unsigned l = ss_model_language(&list, doc->code, strlen(doc->code));
    for (size_t k = 0; k < d; k++) x[k] = (double)sum[k];
    if (ss_make_unit(x, d)) language_means_centre(&e->means, l, x);
    ss_make_unit(x, d);
    for (size_t k = 0; k < d; k++) out[k] = (float)x[k];
    return true;
}

static bool by_model(ss_sketcher *sketcher, const eval_document *doc, int part, size_t d, float *out)
{
    samestory_document document = SAMESTORY_DOCUMENT_INIT;
    document.text = (samestory_string){doc->text[part], doc->size[part]};
    document.language = (samestory_string){doc->code, strlen(doc->code)};
    const ss_sketch *sketch = ss_sketch_make(sketcher, &document, true, true);
    if (!sketch) return false;
    double scale = ss_vector_scale(d);
    for (size_t k = 0; k < d; k++) out[k] = (float)(ss_sketch_vector(sketch)[k] / scale);
    return true;
}

static void embed_range(void *context, unsigned worker, size_t begin, size_t end)
{
    job *j = context;
    size_t d = j->e->dimension;
    for (size_t i = begin; i < end; i++) {
        const eval_document *doc = &j->set->document[i];
        float *out = j->vector + i * d;
        memset(out, 0, d * sizeof *out);
        if (!doc->text[j->part]) continue;
        bool good = j->e->model ? by_model(j->sketchers[worker], doc, j->part, d, out)
                                : by_table(j->e, &j->words[worker], doc, j->part, out);
        if (!good) atomic_store(&j->failed, true);
    }
}

samestory_status embed_part(const embedder *e, const eval_set *set, int part, float *vector,
                            samestory_error *error)
{
    job j = {.e = e, .set = set, .part = part, .vector = vector};
    atomic_init(&j.failed, false);
    j.words = calloc(e->threads, sizeof *j.words);
    j.sketchers = calloc(e->threads, sizeof *j.sketchers);
    bool good = j.words && j.sketchers;
    for (unsigned i = 0; i < e->threads && good && e->model; i++)
        good = (j.sketchers[i] = ss_sketcher_new(e->model)) != NULL;
    if (good) ss_parallel(e->threads, set->count, 64, embed_range, &j);
    for (unsigned i = 0; i < e->threads && j.words && j.sketchers; i++) {
        ss_words_free(&j.words[i]);
        ss_sketcher_free(j.sketchers[i]);
    }
    free(j.words);
    free(j.sketchers);
    return good && !atomic_load(&j.failed) ? SAMESTORY_OK : ss_fail_memory(error);
}
