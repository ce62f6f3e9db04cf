// Calls: Ackermann's function, deep recursion.
#include "kernel.h"
SIZES(2, 9)

static NOINLINE uint32_t ackermann(uint32_t m, uint32_t n) {
    if (m == 0) return n + 1;
    return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

RUN uint32_t run(int n) { return ackermann(3, (uint32_t)n) + ackermann(2, (uint32_t)n * 200); }
