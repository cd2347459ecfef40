/* Large tables (see the header). Linux gives large pages to who asks by madvise, which is no POSIX.
 */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise */
#endif
#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { LINE = 64, LARGE_PAGE = 2 << 20, WORTH_ONE = 1 << 20 };

void *ss_large_new(size_t size)
{
    size_t unit = size < WORTH_ONE ? LINE : LARGE_PAGE;
    if (size > SIZE_MAX - unit) return NULL;
    size = (size + unit - 1) / unit * unit;
    void *memory = aligned_alloc(unit, size);
    if (!memory) return NULL;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (unit == LARGE_PAGE) (void)madvise(memory, size, MADV_HUGEPAGE); /* a wish */
#endif
    return memory;
}
