// Integer: the sieve of Eratosthenes, byte stores at a stride.
#include "kernel.h"
SIZES(1, 24)

#define LIMIT 1000000
static uint8_t composite[LIMIT];

RUN uint32_t run(int n) {
    uint32_t sum = 0;
    for (int round = 0; round < n; round++) {
        for (int i = 0; i < LIMIT; i++) composite[i] = 0;
        for (int i = 2; i * i < LIMIT; i++)
            if (!composite[i])
                for (int j = i * i; j < LIMIT; j += i) composite[j] = 1;
        for (int i = 2; i < LIMIT; i++) sum += composite[i] ? 0 : (uint32_t)i;
    }
    return sum;
}
