/* Forms of a word that are the same in every script: its Latin letters, and its skeleton. */
#ifndef SS_SKETCH_LETTERS_H
#define SS_SKETCH_LETTERS_H

#include "text/normalize.h"

#define SS_LATIN_MAX    192
#define SS_SKELETON_MAX 12

/* The Latin letters of a folded form; returns the bytes written to out[SS_LATIN_MAX]. */
size_t ss_latin_form(const samestory_model *model, const char *folded, size_t size, char *out);
/* The consonant classes of a form (accents kept, where there are any), as digits '0' to '6'; '0'
 * stands for a first letter that has no class. Returns how many, at most SS_SKELETON_MAX. */
size_t ss_skeleton(const samestory_model *model, const char *form, size_t size, ss_script script,
                   char *out);

#endif
