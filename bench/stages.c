/* Measures each stage of a document's way on one thread, in computing time.
 *
 *   bench-stages MODEL CORPUS.jsonl DOCUMENTS          (the corpus has as many, or more)
 *
 * Prints a JSON object: for each stage documents/s, MB/s of text (reader: of the file) and us for a
 * document. A stage of one document runs for microseconds, not much longer than asking for the time
 * takes: that is measured and taken off. "sketch" is all of them in one call, and its clock runs
 * over all documents. */
#include "peak.h"

#include "samestory.h"
#include "sketch/known.h"
#include "sketch/sketch.h"
#include "text/lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum stage { READER, NORMALIZE, LANGUAGE, VECTOR, MINHASH, ANCHORS, SKETCH, STAGES } stage;

static const char *const stage_names[STAGES] = {
    "reader", "normalize", "language", "features_vector", "minhash", "anchors", "sketch"};

enum { PAST_END = 8 /* see ss_words_recall */ };

typedef struct bench {
    const samestory_model *model;
    double seconds[STAGES], clock; /* clock: what asking for the time costs */
    size_t documents, text_bytes, file_bytes;
    char *text; /* title, newline, body */
    size_t capacity, size, title_size;
    ss_known_words *known;
    ss_words words;
    unsigned language;
    ss_shingles shingles;
    ss_anchor_scratch *scratch;
    ss_sketcher *sketcher;
    uint64_t check; /* keeps the compiler from leaving work out */
} bench;

static int complain(const samestory_error *error)
{
    fprintf(stderr, "bench-stages: %s: %s\n", error->file, error->message);
    return 3;
}

static void run_stage(bench *b, stage s)
{
    int64_t sum[SS_DIMENSION_MAX];
    int8_t vector[SS_DIMENSION_MAX];
    uint8_t signature[SS_SIGNATURE];
    static ss_anchors anchors;
    switch (s) {
    case NORMALIZE:
        b->size = ss_compose(b->model->normalizer, b->text, b->size);
        if (ss_words_recall(b->known, b->text, b->size, &b->words)) exit(3);
        b->check += b->words.count;
        break;
    case LANGUAGE:
        b->language = ss_language_identify(b->model, &b->words);
        b->check += b->language;
        break;
    case VECTOR:
        ss_vector_sum(b->model, &b->words, sum);
        ss_vector_finish(b->model, sum, b->language, vector);
        b->check += (uint8_t)vector[0];
        break;
    case MINHASH:
        ss_minhash(&b->words, &b->shingles, signature);
        b->check += signature[0];
        break;
    case ANCHORS:
        if (!ss_anchors_find(b->model, b->text, b->size, b->title_size, &b->words, b->language,
                             SAMESTORY_NO_DATE, b->scratch, &anchors))
            exit(3);
        b->check += anchors.count;
        break;
    case READER:
    case SKETCH:
    case STAGES: break;
    }
}

static void run_stages(bench *b, const samestory_document *document)
{
    b->size = document->title.size + 1 + document->text.size;
    if (b->size + PAST_END > b->capacity) {
        free(b->text);
        b->capacity = 2 * (b->size + PAST_END);
        b->text = calloc(b->capacity, 1);
        if (!b->text) exit(3);
    }
    memcpy(b->text, document->title.data ? document->title.data : "", document->title.size);
    b->text[document->title.size] = '\n';
    memcpy(b->text + document->title.size + 1, document->text.data, document->text.size);
    b->title_size = document->title.size;
    b->text_bytes += b->size;
    b->documents++;
    for (stage s = NORMALIZE; s < SKETCH; s++) {
        double begin = thread_seconds();
        run_stage(b, s);
        b->seconds[s] += thread_seconds() - begin - b->clock;
    }
}

static void sketch(bench *b, const samestory_document *document)
{
    const ss_sketch *made = ss_sketch_make(b->sketcher, document, false, false);
    if (!made) exit(3);
    b->check += made->size;
}

static double clock_cost(void)
{
    enum { TIMES = 100000 };
    double begin = thread_seconds(), end = begin;
    for (int i = 0; i < TIMES; i++) end = thread_seconds();
    return (end - begin) / TIMES;
}

static bool make_ready(bench *b, const samestory_model *model)
{
    b->model = model;
    b->clock = clock_cost();
    b->known = ss_known_words_new(model, SS_KNOWN_PLACES);
    b->scratch = ss_anchor_scratch_new();
    b->sketcher = ss_sketcher_new(model);
    return b->known && b->scratch && b->sketcher;
}

static void clean_up(bench *b)
{
    free(b->text);
    ss_known_words_free(b->known);
    ss_words_free(&b->words);
    ss_shingles_free(&b->shingles);
    ss_anchor_scratch_free(b->scratch);
    ss_sketcher_free(b->sketcher);
}

/* ---- A corpus ----------------------------------------------------------------------------------
 */

/* One pass for the reader's clock, one with the sketch (the reader's share taken off), one for the
 * stages. What is measured is the second half of the documents: the first fills the memory of known
 * words, as all but the first seconds of a long run find it. */
static int measure(bench *b, const char *path, size_t limit)
{
    samestory_reader *reader = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    if (samestory_reader_open(&path, 1, NULL, &reader, &error)) return complain(&error);
    for (int pass = 0; pass < 3; pass++) {
        double begin = 0;
        for (size_t i = 0; i < limit; i++) {
            if (i == limit / 2) {
                begin = thread_seconds();
                b->file_bytes = b->text_bytes = b->documents = 0;
                if (pass == 2)
                    memset(b->seconds + NORMALIZE, 0, (SKETCH - NORMALIZE) * sizeof begin);
            }
            if (samestory_reader_next(reader, &record, &error)) {
                fprintf(stderr, "bench-stages: %s: has only %zu documents\n", path, i);
                return 3;
            }
            b->file_bytes += record.raw.size + record.line_end.size;
            if (pass == 1) sketch(b, &record.document);
            if (pass == 2) run_stages(b, &record.document);
        }
        if (pass == 0) b->seconds[READER] = thread_seconds() - begin;
        if (pass == 1) b->seconds[SKETCH] = thread_seconds() - begin - b->seconds[READER];
        if (pass < 2 && samestory_reader_rewind(reader, false, &error)) return complain(&error);
    }
    samestory_reader_free(reader);
    for (stage s = READER; s < STAGES && b->documents; s++) {
        double bytes = (double)(s == READER ? b->file_bytes : b->text_bytes);
        double documents = (double)b->documents;
        printf("%s\"%s\":{\"docs_per_s\":%.0f,\"mb_per_s\":%.2f,\"us_per_doc\":%.2f}",
               s == READER ? "{" : ",", stage_names[s], documents / b->seconds[s],
               bytes / b->seconds[s] * 1e-6, b->seconds[s] / documents * 1e6);
    }
    return b->documents ? 0 : 3;
}

int main(int count, char **arguments)
{
    static bench b;
    samestory_model *model = NULL;
    samestory_error error;
    if (count != 4) {
        fputs("usage: bench-stages MODEL CORPUS.jsonl DOCUMENTS\n", stderr);
        return 2;
    }
    if (samestory_model_open(arguments[1], &model, &error)) return complain(&error);
    if (!make_ready(&b, model)) return 3;
    int status = measure(&b, arguments[2], strtoull(arguments[3], NULL, 10));
    if (!status) printf("}\n");
    fprintf(stderr, "bench-stages: (%016llx)\n", (unsigned long long)b.check);
    clean_up(&b);
    samestory_model_free(model);
    return status;
}
