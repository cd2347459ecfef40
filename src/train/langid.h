/* Training of the language identifier: the section LANGID (see sketch/model.h and text/lang.h). */
#ifndef SS_TRAIN_LANGID_H
#define SS_TRAIN_LANGID_H

#include "train/export.h"

/* Trains on the pairs of texts and, where there are, on the frequency lists FREQUENCIES/xx.tsv.zst
 * (folder or NULL), for the languages and with the word frequencies of the model, which uses the
 * section from then on: *out must outlive its use. One thread, about a minute; the same bytes each
 * time. */
samestory_status langid_train(samestory_model *model, const corpus_files *files,
                              const char *frequencies, blob *out, samestory_error *error);

/* ---- Texts ----------------------------------------------------------------------------------- */

enum { LANGID_SOURCES = 128 };

/* Texts of one language from one source: of many, some that were drawn. */
typedef struct langid_shelf {
    char **text;
    size_t count, capacity, seen;
} langid_shelf;

typedef struct langid_texts {
    langid_shelf shelf[LANGID_SOURCES][SS_LANGUAGES_MAX];
    langid_shelf held[LANGID_SOURCES][SS_LANGUAGES_MAX]; /* that training doesn't see */
    float weight[LANGID_SOURCES];
    bool sentences[LANGID_SOURCES], names[LANGID_SOURCES];
    size_t sources;
} langid_texts;

samestory_status langid_texts_read(const samestory_model *model, const corpus_files *files,
                                   langid_texts *out, samestory_error *error);
void langid_texts_free(langid_texts *t);

/* ---- Junk ------------------------------------------------------------------------------------ */

/* What is no text in any language, of several kinds. */
typedef enum langid_junk {
    JUNK_NUMBERS,  /* figures, dates, scores */
    JUNK_CODE,     /* a made-up program */
    JUNK_LINKS,    /* URLs, paths, hashes */
    JUNK_LETTERS,  /* words of random letters */
    JUNK_SHUFFLED, /* the text's words with their letters in another order */
    JUNK_KINDS
} langid_junk;

const char *langid_junk_name(langid_junk kind);
/* Writes junk of about `size` bytes to out (NUL-terminated, below `capacity`), with letters from
 * `text`; returns its size. */
size_t langid_junk_make(langid_junk kind, const char *text, size_t size, uint64_t *seed, char *out,
                        size_t capacity);

#endif
