/* Parallel loops: threads take ranges from a shared counter. Starting a thread costs some 20 us, so
 * loops are given work of milliseconds. */
#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MAX_THREADS = 256 };

typedef struct loop {
    ss_task *task;
    void *context;
    size_t count, grain;
    atomic_size_t next;
} loop;

typedef struct seat {
    loop *loop;
    unsigned worker;
} seat;

static void *loop_work(void *argument)
{
    const seat *s = argument;
    loop *l = s->loop;
    for (;;) {
        size_t begin = atomic_fetch_add_explicit(&l->next, l->grain, memory_order_relaxed);
        if (begin >= l->count) return NULL;
        size_t end = l->count - begin < l->grain ? l->count : begin + l->grain;
        l->task(l->context, s->worker, begin, end);
    }
}

void ss_parallel(unsigned threads, size_t count, size_t grain, ss_task *task, void *context)
{
    if (!count) return;
    if (!grain) grain = 1;
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    loop l = {.task = task, .context = context, .count = count, .grain = grain};
    atomic_init(&l.next, 0);
    pthread_t ids[MAX_THREADS];
    seat seats[MAX_THREADS];
    unsigned started = 0;
    size_t ranges = (count - 1) / grain + 1;
    for (unsigned i = 1; i < threads && i < ranges; i++) {
        seats[i] = (seat){&l, i};
        if (pthread_create(&ids[started], NULL, loop_work, &seats[i])) break;
        started++;
    }
    seats[0] = (seat){&l, 0};
    loop_work(&seats[0]);
    for (unsigned i = 0; i < started; i++) pthread_join(ids[i], NULL);
}
