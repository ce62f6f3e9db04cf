// Floating point: a radix-2 fast Fourier transform and its inverse, strided access.
#include "kernel.h"
SIZES(1, 40)

#define LOG 14
#define COUNT (1 << LOG)
static double re[COUNT], im[COUNT], cosine[COUNT / 2], sine[COUNT / 2];

static void make_roots(void) {
    // cos and sin of 2 pi / COUNT by their series; the rest by doubling angles, so that errors stay small.
    double x = 6.283185307179586 / COUNT, square = x * x;
    double c1 = 1 - square / 2 + square * square / 24, s1 = x - x * square / 6 + x * square * square / 120;
    cosine[0] = 1, sine[0] = 0, cosine[1] = c1, sine[1] = s1;
    for (int i = 2; i < COUNT / 2; i++) {
        int h = i / 2, k = i - h;
        cosine[i] = cosine[h] * cosine[k] - sine[h] * sine[k];
        sine[i] = sine[h] * cosine[k] + cosine[h] * sine[k];
    }
}

static void transform(double direction) {
    for (int i = 1, j = 0; i < COUNT; i++) {
        int bit = COUNT >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) {
            double t = re[i];
            re[i] = re[j], re[j] = t;
            t = im[i];
            im[i] = im[j], im[j] = t;
        }
    }
    for (int length = 2; length <= COUNT; length <<= 1) {
        int half = length / 2, stride = COUNT / length;
        for (int i = 0; i < COUNT; i += length)
            for (int k = 0; k < half; k++) {
                double wr = cosine[k * stride], wi = direction * sine[k * stride];
                double xr = re[i + k + half] * wr - im[i + k + half] * wi, xi = re[i + k + half] * wi + im[i + k + half] * wr;
                re[i + k + half] = re[i + k] - xr, im[i + k + half] = im[i + k] - xi;
                re[i + k] += xr, im[i + k] += xi;
            }
    }
}

RUN double run(int n) {
    uint32_t state = 21;
    double sum = 0;
    make_roots();
    for (int i = 0; i < COUNT; i++) re[i] = next_fraction(&state), im[i] = 0;
    for (int round = 0; round < n; round++) {
        transform(-1);
        for (int i = 0; i < COUNT; i++) re[i] /= COUNT, im[i] /= COUNT;
        sum += re[1] + im[COUNT / 3];
        transform(1);
    }
    return sum + re[5];
}
