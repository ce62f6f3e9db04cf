// SIMD: saxpy and dot product of f32x4.
#include "kernel.h"
#include <wasm_simd128.h>
SIZES(1, 15000)

#define COUNT 16384
static float x[COUNT], y[COUNT];

RUN double run(int n) {
    uint32_t state = 6;
    double total = 0;
    for (int i = 0; i < COUNT; i++) x[i] = (float)next_fraction(&state) - 0.5f, y[i] = (float)next_fraction(&state);
    for (int round = 0; round < n; round++) {
        v128_t a = wasm_f32x4_splat(round & 1 ? 0.5f : -0.5f), sum = wasm_f32x4_splat(0);
        for (int i = 0; i < COUNT; i += 4) {
            v128_t v = wasm_f32x4_add(wasm_f32x4_mul(a, wasm_v128_load(x + i)), wasm_v128_load(y + i));
            wasm_v128_store(y + i, v);
            sum = wasm_f32x4_add(sum, wasm_f32x4_mul(v, v));
        }
        total += wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 1) + wasm_f32x4_extract_lane(sum, 2) +
                 wasm_f32x4_extract_lane(sum, 3);
    }
    return total;
}
