/* Stage reader: what JSON allows or people write, but simdjson refuses. */
#ifndef SS_TEXT_REPAIR_H
#define SS_TEXT_REPAIR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies a JSON record into `out` so that these become readable, and returns the size of the copy:
 * inside strings, bytes that are not UTF-8 and escapes of half a surrogate pair turn into U+FFFD;
 * outside, a number becomes a string of its digits (simdjson has none beyond 64 bits). What is no
 * JSON stays none. With out = NULL only the size is told: at most three times the record's. */
size_t ss_json_repair(const char *data, size_t size, char *out);

#ifdef __cplusplus
}
#endif
#endif
