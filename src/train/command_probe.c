/* Two small commands: curve draws the log of a training; probe tells what the cells of a model propose.
 *
 * probe: a document is filed under its nearest cell, and asks the n nearest. For every labelled file:
 * the share of the true pairs in two languages that meet so, and of all pairs in two languages. */
#include "base/array.h"
#include "index/keys.h"
#include "match/kernel.h"
#include "train/commands.h"
#include "train/curve.h"
#include "train/eval_set.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROBES = 8 };

static samestory_status need(const char *value, const char *message, samestory_error *error)
{
    return value ? SAMESTORY_OK : ss_fail(error, SAMESTORY_BAD_ARGUMENT, message);
}

samestory_status command_curve(const train_options *o, samestory_error *error)
{
    samestory_status status = need(o->log, "--log FILE is missing", error);
    if (!status) status = need(o->output, "--output FILE is missing", error);
    return status ? status : curve_draw(o->log, o->output, error);
}

/* The cells nearest to a document, nearest first; UINT32_MAX where there are no more. */
static samestory_status nearest_cells(const samestory_model *m, ss_sketcher *sketcher,
                                      const eval_document *doc, uint32_t cell[PROBES],
                                      samestory_error *error)
{
    samestory_document document = SAMESTORY_DOCUMENT_INIT;
    document.text = (samestory_string){doc->text[PART_WHOLE], doc->size[PART_WHOLE]};
    document.language = (samestory_string){doc->code, strlen(doc->code)};
    const ss_sketch *sketch = ss_sketch_make(sketcher, &document, true, true);
    if (!sketch) return ss_fail_memory(error);
    size_t found = ss_nearest_cells(m, ss_sketch_vector(sketch), PROBES, cell);
    for (; found < PROBES; found++) cell[found] = UINT32_MAX;
    return SAMESTORY_OK;
}

/* How many probes it takes from one document to the other; PROBES: they don't meet. */
static size_t probes_to(const uint32_t *from, const uint32_t *to)
{
    size_t n = 0;
    while (n < PROBES && (from[n] != to[0] || from[n] == UINT32_MAX)) n++;
    return n;
}

static void report(const eval_set *set, const uint32_t *cell)
{
    uint64_t all = 0, right = 0, all_met[PROBES + 1] = {0}, right_met[PROBES + 1] = {0};
    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->count; j++) {
            const eval_document *x = &set->document[i], *y = &set->document[j];
            if (x->language == y->language) continue;
            size_t n = probes_to(cell + i * PROBES, cell + j * PROBES);
            bool same = x->story == y->story;
            all++, all_met[n]++;
            right += same, right_met[n] += same;
        }
    for (size_t n = 1; n < PROBES; n++) {
        all_met[n] += all_met[n - 1];
        right_met[n] += right_met[n - 1];
    }
    for (size_t n = 1; n <= PROBES; n *= 2)
        printf("%s\t%zu\t%.4f\t%.4f\t%llu\n", set->name, n,
               right ? (double)right_met[n - 1] / (double)right : 0,
               all ? (double)all_met[n - 1] / (double)all : 0, (unsigned long long)right);
}

static samestory_status probe_file(const samestory_model *m, ss_sketcher *sketcher, const char *path,
                                   samestory_error *error)
{
    eval_set set = {0};
    samestory_status status = eval_set_read(path, &set, error);
    if (status) return status;
    uint32_t *cell = malloc(set.count * PROBES * sizeof *cell);
    if (!cell) status = ss_fail_memory(error);
    for (size_t i = 0; i < set.count && !status; i++)
        status = nearest_cells(m, sketcher, &set.document[i], cell + i * PROBES, error);
    if (!status) report(&set, cell);
    free(cell);
    eval_set_free(&set);
    return status;
}

samestory_status command_probe(const train_options *o, samestory_error *error)
{
    samestory_model *m = NULL;
    samestory_status status = need(o->model, "--model FILE is missing", error);
    if (!status && !o->file_count)
        status = ss_fail(error, SAMESTORY_BAD_ARGUMENT, "name the labelled files to probe with");
    if (!status) status = samestory_model_open(o->model, &m, error);
    if (status) return status;
    ss_sketcher *sketcher = ss_sketcher_new(m);
    if (!sketcher) status = ss_fail_memory(error);
    if (!status) printf("set\tprobes\ttrue pairs met\tall pairs met\ttrue pairs asked\n");
    for (size_t i = 0; i < o->file_count && !status; i++)
        status = probe_file(m, sketcher, o->files[i], error);
    ss_sketcher_free(sketcher);
    samestory_model_free(m);
    return status;
}
