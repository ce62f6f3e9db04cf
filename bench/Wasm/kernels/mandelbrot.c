// Floating point: iterations of the Mandelbrot set, a tight loop that ends on a comparison.
#include "kernel.h"
SIZES(8, 360)

RUN uint32_t run(int n) {
    uint32_t sum = 0;
    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++) {
            double cx = 3.0 * column / n - 2.0, cy = 2.0 * row / n - 1.0, x = 0, y = 0;
            uint32_t i = 0;
            for (; i < 500; i++) {
                double xx = x * x, yy = y * y;
                if (xx + yy > 4) break;
                y = 2 * x * y + cy;
                x = xx - yy + cx;
            }
            sum = sum * 31 + i;
        }
    return sum;
}
