/* From ids back to documents. */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include "samestory.h"

typedef struct ids {
    const samestory_engine *engine;
    size_t *slots; /* document number + 1, or 0 */
    size_t mask;
} ids;

#define IDS_NONE SIZE_MAX

/* All documents that the engine has; 16 to 32 bytes each. false when memory is out. */
bool ids_build(ids *i, const samestory_engine *engine);
void ids_free(ids *i);
/* The first document with this id, or IDS_NONE. */
size_t ids_find(const ids *i, samestory_string id);

/* FNV-1a, 64 bits. */
uint64_t ids_hash(samestory_string id);

#endif
