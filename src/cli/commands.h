/* The subcommands. Each returns the command's exit code, having explained what is not 0. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

int dedup_run(const cli_options *options);
int pairs_run(const cli_options *options);
int explain_run(const cli_options *options);
int embed_run(const cli_options *options);
int eval_run(const cli_options *options);
int model_run(const cli_options *options);
int stories_run(const cli_options *options);
int filter_run(const cli_options *options);
int index_run(const cli_options *options);
int plan_run(const cli_options *options);

#endif
