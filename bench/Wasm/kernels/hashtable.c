// Integer: an open-addressing hash table: insertions, look-ups that hit, look-ups that miss.
#include "kernel.h"
SIZES(1, 12)

#define SLOTS (1 << 17)
static struct { uint64_t key, value; } slots[SLOTS];

static uint32_t place(uint64_t key) {
    uint32_t i = (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 47);
    while (slots[i].key != 0 && slots[i].key != key) i = (i + 1) & (SLOTS - 1);
    return i;
}

RUN uint64_t run(int n) {
    uint64_t sum = 0;
    for (int round = 0; round < n; round++) {
        uint32_t state = 17 + (uint32_t)round;
        for (int i = 0; i < SLOTS; i++) slots[i].key = 0;
        for (int i = 0; i < SLOTS / 2; i++) {
            uint64_t key = (uint64_t)next_random(&state) << 1 | 1;
            uint32_t at = place(key);
            slots[at].key = key;
            slots[at].value += (uint64_t)i;
        }
        state = 17 + (uint32_t)round;
        for (int i = 0; i < SLOTS / 2; i++) {
            uint64_t key = (uint64_t)next_random(&state) << 1 | 1;
            sum += slots[place(key)].value ^ key;
            sum += slots[place(key ^ 0x200000000ull)].key == 0;
        }
        for (int i = 0; i < SLOTS; i++) slots[i].value = 0;
    }
    return sum;
}
