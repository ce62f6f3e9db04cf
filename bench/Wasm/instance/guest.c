// The module that the instance benchmark makes by the thousand: one page of memory, data, a few functions.
#include "../kernels/kernel.h"

__attribute__((import_module("host"), import_name("call"))) int call(int x);

static const char greeting[] = "A small agent that has some text of its own to begin with, as they all have.";
static int counters[64] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233};
static int calls;

// The first call of an instance: reads its data and changes its memory.
EXPORT("first") int first(int i) {
    counters[i & 63] += greeting[(unsigned)i % sizeof greeting] + ++calls;
    return counters[i & 63];
}

EXPORT("add") int add(int a, int b) { return a + b; }

EXPORT("trap") void trap(int i) {
    if (i >= 0) __builtin_trap();
}

// Calls the host n times.
EXPORT("call_host") int call_host(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += call(i);
    return sum;
}
