// What every kernel shares. A kernel is one file that exports run(n): work in proportion to n (or to a function of it), started from
// the same state each time, summed up in a checksum. SIZES gives a small n for tests and the usual n of the benchmark.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define RUN EXPORT("run")
#define NOINLINE __attribute__((noinline))

#define SIZES(small, usual)                          \
    EXPORT("small_n") int small_n(void) { return small; } \
    EXPORT("usual_n") int usual_n(void) { return usual; }

static inline uint32_t next_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline double next_fraction(uint32_t *state) { return next_random(state) * (1.0 / 4294967296.0); }
