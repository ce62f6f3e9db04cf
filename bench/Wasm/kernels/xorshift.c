// Integer: read-modify-write of pseudo-random places in a buffer.
#include "kernel.h"
SIZES(1, 20)

static uint32_t buffer[1 << 16];

RUN uint32_t run(int n) {
    uint32_t state = 2463534242u, sum = 0;
    for (int i = 0; i < 1 << 16; i++) buffer[i] = i;
    for (int i = 0; i < n * 1000000; i++) {
        uint32_t x = next_random(&state);
        buffer[x & 0xffff] += x;
    }
    for (int i = 0; i < 1 << 16; i++) sum = sum * 31 + buffer[i];
    return sum;
}
