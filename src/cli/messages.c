/* What the command says on stderr: "samestory: file:line: what, and what to do". */
#include "cli.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cli_say(const char *format, ...)
{
    char text[4096];
    va_list arguments;
    fflush(stdout);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* Names of files and ids come from anywhere: none may move a terminal's cursor. */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    fprintf(stderr, "samestory: %s\n", text);
}

static int exit_of(samestory_status status)
{
    switch (status) {
    case SAMESTORY_OK:
    case SAMESTORY_END: return EXIT_FINE;
    case SAMESTORY_BAD_ARGUMENT: return EXIT_USAGE;
    case SAMESTORY_MODEL_MISMATCH: return EXIT_MODEL;
    case SAMESTORY_NO_MEMORY: return EXIT_MEMORY;
    case SAMESTORY_BAD_RECORD:
    case SAMESTORY_INPUT_FAILED:
    case SAMESTORY_OUTPUT_FAILED: break;
    }
    return EXIT_IO;
}

int cli_fail(const samestory_error *error)
{
    char line[32] = "", why[160] = "";
    if (error->line) snprintf(line, sizeof line, ":%" PRIu64, error->line);
    if (error->system_error) snprintf(why, sizeof why, " (%s)", strerror(error->system_error));
    bool named = error->file[0];
    cli_say("%s%s%s%s%s", error->file, named ? line : "", named ? ": " : "", error->message, why);
    return exit_of(error->status);
}

int cli_fail_status(samestory_status status)
{
    cli_say("%s", samestory_status_name(status));
    return exit_of(status);
}

int cli_fail_memory(void)
{
    cli_say("out of memory: free some, or give less input at a time");
    return EXIT_MEMORY;
}
