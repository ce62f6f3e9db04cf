// Memory: Conway's game of life, one byte per cell, neighbours of three rows.
#include "kernel.h"
SIZES(1, 40)

#define SIDE 512
static uint8_t cells[2][SIDE + 2][SIDE + 2];

RUN uint32_t run(int n) {
    uint32_t state = 18, sum = 0;
    for (int i = 0; i < SIDE + 2; i++)
        for (int j = 0; j < SIDE + 2; j++)
            cells[0][i][j] = cells[1][i][j] = i > 0 && j > 0 && i <= SIDE && j <= SIDE && next_random(&state) >> 30 == 0;
    for (int round = 0; round < n; round++) {
        uint8_t(*from)[SIDE + 2] = cells[round & 1], (*to)[SIDE + 2] = cells[!(round & 1)];
        for (int i = 1; i <= SIDE; i++)
            for (int j = 1; j <= SIDE; j++) {
                int near = from[i - 1][j - 1] + from[i - 1][j] + from[i - 1][j + 1] + from[i][j - 1] + from[i][j + 1] + from[i + 1][j - 1] +
                           from[i + 1][j] + from[i + 1][j + 1];
                to[i][j] = near == 3 || (near == 2 && from[i][j]);
            }
    }
    for (int i = 1; i <= SIDE; i++)
        for (int j = 1; j <= SIDE; j++) sum = sum * 31 + cells[n & 1][i][j];
    return sum;
}
