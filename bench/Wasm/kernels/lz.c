// Integer: a byte-oriented LZ77 (hash of four bytes, literals and matches) that compresses a text and expands it again.
#include "kernel.h"
SIZES(1, 32)

#define LENGTH (1 << 18)
static uint8_t text[LENGTH], packed[LENGTH * 2], restored[LENGTH];
static int32_t last[1 << 14];

static uint32_t four(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }

static int compress(void) {
    uint8_t *out = packed;
    int i = 0, literals = 0;
    for (int h = 0; h < 1 << 14; h++) last[h] = -1;
    while (i < LENGTH) {
        int length = 0, from = -1;
        if (i + 4 <= LENGTH) {
            uint32_t h = four(text + i) * 2654435761u >> 18;
            from = last[h];
            last[h] = i;
            if (from >= 0 && i - from < 65536)
                while (length < 127 && i + length < LENGTH && text[from + length] == text[i + length]) length++;
        }
        if (length >= 4) {
            *out++ = (uint8_t)(128 | length);
            *out++ = (uint8_t)(i - from);
            *out++ = (uint8_t)((i - from) >> 8);
            i += length;
            literals = 0;
        } else {
            if (literals == 0) *out++ = 0;
            out[-literals - 1] = (uint8_t)(literals + 1);
            *out++ = text[i++];
            literals = literals == 126 ? 0 : literals + 1;
        }
    }
    return (int)(out - packed);
}

static uint32_t expand(int length) {
    uint8_t *to = restored;
    for (const uint8_t *in = packed; in < packed + length;) {
        int count = *in++;
        if (count & 128) {
            const uint8_t *from = to - (in[0] | in[1] << 8);
            in += 2;
            for (count &= 127; count > 0; count--) *to++ = *from++;
        } else {
            for (; count > 0; count--) *to++ = *in++;
        }
    }
    uint32_t sum = 0;
    for (int i = 0; i < LENGTH; i++) sum = sum * 31 + restored[i];
    return sum;
}

RUN uint32_t run(int n) {
    static const char *const words[] = {"the ", "cloud ", "of ", "agents ", "moves ", "a ", "system ", "between ", "plan, ", "wave. "};
    uint32_t state = 99, sum = 0;
    for (int i = 0; i < LENGTH;) {
        uint32_t random = next_random(&state);
        for (const char *w = words[(random >> 8) % 10]; *w && i < LENGTH; w++) text[i++] = (uint8_t)*w;
        if ((random & 31) == 0 && i < LENGTH) text[i++] = (uint8_t)(random >> 16);
    }
    for (int round = 0; round < n; round++) {
        text[round * 37] ^= (uint8_t)round;
        int length = compress();
        sum = sum * 31 + (uint32_t)length + expand(length);
    }
    return sum;
}
