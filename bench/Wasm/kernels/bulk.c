// Memory: memory.copy and memory.fill of many sizes, overlapping moves among them.
#include "kernel.h"
SIZES(1, 150)

#define LENGTH (1 << 20)
static uint8_t data[2 * LENGTH];

RUN uint32_t run(int n) {
    uint32_t state = 15, sum = 0;
    for (int i = 0; i < 2 * LENGTH; i++) data[i] = (uint8_t)(i * 7);
    for (int i = 0; i < n * 1000; i++) {
        uint32_t random = next_random(&state), length = random >> 20 & (i & 7 ? 127 : 4095);
        uint8_t *to = data + (random & (LENGTH - 1)), *from = data + (next_random(&state) & (LENGTH - 1));
        __builtin_memmove(to, from, length);
        __builtin_memmove(to + 5, to, length);
        __builtin_memset(from, (int)random, length / 4);
        sum = sum * 31 + to[length / 2];
    }
    for (int i = 0; i < 20 * n; i++) {
        __builtin_memmove(data + LENGTH / 2 + i, data, LENGTH / 2);
        sum += data[LENGTH - 1 - i];
    }
    return sum;
}
