/* Functions that the compiler makes once more for each of some kinds of CPU, for loops that it
 * vectorises; which one runs is found out when the program starts. Integers and single floating-point
 * operations give the same on each. */
#ifndef SS_BASE_CLONES_H
#define SS_BASE_CLONES_H

/* not under ThreadSanitizer, which the choice of a clone would run before it is ready */
#if defined(__SANITIZE_THREAD__)
#define SS_THREADS_WATCHED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SS_THREADS_WATCHED
#endif
#endif

#if defined(__x86_64__) && defined(__GNUC__) && !defined(SS_THREADS_WATCHED)
#define FOR_EACH_CPU(...) __attribute__((target_clones(__VA_ARGS__, "default")))
#else
#define FOR_EACH_CPU(...)
#endif

#endif
