/* Memory for large tables that are read here and there: in large pages, where the system has them,
 * so that a look-up does not have to look up its page first. */
#ifndef SS_BASE_LARGE_H
#define SS_BASE_LARGE_H

#include <stddef.h>

/* Memory at a multiple of 64 bytes; NULL when memory is out. Release with free. */
void *ss_large_new(size_t size);

#endif
