/* Measures each stage of a document's way on one thread, in computing time.
 *
 *   bench-stages MODEL CORPUS.jsonl DOCUMENTS
 *
 * Prints a JSON object: for each stage documents/s, MB/s of text (reader: of the file) and us for a
 * document. Documents go through in batches small enough for a core's cache, each stage over the
 * whole batch, so that a stage's clock runs over milliseconds; the model's table is as cold as it
 * would be. */
#include "peak.h"

#include "samestory.h"
#include "sketch/sketch.h"
#include "text/lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 100 };

typedef enum stage { READER, NORMALIZE, LANGUAGE, VECTOR, MINHASH, ANCHORS, SKETCH, STAGES } stage;

static const char *const stage_names[STAGES] = {
    "reader", "normalize", "language", "features_vector", "minhash", "anchors", "sketch"};

typedef struct text { /* title, newline, body, and the same as a document */
    char *bytes;
    size_t size, title_size;
    samestory_document document;
    ss_words words;
    unsigned language;
} text;

typedef struct bench {
    const samestory_model *model;
    ss_word_sums *word_sums;
    double seconds[STAGES];
    size_t documents, text_bytes, file_bytes;
    text batch[BATCH];
    size_t filled;
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

static void take(bench *b, const samestory_document *document)
{
    text *t = &b->batch[b->filled++];
    size_t size = document->title.size + 1 + document->text.size;
    t->bytes = malloc(size + 1);
    if (!t->bytes) exit(3);
    memcpy(t->bytes, document->title.data, document->title.size);
    t->bytes[document->title.size] = '\n';
    memcpy(t->bytes + document->title.size + 1, document->text.data, document->text.size);
    t->size = size;
    t->title_size = document->title.size;
    t->document = (samestory_document)SAMESTORY_DOCUMENT_INIT;
    t->document.title = (samestory_string){t->bytes, document->title.size};
    t->document.text = (samestory_string){t->bytes + document->title.size + 1, document->text.size};
    b->text_bytes += size;
    b->documents++;
}

static void run_stage(bench *b, stage s, text *t)
{
    int64_t sum[SS_DIMENSION_MAX];
    int8_t vector[SS_DIMENSION_MAX];
    uint8_t signature[SS_SIGNATURE];
    static ss_anchors anchors;
    switch (s) {
    case NORMALIZE:
        if (ss_words_split(b->model->normalizer, t->bytes, t->size, &t->words)) exit(3);
        b->check += t->words.count;
        break;
    case LANGUAGE:
        t->language = ss_language_identify(b->model, &t->words);
        b->check += t->language;
        break;
    case VECTOR:
        ss_vector_sum(b->model, b->word_sums, &t->words, sum);
        ss_vector_finish(b->model, sum, t->language, vector);
        b->check += (uint8_t)vector[0];
        break;
    case MINHASH:
        ss_minhash(&t->words, &b->shingles, signature);
        b->check += signature[0];
        break;
    case ANCHORS:
        if (!ss_anchors_find(b->model, t->bytes, t->size, t->title_size, &t->words, t->language,
                             SAMESTORY_NO_DATE, b->scratch, &anchors))
            exit(3);
        b->check += anchors.count;
        break;
    case SKETCH: b->check += ss_sketch_make(b->sketcher, &t->document, false, false)->size; break;
    case READER:
    case STAGES: break;
    }
}

static void flush(bench *b)
{
    for (stage s = NORMALIZE; s < STAGES; s++) {
        double begin = thread_seconds();
        for (size_t i = 0; i < b->filled; i++) run_stage(b, s, &b->batch[i]);
        b->seconds[s] += thread_seconds() - begin;
    }
    for (size_t i = 0; i < b->filled; i++) free(b->batch[i].bytes);
    b->filled = 0;
}

/* One pass for the reader's clock, one for the others. */
static int measure(bench *b, const char *path, size_t limit)
{
    samestory_reader *reader = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    if (samestory_reader_open(&path, 1, NULL, &reader, &error)) return complain(&error);
    double begin = thread_seconds();
    for (size_t i = 0; i < limit && !samestory_reader_next(reader, &record, &error); i++)
        b->file_bytes += record.raw.size + record.line_end.size;
    b->seconds[READER] = thread_seconds() - begin;
    if (samestory_reader_rewind(reader, false, &error)) return complain(&error);
    while (b->documents < limit && !samestory_reader_next(reader, &record, &error)) {
        take(b, &record.document);
        if (b->filled == BATCH) flush(b);
    }
    flush(b);
    samestory_reader_free(reader);
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fputs("usage: bench-stages MODEL CORPUS.jsonl DOCUMENTS\n", stderr);
        return 2;
    }
    static bench b;
    samestory_model *model = NULL;
    samestory_error error;
    if (samestory_model_open(arguments[1], &model, &error)) return complain(&error);
    b.model = model;
    b.word_sums = ss_word_sums_new(model);
    b.scratch = ss_anchor_scratch_new();
    b.sketcher = ss_sketcher_new(model);
    if (!b.scratch || !b.sketcher) return 3;
    int status = measure(&b, arguments[2], strtoull(arguments[3], NULL, 10));
    if (status || !b.documents) return status ? status : 3;
    for (stage s = READER; s < STAGES; s++) {
        double bytes = (double)(s == READER ? b.file_bytes : b.text_bytes);
        double documents = (double)b.documents;
        printf("%s\"%s\":{\"docs_per_s\":%.0f,\"mb_per_s\":%.2f,\"us_per_doc\":%.2f}",
               s == READER ? "{" : ",", stage_names[s], documents / b.seconds[s],
               bytes / b.seconds[s] * 1e-6, b.seconds[s] / documents * 1e6);
    }
    printf("}\n");
    fprintf(stderr, "bench-stages: %zu documents (%016llx)\n", b.documents,
            (unsigned long long)b.check);
    for (size_t i = 0; i < BATCH; i++) ss_words_free(&b.batch[i].words);
    ss_shingles_free(&b.shingles);
    ss_anchor_scratch_free(b.scratch);
    ss_sketcher_free(b.sketcher);
    samestory_model_free(model);
    return 0;
}
