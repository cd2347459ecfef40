/* Stage reader: one JSON record, parsed and looked into. A small C face over simdjson (json.cpp).
 */
#ifndef SS_TEXT_JSON_H
#define SS_TEXT_JSON_H

#include "samestory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A parser, and the memory of the record it parsed last. Belongs to one thread. */
typedef struct ss_json ss_json;

ss_json *ss_json_new(void); /* NULL when memory is out */
void ss_json_free(ss_json *json);

/* Parses the record, which must have SS_INPUT_PADDING readable bytes behind it, and checks all of
 * it against RFC 8259. Bytes that are not UTF-8 and halves of surrogate pairs are read as U+FFFD,
 * and numbers may be of any size. SAMESTORY_BAD_RECORD: no JSON object; *message says why, and is
 * never NULL then. The record is not changed, and not needed afterwards. */
samestory_status ss_json_parse(ss_json *json, const char *data, size_t size, const char **message);

#define SS_JSON_NUMBER_BYTES 32

/* The text at a dotted path of the parsed record: of a string its characters, of a number its
 * digits (kept in `number`, SS_JSON_NUMBER_BYTES long), of an array its first element. A member
 * whose name holds the dots itself is found first. false, and *out untouched, for anything else and
 * for an empty string. Lives until the next parse. */
bool ss_json_text(const ss_json *json, const char *path, char *number, samestory_string *out);

#ifdef __cplusplus
}
#endif
#endif
