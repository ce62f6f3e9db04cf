// 64-bit integers: the longest Collatz chain below a limit.
#include "kernel.h"
SIZES(1, 30)

RUN uint64_t run(int n) {
    uint64_t longest = 0, best = 0;
    for (uint64_t start = 1; start < (uint64_t)n * 10000; start++) {
        uint64_t x = start, steps = 0;
        while (x != 1) {
            x = x & 1 ? x * 3 + 1 : x >> 1;
            steps++;
        }
        if (steps > longest) longest = steps, best = start;
    }
    return best * 1000 + longest;
}
