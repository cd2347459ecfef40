/* Documents in memory: read from a file of tests/data, or made up by the test. */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H

#include "samestory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct documents {
    samestory_document *items;
    samestory_string *label; /* the "story" member, or empty */
    size_t count, capacity;
} documents;

static samestory_string string_copied(samestory_string s)
{
    char *data = malloc(s.size + 1);
    assert_non_null(data);
    if (s.size) memcpy(data, s.data, s.size);
    data[s.size] = 0;
    return (samestory_string){data, s.size};
}

static inline samestory_string string_of(const char *text)
{
    return (samestory_string){text, strlen(text)};
}

static void documents_add(documents *d, const samestory_document *document, samestory_string label)
{
    if (d->count == d->capacity) {
        d->capacity = d->capacity * 2 + 16;
        d->items = realloc(d->items, d->capacity * sizeof *d->items);
        d->label = realloc(d->label, d->capacity * sizeof *d->label);
        assert_non_null(d->items);
        assert_non_null(d->label);
    }
    samestory_document *to = &d->items[d->count];
    *to = *document;
    to->id = string_copied(document->id);
    to->title = string_copied(document->title);
    to->text = string_copied(document->text);
    to->url = string_copied(document->url);
    to->source = string_copied(document->source);
    to->language = string_copied(document->language);
    d->label[d->count++] = string_copied(label);
}

static inline void documents_add_text(documents *d, const char *id, const char *text, int64_t date)
{
    samestory_document document = SAMESTORY_DOCUMENT_INIT;
    document.id = string_of(id);
    document.text = string_of(text);
    document.date = date;
    documents_add(d, &document, (samestory_string){NULL, 0});
}

static inline void string_free(samestory_string s)
{
    union {
        const char *given;
        char *owned;
    } p = {s.data};
    free(p.owned);
}

static void documents_free(documents *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const samestory_document *document = &d->items[i];
        string_free(document->id);
        string_free(document->title);
        string_free(document->text);
        string_free(document->url);
        string_free(document->source);
        string_free(document->language);
        string_free(d->label[i]);
    }
    free(d->items);
    free(d->label);
    *d = (documents){0};
}

static inline documents documents_read(const char *name)
{
    documents d = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", SAMESTORY_TEST_DATA, name);
    const char *paths[] = {path};
    samestory_reader *reader = NULL;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    options.label_field = "story";
    samestory_error error = {0};
    if (samestory_reader_open(paths, 1, &options, &reader, &error))
        fail_msg("%s: %s", error.file, error.message);
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_status status;
    while ((status = samestory_reader_next(reader, &record, &error)) == SAMESTORY_OK)
        if (!record.is_blank) documents_add(&d, &record.document, record.label);
    assert_int_equal(status, SAMESTORY_END);
    samestory_reader_free(reader);
    return d;
}

/* The number of the document with this id; fails when there is none. */
static inline size_t documents_find(const documents *d, const char *id)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].id.size == strlen(id) && !memcmp(d->items[i].id.data, id, strlen(id)))
            return i;
    fail_msg("no document %s", id);
    return 0;
}

#endif
