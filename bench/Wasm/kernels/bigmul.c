// 64-bit integers: schoolbook multiplication of long numbers in limbs of 32 bits.
#include "kernel.h"
SIZES(1, 60)

#define LIMBS 1024
static uint32_t a[LIMBS], b[LIMBS], product[2 * LIMBS];

RUN uint64_t run(int n) {
    uint32_t state = 3;
    uint64_t sum = 0;
    for (int i = 0; i < LIMBS; i++) a[i] = next_random(&state), b[i] = next_random(&state);
    for (int round = 0; round < n; round++) {
        for (int i = 0; i < 2 * LIMBS; i++) product[i] = 0;
        for (int i = 0; i < LIMBS; i++) {
            uint64_t carry = 0;
            for (int j = 0; j < LIMBS; j++) {
                carry += (uint64_t)a[i] * b[j] + product[i + j];
                product[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
            product[i + LIMBS] = (uint32_t)carry;
        }
        for (int i = 0; i < LIMBS; i++) a[i] = product[i + LIMBS / 2] | 1;
        sum = sum * 31 + product[2 * LIMBS - 1] + product[LIMBS];
    }
    return sum;
}
