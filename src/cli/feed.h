/* samestory filter --feed: a feed on stdin, the same feed on stdout without what is known already. */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include "options.h"

/* The whole of it. Whatever goes wrong with feed, model or index, the input comes out as it came in,
 * with a note on stderr, and the command succeeds: feed readers take an empty answer for an empty
 * feed, and don't look at exit codes. */
int feed_run(const cli_options *options);

/* Passes stdin on as it is, for a command line that makes no sense. */
int feed_pass(void);

#endif
