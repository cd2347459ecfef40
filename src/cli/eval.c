/* samestory eval: verdicts on labelled records against the truth. */
#include "cli.h"
#include "collection.h"
#include "commands.h"

#include <stdlib.h>

static int measure(const collection *c, char **json)
{
    samestory_error error;
    samestory_string *labels = calloc(c->documents + 1, sizeof *labels);
    if (!labels) return cli_fail_memory();
    for (size_t n = 0; n < c->documents; n++) {
        labels[n].data = c->label_bytes + c->labels[n];
        labels[n].size = (size_t)(c->labels[n + 1] - c->labels[n]);
    }
    samestory_status status = samestory_measure(c->engine, labels, json, &error);
    free(labels);
    return status ? cli_fail(&error) : 0;
}

int eval_run(const cli_options *given)
{
    collection c;
    cli_options options = *given;
    char *json = NULL;
    output out;
    if (!options.reader.label_field) options.reader.label_field = "story";
    int code = collection_read(&c, &options, KEEP_LABELS);
    if (!code && (!c.documents || !c.labels[c.documents])) {
        cli_say("no record has a member \"%s\": name the one with the true story by --label-field",
                options.reader.label_field);
        code = EXIT_IO;
    }
    if (!code) code = collection_settle(&c, &options, NULL);
    if (!code) code = measure(&c, &json);
    if (!code) code = output_open(&out, NULL);
    if (!code) {
        output_text(&out, json);
        output_text(&out, "\n");
        code = output_close(&out);
    }
    samestory_free(json);
    collection_free(&c);
    return code;
}
