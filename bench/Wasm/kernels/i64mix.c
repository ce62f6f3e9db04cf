// 64-bit integers: multiplication, rotation, division, remainder and bit counting.
#include "kernel.h"
SIZES(1, 80)

RUN uint64_t run(int n) {
    uint64_t x = 88172645463325252ull, sum = 0;
    for (int i = 0; i < n * 100000; i++) {
        x ^= x << 7;
        x ^= x >> 9;
        uint64_t y = x * 0xc2b2ae3d27d4eb4full;
        y = y << 31 | y >> 33;
        sum += y / ((x & 0xffff) + 3) + (uint64_t)((int64_t)y % (int64_t)((x >> 40) + 7));
        sum ^= (uint64_t)(__builtin_popcountll(y) + __builtin_clzll(x | 1) * 64 + __builtin_ctzll(y | 1ull << 63));
    }
    return sum;
}
