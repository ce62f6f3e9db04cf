// Indirect calls: a pipeline of small functions chosen from a table by data.
#include "kernel.h"
SIZES(1, 250)

typedef uint32_t Stage(uint32_t x);
static uint32_t add(uint32_t x) { return x + 0x9e3779b9u; }
static uint32_t shift(uint32_t x) { return x ^ x >> 15; }
static uint32_t multiply(uint32_t x) { return x * 2246822519u; }
static uint32_t rotate(uint32_t x) { return x << 13 | x >> 19; }
static uint32_t invert(uint32_t x) { return ~x; }
static uint32_t swap(uint32_t x) { return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24; }
static uint32_t square(uint32_t x) { return x * x + 1; }
static uint32_t half(uint32_t x) { return x / 2 + 12345; }

static Stage *const stages[8] = {add, shift, multiply, rotate, invert, swap, square, half};
static Stage *line[64];

RUN uint32_t run(int n) {
    uint32_t state = 31, x = 1;
    for (int i = 0; i < 64; i++) line[i] = stages[next_random(&state) >> 29];
    for (int i = 0; i < n * 1000; i++)
        for (int j = 0; j < 64; j++) x = line[j](x) + (uint32_t)j;
    return x;
}
