// SIMD: mixing two sounds of i16: pairwise products, saturation, shuffles.
#include "kernel.h"
#include <wasm_simd128.h>
SIZES(1, 8000)

#define COUNT 16384
static int16_t left[COUNT], right[COUNT], mixed[2 * COUNT];

RUN uint32_t run(int n) {
    uint32_t state = 14, sum = 0;
    for (int i = 0; i < COUNT; i++) left[i] = (int16_t)next_random(&state), right[i] = (int16_t)next_random(&state);
    v128_t peaks = wasm_i16x8_splat(0), energy = wasm_i32x4_splat(0);
    for (int round = 0; round < n; round++) {
        v128_t volume = wasm_i16x8_splat((int16_t)(0x3000 + round % 64));
        for (int i = 0; i < COUNT; i += 8) {
            v128_t l = wasm_i16x8_q15mulr_sat(wasm_v128_load(left + i), volume);
            v128_t r = wasm_i16x8_q15mulr_sat(wasm_v128_load(right + i), volume);
            v128_t both = wasm_i16x8_add_sat(l, r);
            peaks = wasm_i16x8_max(peaks, wasm_i16x8_abs(both));
            energy = wasm_i32x4_add(energy, wasm_i32x4_dot_i16x8(l, r));
            wasm_v128_store(mixed + 2 * i, wasm_i16x8_shuffle(l, r, 0, 8, 1, 9, 2, 10, 3, 11));
            wasm_v128_store(mixed + 2 * i + 8, wasm_i16x8_shuffle(both, r, 4, 12, 5, 13, 6, 14, 7, 15));
        }
        left[round & (COUNT - 1)] = mixed[round & (COUNT - 1)];
    }
    for (int i = 0; i < 2 * COUNT; i++) sum = sum * 31 + (uint16_t)mixed[i];
    for (int i = 0; i < 4; i++) sum = sum * 31 + ((uint32_t *)&energy)[i];
    return sum + (uint32_t)wasm_i16x8_extract_lane(peaks, 3);
}
