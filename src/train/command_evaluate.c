/* The command that scores vectors alone on labelled sets: of a model file (int8, its own means), or of a
 * checkpoint (f32, before it is made small), so that what the quantisation costs can be told.
 *
 * Output: lines of set, what, languages, figure, its 95 % interval (bootstrap over stories), threshold,
 * pairs (queries of half-first), true pairs. */
#include "train/commands.h"
#include "train/figures.h"

#include <math.h>
#include <stdio.h>

enum { RESAMPLES = 200, TEXTS_OF_LANGUAGE = 1500 };

static void print_figures(const figure_list *f)
{
    printf("set\twhat\tlanguages\tfigure\tlow\thigh\tthreshold\tpairs\ttrue\n");
    for (size_t i = 0; i < f->count; i++) {
        const figure *x = &f->item[i];
        printf("%s\t%s\t%s\t%.3f\t%.3f\t%.3f\t", x->set, x->what, x->languages, x->value.value,
               x->value.low, x->value.high);
        if (isnan(x->threshold)) printf("-\t%llu\t-\n", (unsigned long long)x->pairs);
        else if (!x->pairs) printf("%.3f\t-\t-\n", x->threshold);
        else
            printf("%.3f\t%llu\t%llu\n", x->threshold, (unsigned long long)x->pairs,
                   (unsigned long long)x->positives);
    }
}

static samestory_status evaluate_file(const embedder *e, const char *path, samestory_error *error)
{
    eval_set set = {0};
    figure_list f = {0};
    samestory_status status = eval_set_read(path, &set, error);
    if (!status) status = figures_measure(e, &set, RESAMPLES, true, &f, error);
    if (!status) print_figures(&f);
    figures_free(&f);
    eval_set_free(&set);
    return status;
}

static samestory_status evaluate_files(const train_options *o, const embedder *e,
                                       samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; i < o->evaluate_count && !status; i++)
        status = evaluate_file(e, o->evaluate[i], error);
    for (size_t i = 0; i < o->file_count && !status; i++)
        status = evaluate_file(e, o->files[i], error);
    return status;
}

static samestory_status evaluate_model(const train_options *o, samestory_error *error)
{
    samestory_model *m = NULL;
    embedder e = {0};
    samestory_status status = samestory_model_open(o->model, &m, error);
    if (!status) {
        embedder_of_model(m, o->table.threads, &e);
        status = evaluate_files(o, &e, error);
    }
    embedder_free(&e);
    samestory_model_free(m);
    return status;
}

static samestory_status evaluate_checkpoint(const train_options *o, samestory_error *error)
{
    ss_normalizer *normalizer = NULL;
    corpus c = {0};
    table t = {0};
    embedder e = {0};
    samestory_status status = command_corpus(o, &normalizer, &c, error);
    if (!status) status = table_load(&c, o->checkpoint, &t, error);
    if (!status) {
        t.options.threads = o->table.threads;
        status = embedder_of_table(&c, &t, normalizer, TEXTS_OF_LANGUAGE, &e, error);
    }
    if (!status) status = evaluate_files(o, &e, error);
    embedder_free(&e);
    table_free(&t);
    corpus_free(&c);
    ss_normalizer_free(normalizer);
    return status;
}

samestory_status command_evaluate(const train_options *o, samestory_error *error)
{
    if (!o->evaluate_count && !o->file_count)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "name the labelled files to evaluate on");
    if (o->model) return evaluate_model(o, error);
    if (o->checkpoint) return evaluate_checkpoint(o, error);
    return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "--model FILE or --checkpoint FILE is missing");
}
