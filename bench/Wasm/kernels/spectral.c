// Floating point: the spectral norm of an infinite matrix, cut off; conversions and divisions.
#include "kernel.h"
SIZES(10, 800)

#define MOST 1000
static double u[MOST], v[MOST], t[MOST];

static double element(int i, int j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }

static void multiply(int n, const double *from, double *to, int transposed) {
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) sum += (transposed ? element(j, i) : element(i, j)) * from[j];
        to[i] = sum;
    }
}

RUN double run(int n) {
    double uv = 0, vv = 0;
    if (n > MOST) n = MOST;
    for (int i = 0; i < n; i++) u[i] = 1;
    for (int i = 0; i < 10; i++) {
        multiply(n, u, t, 0);
        multiply(n, t, v, 1);
        multiply(n, v, t, 0);
        multiply(n, t, u, 1);
    }
    for (int i = 0; i < n; i++) uv += u[i] * v[i], vv += v[i] * v[i];
    return __builtin_sqrt(uv / vv);
}
