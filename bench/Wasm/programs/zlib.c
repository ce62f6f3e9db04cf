// A real program: zlib compresses generated text at several levels and expands it again.
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../kernels/kernel.h"
SIZES(1, 3)

#define LENGTH (1 << 18)
static unsigned char text[LENGTH], packed[LENGTH + LENGTH / 500 + 64], restored[LENGTH];

static void generate(void) {
    static const char *const words[] = {"resource ", "\"aws_instance\" ", "{\n  ", "ami = ", "\"t3.micro\"\n", "}\n", "subnet_id ", "tags = ", "[", "]\n", "of "};
    uint32_t state = 4711;
    for (int i = 0; i < LENGTH;) {
        uint32_t random = next_random(&state);
        for (const char *w = words[(random >> 8) % 11]; *w && i < LENGTH; w++) text[i++] = (unsigned char)*w;
        for (uint32_t id = random >> 16 & 0xfff; (random & 7) == 0 && id && i < LENGTH; id /= 16) text[i++] = "0123456789abcdef"[id % 16];
    }
}

RUN uint32_t run(int n) {
    static const int levels[] = {1, 6, 9};
    uint32_t sum = 0;
    generate();
    for (int round = 0; round < n; round++) {
        uLongf packed_length = sizeof packed, length = LENGTH;
        text[round * 101] ^= 1;
        if (compress2(packed, &packed_length, text, LENGTH, levels[round % 3]) != Z_OK) abort();
        if (uncompress(restored, &length, packed, packed_length) != Z_OK) abort();
        if (length != LENGTH || memcmp(text, restored, LENGTH) != 0) abort();
        sum = sum * 31 + (uint32_t)packed_length + (uint32_t)crc32(0, packed, (uInt)packed_length);
    }
    return sum;
}
