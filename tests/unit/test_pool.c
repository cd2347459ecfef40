/* Parallel loops: every index is done once, by a worker that exists, in ranges no longer than
 * asked. */
#include "unit.h"

#include "base/pool.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct tally {
    atomic_uint *times; /* (count) how often each index was done */
    size_t count, grain;
    unsigned threads;
    atomic_bool wrong; /* a range or worker that can't be */
} tally;

static void mark(void *context, unsigned worker, size_t begin, size_t end)
{
    tally *t = context;
    if (begin >= end || end > t->count || end - begin > t->grain || worker >= t->threads)
        atomic_store(&t->wrong, true);
    for (size_t i = begin; i < end && i < t->count; i++) atomic_fetch_add(&t->times[i], 1);
}

static void run_loop(unsigned threads, size_t count, size_t grain)
{
    tally t = {.count = count, .grain = grain ? grain : 1, .threads = threads ? threads : 1};
    t.times = calloc(count + 1, sizeof *t.times);
    assert_non_null(t.times);
    atomic_init(&t.wrong, false);
    ss_parallel(threads, count, grain, mark, &t);
    assert_false(atomic_load(&t.wrong));
    for (size_t i = 0; i < count; i++) assert_int_equal(atomic_load(&t.times[i]), 1);
    free(t.times);
}

static void each_index_is_done_once(void **state)
{
    (void)state;
    static const unsigned threads[] = {0, 1, 2, 3, 8};
    static const size_t counts[] = {0, 1, 2, 7, 100, 10007};
    static const size_t grains[] = {0, 1, 2, 64, 100000};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t g = 0; g < sizeof grains / sizeof *grains; g++)
                run_loop(threads[t], counts[c], grains[g]);
}

static void more_threads_than_the_machine_has(void **state)
{
    (void)state;
    run_loop(255, 5000, 3);
    run_loop(100000, 5000, 3); /* the pool has a cap of its own */
}

/* One worker number is one thread at a time: scratch space by worker needs no lock. */
typedef struct seats {
    atomic_int busy[4];
    atomic_bool shared;
} seats;

static void sit(void *context, unsigned worker, size_t begin, size_t end)
{
    seats *s = context;
    if (worker >= 4 || atomic_exchange(&s->busy[worker], 1)) atomic_store(&s->shared, true);
    for (volatile size_t spin = 0; spin < 200 * (end - begin); spin = spin + 1) {
    }
    if (worker < 4) atomic_store(&s->busy[worker], 0);
}

static void a_worker_is_one_thread_at_a_time(void **state)
{
    (void)state;
    seats s;
    for (int i = 0; i < 4; i++) atomic_init(&s.busy[i], 0);
    atomic_init(&s.shared, false);
    ss_parallel(4, 2000, 1, sit, &s);
    assert_false(atomic_load(&s.shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_index_is_done_once),
        cmocka_unit_test(more_threads_than_the_machine_has),
        cmocka_unit_test(a_worker_is_one_thread_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
