/* The command: exit codes and messages. Everything here stands on the public header alone. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "samestory.h"

typedef enum cli_exit {
    EXIT_FINE = 0,
    EXIT_USAGE = 2,
    EXIT_IO = 3,
    EXIT_MODEL = 4,
    EXIT_MEMORY = 5
} cli_exit;

/* Prints "samestory: " and the message to stderr, a newline behind it. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void cli_say(const char *format, ...);

/* Prints where and why a call failed; returns the command's exit code for it. */
int cli_fail(const samestory_error *error);
/* The same for a call that gives a status only. */
int cli_fail_status(samestory_status status);
/* Says that memory is out. */
int cli_fail_memory(void);

#endif
