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
/* The class of the consonant at s[i] of Latin letters, 1 to 6, or 0 for none, or 7 for one that is
 * part of the next; *length: letters it takes. */
int ss_consonant(const char *s, size_t size, size_t i, bool pinyin, size_t *length);
bool ss_is_vowel(char c);
/* A skeleton in the making: the classes so far, at most `most`. */
typedef struct ss_bones {
    char *out;
    size_t count, most;
    int last; /* class, 0 at the beginning and after a vowel */
} ss_bones;
/* Adds the class of what stands at s[i], as ss_consonant has it. */
void ss_add_bone(ss_bones *bones, const char *s, size_t size, size_t i, ss_script script, int class);

/* ---- Names, see sounds.c --------------------------------------------------------------------- */

/* As ss_latin_form, of a name. */
size_t ss_name_form(const samestory_model *model, const char *folded, size_t size, char *out);
/* As ss_skeleton, of a name. */
size_t ss_name_skeleton(const samestory_model *model, const char *form, size_t size,
                        ss_script script, unsigned reading, char *out);
/* How to read a form: the language's habits, and whether what its letters leave open is to be read
 * the other way (Johannes and Jackson; Russian г for h; Thai letters under the sign of silence). */
enum { SS_READ_OTHER = 1, SS_READ_H = 2, SS_READ_PERSIAN = 4 };
/* May the other reading of a form differ, as its letters without accents tell? */
bool ss_skeleton_is_open(const char *form, size_t size, ss_script script);

#endif
