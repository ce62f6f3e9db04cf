// Floating point: multiplication of two square matrices of f64.
#include "kernel.h"
SIZES(1, 20)

#define SIDE 128
static double a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];

RUN double run(int n) {
    uint32_t state = 11;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) a[i][j] = next_fraction(&state), b[i][j] = next_fraction(&state) / SIDE;
    for (int round = 0; round < n; round++) {
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) {
                double sum = 0;
                for (int k = 0; k < SIDE; k++) sum += a[i][k] * b[k][j];
                c[i][j] = sum;
            }
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) a[i][j] = c[j][i] + 0.25;
    }
    double trace = 0;
    for (int i = 0; i < SIDE; i++) trace += c[i][i];
    return trace;
}
