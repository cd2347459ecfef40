/* Where the model is. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "options.h"

/* Opens the model that the options name, else the one beside the command or where it was installed.
 * 0, or an exit code, explained on stderr. */
int model_open(const cli_options *options, samestory_model **model);

/* The value of a key in the model's description, copied to out (cut to its size); "" if none. */
void model_describe(const samestory_model *model, const char *key, char *out, size_t size);

#endif
