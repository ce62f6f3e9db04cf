// SIMD: counting and finding bytes: comparisons, bit masks, early exits.
#include "kernel.h"
#include <wasm_simd128.h>
SIZES(1, 1500)

#define LENGTH (1 << 18)
static uint8_t text[LENGTH + 16];

static int find(int from, uint8_t wanted) {
    v128_t pattern = wasm_i8x16_splat((int8_t)wanted);
    for (int i = from; i < LENGTH; i += 16) {
        v128_t equal = wasm_i8x16_eq(wasm_v128_load(text + i), pattern);
        if (wasm_v128_any_true(equal)) return i + __builtin_ctz(wasm_i8x16_bitmask(equal));
    }
    return LENGTH;
}

RUN uint32_t run(int n) {
    uint32_t state = 13, sum = 0;
    for (int i = 0; i < LENGTH; i++) text[i] = (uint8_t)(next_random(&state) >> 8) % 96 + 32;
    for (int i = 200; i < LENGTH; i += 211) text[i] = '\n';
    for (int round = 0; round < n; round++) {
        uint32_t lines = 0;
        for (int i = find(0, '\n'); i < LENGTH; i = find(i + 1, '\n')) lines += (uint32_t)i;
        v128_t wanted = wasm_i8x16_splat((int8_t)(32 + round % 96));
        for (int i = 0; i < LENGTH; i += 16)
            sum += (uint32_t)__builtin_popcount(wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(text + i), wanted)));
        sum = sum * 31 + lines;
    }
    return sum;
}
