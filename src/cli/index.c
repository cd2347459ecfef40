/* samestory index: looks after what filter keeps. */
#include "cli.h"
#include "commands.h"

int index_run(const cli_options *options)
{
    (void)options;
    return EXIT_USAGE;
}
