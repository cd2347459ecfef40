/* Finds the model: named, beside the command, in its build tree, or installed. */
#include "model.h"
#include "cli.h"
#include "output.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SAMESTORY_DATADIR
#define SAMESTORY_DATADIR "/usr/share/samestory"
#endif

#define MODEL_NAME "samestory.model"

/* The folder of the running command, without a slash at its end; "" when it can't be told. */
static void own_folder(char *folder, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    folder[n > 0 ? n : 0] = 0;
    char *slash = strrchr(folder, '/');
    if (slash) *slash = 0;
}

static bool find_model(char *path, size_t size)
{
    static const char *const beside[] = {"/" MODEL_NAME, "/../models/" MODEL_NAME,
                                         "/../share/samestory/" MODEL_NAME};
    char folder[PATH_MAX];
    own_folder(folder, sizeof folder);
    for (size_t i = 0; *folder && i < sizeof beside / sizeof *beside; i++) {
        int n = snprintf(path, size, "%s%s", folder, beside[i]);
        if (n > 0 && (size_t)n < size && !access(path, R_OK)) return true;
    }
    snprintf(path, size, "%s", SAMESTORY_DATADIR "/" MODEL_NAME);
    return !access(path, R_OK);
}

int model_open(const cli_options *options, samestory_model **model)
{
    char path[PATH_MAX + 64];
    samestory_error error;
    if (!options->model && !find_model(path, sizeof path)) {
        cli_say("no %s beside the command or in %s: name one with --model FILE", MODEL_NAME,
                SAMESTORY_DATADIR);
        return EXIT_MODEL;
    }
    samestory_status status =
        samestory_model_open(options->model ? options->model : path, model, &error);
    if (!status) return 0;
    int code = cli_fail(&error);
    return code == EXIT_MEMORY ? code : EXIT_MODEL;
}

void model_describe(const samestory_model *model, const char *key, char *out, size_t size)
{
    size_t key_size = strlen(key);
    out[0] = 0;
    for (const char *line = samestory_model_description(model); *line;) {
        size_t length = strcspn(line, "\n");
        if (length > key_size && !memcmp(line, key, key_size) && line[key_size] == '\t') {
            snprintf(out, size, "%.*s", (int)(length - key_size - 1), line + key_size + 1);
            return;
        }
        line += length + (line[length] == '\n');
    }
}
