/* What dedup of some files will take, told from a sample of them. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "options.h"

typedef struct plan {
    double documents;    /* of all files, as the sample says */
    double bytes;        /* that the files have, as they are on the disk */
    double memory;       /* resident, without --memory; */
    double memory_least; /* the least --memory that does */
    double temporary;    /* bytes of files in --tmp, with --memory or --tmp; */
    double output;       /* and of results in -o */
    double seconds;
    size_t sample; /* documents looked at */
} plan;

/* Samples the operands, in a process of its own. 0, or an exit code, explained on stderr. Standard
 * input can't be sampled: documents is then 0, and the memory is what no documents take. */
int plan_make(const cli_options *options, plan *out);

#endif
