/* The learning curve: the log of a training (figures.h) as an SVG picture. */
#ifndef SS_TRAIN_CURVE_H
#define SS_TRAIN_CURVE_H

#include "base/status.h"

/* Reads the TSV `log` and writes the picture to `output`: loss, and a panel for each set, over samples. */
samestory_status curve_draw(const char *log, const char *output, samestory_error *error);

#endif
