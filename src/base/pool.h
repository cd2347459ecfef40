/* Parallel loops over a fixed number of threads. The work of an index must not depend on which
 * worker does it: results are then the same for any number of threads. */
#ifndef SS_BASE_POOL_H
#define SS_BASE_POOL_H

#include <stddef.h>

/* `worker` is 0 .. threads-1, for scratch space; `begin`..`end` is a range of indices. */
typedef void ss_task(void *context, unsigned worker, size_t begin, size_t end);

/* Runs task over 0..count in ranges of at most `grain`, on `threads` threads (the caller's is one of
 * them; 0 counts as 1), and returns when all is done. Threads that can't be started are done without. */
void ss_parallel(unsigned threads, size_t count, size_t grain, ss_task *task, void *context);

#endif
