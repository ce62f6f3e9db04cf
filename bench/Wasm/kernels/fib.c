// Calls: Fibonacci numbers the slow way.
#include "kernel.h"
SIZES(10, 35)

static NOINLINE uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

RUN uint32_t run(int n) { return fib((uint32_t)n); }
