// Integer: base64 of a buffer and back, small tables and byte stores.
#include "kernel.h"
SIZES(1, 150)

#define LENGTH (3 << 16)
static uint8_t data[LENGTH], text[LENGTH / 3 * 4], back[256];
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

RUN uint32_t run(int n) {
    uint32_t state = 5, sum = 0;
    for (int i = 0; i < 64; i++) back[(uint8_t)alphabet[i]] = (uint8_t)i;
    for (int i = 0; i < LENGTH; i++) data[i] = (uint8_t)next_random(&state);
    for (int round = 0; round < n; round++) {
        uint8_t *to = text;
        for (int i = 0; i < LENGTH; i += 3, to += 4) {
            uint32_t x = (uint32_t)data[i] << 16 | data[i + 1] << 8 | data[i + 2];
            to[0] = (uint8_t)alphabet[x >> 18];
            to[1] = (uint8_t)alphabet[x >> 12 & 63];
            to[2] = (uint8_t)alphabet[x >> 6 & 63];
            to[3] = (uint8_t)alphabet[x & 63];
        }
        text[round] = 'A';
        for (int i = 0, from = 0; i < LENGTH; i += 3, from += 4) {
            uint32_t x = (uint32_t)back[text[from]] << 18 | back[text[from + 1]] << 12 | back[text[from + 2]] << 6 | back[text[from + 3]];
            data[i] = (uint8_t)(x >> 16);
            data[i + 1] = (uint8_t)(x >> 8);
            data[i + 2] = (uint8_t)x;
            sum += x;
        }
    }
    return sum;
}
