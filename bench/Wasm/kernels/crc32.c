// Integer: CRC-32 by a table, a chain of dependent loads.
#include "kernel.h"
SIZES(1, 16)

#define LENGTH (1 << 20)
static uint8_t data[LENGTH];
static uint32_t table[256];

RUN uint32_t run(int n) {
    uint32_t state = 1, crc = 0xffffffffu;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (int i = 0; i < LENGTH; i++) data[i] = (uint8_t)next_random(&state);
    for (int round = 0; round < n; round++)
        for (int i = 0; i < LENGTH; i++) crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
    return ~crc;
}
