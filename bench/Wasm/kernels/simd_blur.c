// SIMD: a 3x3 blur of an image of bytes: unaligned loads, widening, shifts and saturating narrowing.
#include "kernel.h"
#include <wasm_simd128.h>
SIZES(1, 1000)

#define WIDTH 512
#define HEIGHT 256
static uint8_t image[2][HEIGHT + 2][WIDTH + 32];

static v128_t low(const uint8_t *p) { return wasm_u16x8_load8x8(p); }

static v128_t row(const uint8_t *p) {
    return wasm_i16x8_add(wasm_i16x8_add(low(p - 1), low(p + 1)), wasm_i16x8_shl(low(p), 1));
}

static v128_t blur(const uint8_t *above, const uint8_t *here, const uint8_t *below) {
    v128_t sum = wasm_i16x8_add(wasm_i16x8_add(row(above), row(below)), wasm_i16x8_shl(row(here), 1));
    return wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_splat(8)), 4);
}

RUN uint32_t run(int n) {
    uint32_t state = 9, sum = 0;
    for (int i = 0; i < HEIGHT + 2; i++)
        for (int j = 0; j < WIDTH + 32; j++) image[0][i][j] = image[1][i][j] = (uint8_t)next_random(&state);
    for (int round = 0; round < n; round++) {
        int from = round & 1;
        for (int i = 1; i <= HEIGHT; i++)
            for (int j = 16; j < WIDTH + 16; j += 16) {
                const uint8_t *a = &image[from][i - 1][j], *h = &image[from][i][j], *b = &image[from][i + 1][j];
                wasm_v128_store(&image[!from][i][j], wasm_u8x16_narrow_i16x8(blur(a, h, b), blur(a + 8, h + 8, b + 8)));
            }
    }
    for (int i = 0; i < HEIGHT + 2; i++)
        for (int j = 0; j < WIDTH + 32; j++) sum = sum * 31 + image[n & 1][i][j];
    return sum;
}
