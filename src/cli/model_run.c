/* samestory model: what is in the model. */
#include "cli.h"
#include "commands.h"
#include "model.h"
#include "output.h"

int model_run(const cli_options *options)
{
    samestory_model *model = NULL;
    output out;
    if (options->operand_count) {
        cli_say("model takes no file: name another model with --model %s", options->operands[0]);
        return EXIT_USAGE;
    }
    int code = model_open(options, &model);
    if (code) return code;
    code = output_open(&out, NULL);
    if (!code) {
        output_text(&out, samestory_model_description(model));
        code = output_close(&out);
    }
    samestory_model_free(model);
    return code;
}
