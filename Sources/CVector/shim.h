#pragma once
/* Fused multiply-add on sixteen floats, which Swift imports as SIMD16<Float>: Swift's own `addingProduct` on SIMD types
   is a call per element, and `a + b * c` is never fused. Portable: clang lowers it to whatever the target has. */
typedef float alt_float16 __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) alt_float16 alt_fused_multiply_add(
    alt_float16 a, alt_float16 b, alt_float16 c) {
    return __builtin_elementwise_fma(a, b, c);
}

/* Sixteen rows of a table of bytes, two values of each, and sixteen sums: SIMD32<Int8>, SIMD32<Int16>, SIMD16<Int32>. */
typedef signed char alt_byte32 __attribute__((vector_size(32)));
typedef short alt_short32 __attribute__((vector_size(64)));
typedef int alt_int16 __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) alt_short32 alt_widened(alt_byte32 rows) {
    return __builtin_convertvector(rows, alt_short32);
}

/* sums[r] + rows[2 r] * low half of pair + rows[2 r + 1] * its high half. Clang does not find the instruction by itself. */
static inline __attribute__((always_inline)) alt_int16 alt_add_products_of_pairs(alt_int16 sums, alt_short32 rows, int pair) {
#ifdef __AVX512BW__
    alt_int16 pairs = (alt_int16){} + pair;
    return sums + (alt_int16)__builtin_ia32_pmaddwd512(rows, (alt_short32)pairs);
#elif defined(__AVX2__)
    typedef short short16 __attribute__((vector_size(32)));
    typedef int int8 __attribute__((vector_size(32)));
    union { alt_short32 whole; short16 part[2]; } from = {rows};
    union { alt_int16 whole; int8 part[2]; } to = {sums};
    short16 pairs = (short16)((int8){} + pair);
    for (int i = 0; i < 2; i++) to.part[i] += (int8)__builtin_ia32_pmaddwd256(from.part[i], pairs);
    return to.whole;
#elif defined(__SSE2__)
    typedef short short8 __attribute__((vector_size(16)));
    typedef int int4 __attribute__((vector_size(16)));
    union { alt_short32 whole; short8 part[4]; } from = {rows};
    union { alt_int16 whole; int4 part[4]; } to = {sums};
    short8 pairs = (short8)((int4){} + pair);
    for (int i = 0; i < 4; i++) to.part[i] += (int4)__builtin_ia32_pmaddwd128(from.part[i], pairs);
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
