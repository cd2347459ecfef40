/* The command line, read into one struct that every subcommand takes what it needs from. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "samestory.h"

typedef enum cli_command {
    COMMAND_DEDUP = 1,
    COMMAND_PAIRS = 2,
    COMMAND_EXPLAIN = 4,
    COMMAND_EMBED = 8,
    COMMAND_EVAL = 16,
    COMMAND_MODEL = 32,
    COMMAND_STORIES = 64,
    COMMAND_FILTER = 128,
    COMMAND_INDEX = 256,
    COMMAND_PLAN = 512
} cli_command;

typedef enum cli_keep { KEEP_ALL, KEEP_FIRST, KEEP_LONGEST, KEEP_NEWEST } cli_keep;

typedef struct cli_options {
    cli_command command;
    const char *command_name;
    samestory_reader_options reader;
    samestory_options engine;
    const char *model;         /* a path, or NULL: look for it */
    const char *output_folder; /* -o */
    const char *reject;        /* a file for bad records */
    const char *list;          /* of pairs */
    const char *tmp;           /* folder of temporary files */
    const char *keep_name;
    const char *index;         /* a folder */
    size_t commit_records;     /* commit after so many; 0: after commit_seconds */
    double commit_seconds;
    bool verdict_only, dropping, mark, verbose, query, feed;
    const char *before;        /* a date */
    bool all_pairs, quiet, stop_on_error, html;
    cli_keep keep;
    bool drop[4]; /* by samestory_relation: edges of these make the groups that --keep thins out */
    size_t sample; /* documents to be read, not many more; 0: all */
    char **operands; /* what is no option */
    size_t operand_count;
} cli_options;

/* Reads argv[2] and on, of the subcommand argv[1]; operands are moved to the front of argv. 0, or
 * the exit code for a wrong command line, which has been explained on stderr. */
int cli_options_read(int argc, char **argv, cli_options *options);

/* The name in `names` (NULL at the end) that `word` was most likely meant to be, or NULL. */
const char *cli_nearest(const char *word, const char *const *names);

/* Prints how to use a subcommand, or the whole command (0), to stdout. */
void cli_help(unsigned command);
/* The subcommand of this name, or 0. */
unsigned cli_command_named(const char *name);
extern const char *const cli_command_names[];

#endif
