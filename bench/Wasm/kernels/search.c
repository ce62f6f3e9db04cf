// Memory: Horspool's string search over text, byte by byte.
#include "kernel.h"
SIZES(1, 20)

#define LENGTH (1 << 20)
static uint8_t text[LENGTH];

static uint32_t search(const uint8_t *wanted, int length) {
    int shift[256];
    uint32_t sum = 0;
    for (int i = 0; i < 256; i++) shift[i] = length;
    for (int i = 0; i < length - 1; i++) shift[wanted[i]] = length - 1 - i;
    for (int i = 0; i + length <= LENGTH; i += shift[text[i + length - 1]]) {
        int j = length - 1;
        while (j >= 0 && text[i + j] == wanted[j]) j--;
        if (j < 0) sum = sum * 31 + (uint32_t)i;
    }
    return sum;
}

RUN uint32_t run(int n) {
    uint32_t state = 16, sum = 0;
    for (int i = 0; i < LENGTH; i++) text[i] = (uint8_t)('a' + (next_random(&state) >> 12) % 4);
    for (int round = 0; round < n; round++) sum += search(text + 1000 + round * 4099, 4 + round % 8);
    return sum;
}
