#pragma once
/* Fused multiply-add on sixteen floats, which Swift imports as SIMD16<Float>: Swift's own `addingProduct` on SIMD types
   is a call per element, and `a + b * c` is never fused. Portable: clang lowers it to whatever the target has. */
typedef float alt_float16 __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) alt_float16 alt_fused_multiply_add(
    alt_float16 a, alt_float16 b, alt_float16 c) {
    return __builtin_elementwise_fma(a, b, c);
}

/* How many sums of sixteen floats a kernel keeps at once: half of what the target's vector registers hold, the other half
   being for what is multiplied. 32 registers of sixteen with AVX-512; 16 of eight with AVX2 and 32 of four on arm64 hold eight. */
#ifdef __AVX512F__
#define ALT_SUMS_OF_SIXTEEN 16
#else
#define ALT_SUMS_OF_SIXTEEN 4
#endif
