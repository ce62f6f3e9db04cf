// Floating point: five bodies that attract each other, square roots and divisions.
#include "kernel.h"
SIZES(1, 80)

#define BODIES 5
typedef struct { double x, y, z, vx, vy, vz, mass; } Body;
static Body bodies[BODIES];

static void step(double dt) {
    for (int i = 0; i < BODIES; i++) {
        Body *a = &bodies[i];
        for (int j = i + 1; j < BODIES; j++) {
            Body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz + 0.01;
            double force = dt / (square * __builtin_sqrt(square));
            a->vx -= dx * b->mass * force, a->vy -= dy * b->mass * force, a->vz -= dz * b->mass * force;
            b->vx += dx * a->mass * force, b->vy += dy * a->mass * force, b->vz += dz * a->mass * force;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        Body *a = &bodies[i];
        a->x += dt * a->vx, a->y += dt * a->vy, a->z += dt * a->vz;
    }
}

RUN double run(int n) {
    uint32_t state = 2024;
    double sum = 0;
    for (int i = 0; i < BODIES; i++) {
        Body *a = &bodies[i];
        a->x = next_fraction(&state) * 10, a->y = next_fraction(&state) * 10, a->z = next_fraction(&state) * 10;
        a->vx = next_fraction(&state) - 0.5, a->vy = next_fraction(&state) - 0.5, a->vz = next_fraction(&state) - 0.5;
        a->mass = next_fraction(&state) + (i == 0 ? 30 : 0.1);
    }
    for (int i = 0; i < n * 10000; i++) step(0.001);
    for (int i = 0; i < BODIES; i++) sum += bodies[i].x + bodies[i].y * 2 + bodies[i].z * 3;
    return sum;
}
