#pragma once
/* Fused multiply-add on sixteen floats, which Swift imports as SIMD16<Float>: Swift's own `addingProduct` on SIMD types
   is a call per element, and `a + b * c` is never fused. Portable: clang lowers it to whatever the target has. */
typedef float alt_float16 __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) alt_float16 alt_fused_multiply_add(
    alt_float16 a, alt_float16 b, alt_float16 c) {
    return __builtin_elementwise_fma(a, b, c);
}

/* Asks for the cache line of p, before it is read; any address will do. */
static inline __attribute__((always_inline)) void alt_prefetch(const float *p) { __builtin_prefetch(p); }

/* Sixteen rows of a table of bytes, two values of each, and sixteen sums: SIMD32<Int8>, SIMD32<Int16>, SIMD16<Int32>. */
typedef signed char alt_byte32 __attribute__((vector_size(32)));
typedef short alt_short32 __attribute__((vector_size(64)));
typedef int alt_int16 __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) alt_short32 alt_widened(alt_byte32 rows) {
    return __builtin_convertvector(rows, alt_short32);
}

/* The widest instruction that multiplies pairs of 16-bit integers and adds the two products; clang does not find it by itself. */
#if defined(__AVX512BW__)
#define ALT_PAIRS_BYTES 64
#define ALT_PRODUCTS_OF_PAIRS __builtin_ia32_pmaddwd512
#elif defined(__AVX2__)
#define ALT_PAIRS_BYTES 32
#define ALT_PRODUCTS_OF_PAIRS __builtin_ia32_pmaddwd256
#elif defined(__SSE2__)
#define ALT_PAIRS_BYTES 16
#define ALT_PRODUCTS_OF_PAIRS __builtin_ia32_pmaddwd128
#endif

/* sums[r] + rows[2 r] * low half of pair + rows[2 r + 1] * its high half. */
static inline __attribute__((always_inline)) alt_int16 alt_add_products_of_pairs(alt_int16 sums, alt_short32 rows, int pair) {
#ifdef ALT_PAIRS_BYTES
    typedef short shorts __attribute__((vector_size(ALT_PAIRS_BYTES)));
    typedef int ints __attribute__((vector_size(ALT_PAIRS_BYTES)));
    union { alt_short32 whole; shorts part[64 / ALT_PAIRS_BYTES]; } from = {rows};
    union { alt_int16 whole; ints part[64 / ALT_PAIRS_BYTES]; } to = {sums};
    shorts pairs = (shorts)((ints){} + pair);
    for (int i = 0; i < 64 / ALT_PAIRS_BYTES; i++) to.part[i] += (ints)ALT_PRODUCTS_OF_PAIRS(from.part[i], pairs);
    return to.whole;
#else
    for (int r = 0; r < 16; r++) sums[r] += rows[2 * r] * (short)pair + rows[2 * r + 1] * (pair >> 16);
    return sums;
#endif
}

/* How many sums of sixteen floats a kernel keeps at once: half of what the target's vector registers hold, the other half
   being for what is multiplied. 32 registers of sixteen with AVX-512; 16 of eight with AVX2 and 32 of four on arm64 hold eight. */
#ifdef __AVX512F__
#define ALT_SUMS_OF_SIXTEEN 16
#else
#define ALT_SUMS_OF_SIXTEEN 4
#endif
