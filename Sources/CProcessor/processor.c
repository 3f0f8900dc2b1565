/* A program built for one processor dies on a lesser one of an illegal instruction, wherever it first meets one. This is asked
   before anything else runs, by code that every x86-64 processor can run. */
#include "CProcessor.h"

#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#define PLAIN __attribute__((target("arch=x86-64")))
#else
#define PLAIN
#endif

const char *alt_processor_level(void) {
#if !defined(__x86_64__)
    return "not x86-64";
#elif defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
    return "x86-64-v4";
#elif defined(__AVX2__) && defined(__FMA__) && defined(__BMI2__)
    return "x86-64-v3";
#elif defined(__SSE4_2__) && defined(__POPCNT__)
    return "x86-64-v2";
#else
    return "x86-64";
#endif
}

PLAIN static void append(char *names, size_t size, const char *text) {
    size_t used = strlen(names), length = strlen(text);
    if (used + length + 1 <= size) memcpy(names + used, text, length + 1);
}

PLAIN int alt_processor_lacks(int have_none, char *names, size_t size) {
    int count = 0;
    names[0] = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
#define NEEDS(set)                                         \
    if (have_none || !__builtin_cpu_supports(set)) {       \
        if (count++ > 0) append(names, size, ", ");        \
        append(names, size, set);                          \
    }
#ifdef __SSE4_2__
    NEEDS("sse4.2")
#endif
#ifdef __POPCNT__
    NEEDS("popcnt")
#endif
#ifdef __AVX__
    NEEDS("avx")
#endif
#ifdef __AVX2__
    NEEDS("avx2")
#endif
#ifdef __FMA__
    NEEDS("fma")
#endif
#ifdef __BMI__
    NEEDS("bmi")
#endif
#ifdef __BMI2__
    NEEDS("bmi2")
#endif
#ifdef __AVX512F__
    NEEDS("avx512f")
#endif
#ifdef __AVX512BW__
    NEEDS("avx512bw")
#endif
#ifdef __AVX512CD__
    NEEDS("avx512cd")
#endif
#ifdef __AVX512DQ__
    NEEDS("avx512dq")
#endif
#ifdef __AVX512VL__
    NEEDS("avx512vl")
#endif
#ifdef __AVX512IFMA__
    NEEDS("avx512ifma")
#endif
#ifdef __AVX512VBMI__
    NEEDS("avx512vbmi")
#endif
#ifdef __AVX512VBMI2__
    NEEDS("avx512vbmi2")
#endif
#ifdef __AVX512VNNI__
    NEEDS("avx512vnni")
#endif
#ifdef __AVX512BITALG__
    NEEDS("avx512bitalg")
#endif
#ifdef __AVX512VPOPCNTDQ__
    NEEDS("avx512vpopcntdq")
#endif
#ifdef __AVX512BF16__
    NEEDS("avx512bf16")
#endif
#else
    (void)have_none;
    (void)size;
#endif
    return count;
}

PLAIN static void say(const char *text) {
    /* Nothing can be done about a message that cannot be written. */
    if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

/* Before the constructors of everything else. */
PLAIN __attribute__((constructor(101))) static void refuse_lesser_processor(void) {
    char names[256];
    if (alt_processor_lacks(0, names, sizeof names) == 0) return;
    say("error: this program was built for another processor\n  found:    this one lacks ");
    say(names);
    say("\n  to do:    build it on this machine (make build), or once for all machines of a cluster (make build CPU=x86-64-v3)\n");
    _exit(69);
}
