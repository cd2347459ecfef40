/* What dedup -o writes beside the documents. */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "collection.h"

/* What dedup counted and measured. */
typedef struct dedup_figures {
    size_t removed, stories;
    double settle_seconds, write_seconds;
} dedup_figures;

/* Each writes a whole file; 0 or an exit code, explained on stderr. */
int results_edges(const collection *c, output *out);
int results_stories(const collection *c, output *out, size_t *stories);
int results_report(const collection *c, const cli_options *options, const dedup_figures *figures,
                   output *out);

#endif
