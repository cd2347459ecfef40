/* samestory: the command. Chooses the subcommand; what each one does is in the file of its name. */
#include "cli.h"
#include "commands.h"
#include "feed.h"
#include "machine.h"
#include "output.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file that is opened later must not become stdin, stdout or stderr because one of them is
 * closed. What stands in for them can't be used in their direction, so that nothing is lost in
 * silence. */
static void hold_standard_files(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

/* stdout has been written through stdio; did all of it arrive? */
static int finish(int code)
{
    if (!fflush(stdout) && !ferror(stdout)) return code;
    cli_say("standard output: writing failed: make room, or write elsewhere (%s)", strerror(errno));
    return code ? code : EXIT_IO;
}

static int print_version(void)
{
    const char *core = getenv("OPENBLAS_CORETYPE"), *found = samestory_blas_core();
    printf("samestory %s\n", samestory_version());
    printf("CPU path: %s\n", samestory_cpu_path());
    printf("OpenBLAS core: %s%s\n", found,
           core && strcmp(core, found) != 0 ? " (not what OPENBLAS_CORETYPE asks for)" : "");
    return EXIT_FINE;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return !strcmp(word, a) || !strcmp(word, b);
}

static int unknown_command(const char *word)
{
    const char *meant = cli_nearest(word, cli_command_names);
    if (meant)
        cli_say("no command %s: did you mean %s? See \"samestory help\"", word, meant);
    else
        cli_say("no command %s: see \"samestory help\"", word);
    return EXIT_USAGE;
}

static int print_help(const char *command)
{
    unsigned known = command ? cli_command_named(command) : 0;
    if (command && !known) return unknown_command(command);
    cli_help(known);
    return EXIT_FINE;
}

static int run_command(const cli_options *options)
{
    switch (options->command) {
    case COMMAND_DEDUP: return dedup_run(options);
    case COMMAND_PAIRS: return pairs_run(options);
    case COMMAND_EXPLAIN: return explain_run(options);
    case COMMAND_EMBED: return embed_run(options);
    case COMMAND_EVAL: return eval_run(options);
    case COMMAND_MODEL: return model_run(options);
    case COMMAND_STORIES: return stories_run(options);
    case COMMAND_FILTER: return filter_run(options);
    case COMMAND_INDEX: return index_run(options);
    case COMMAND_PLAN: return plan_run(options);
    }
    return EXIT_USAGE;
}

/* A feed must go on to its reader, however wrong the rest of the command line is. */
static void pass_feed(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--feed") != 0) continue;
        feed_pass();
        return;
    }
}

static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    if (!word) {
        cli_help(0);
        return EXIT_USAGE;
    }
    if (is_one_of(word, "--version", "-V")) return print_version();
    if (is_one_of(word, "--help", "-h")) return print_help(NULL);
    if (!strcmp(word, "help")) return print_help(argc > 2 ? argv[2] : NULL);
    unsigned command = cli_command_named(word);
    if (!command) return unknown_command(word);
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_one_of(argv[i], "--help", "-h")) return print_help(word);
    cli_options options = {
        .command = (cli_command)command,
        .command_name = word,
        .reader = SAMESTORY_READER_OPTIONS_INIT,
        .engine = SAMESTORY_OPTIONS_INIT,
        .drop = {false, true, true, true},
        .commit_seconds = 1,
    };
    options.engine.threads = machine_threads();
    const char *folder = getenv("TMPDIR");
    options.reader.spool_folder = folder && *folder ? folder : NULL;
    int wrong = cli_options_read(argc, argv, &options);
    if (wrong && options.command == COMMAND_FILTER) pass_feed(argc, argv);
    return wrong ? wrong : run_command(&options);
}

int main(int argc, char **argv)
{
    hold_standard_files();
    machine_repair_blas(argv);
    output_catch_signals();
    progress_catch_signal();
    return finish(run(argc, argv));
}
