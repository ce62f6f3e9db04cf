// Floating point: rays against spheres in f32, conversions to integers, branches.
#include "kernel.h"
SIZES(8, 360)

#define SPHERES 12
static struct { float x, y, z, radius; } spheres[SPHERES];

static float trace(float dx, float dy, float dz, int *hit) {
    float nearest = 1e9f;
    *hit = -1;
    for (int i = 0; i < SPHERES; i++) {
        float b = dx * spheres[i].x + dy * spheres[i].y + dz * spheres[i].z;
        float c = spheres[i].x * spheres[i].x + spheres[i].y * spheres[i].y + spheres[i].z * spheres[i].z;
        float d = b * b - c + spheres[i].radius * spheres[i].radius;
        if (d < 0) continue;
        float t = b - __builtin_sqrtf(d);
        if (t > 0.001f && t < nearest) nearest = t, *hit = i;
    }
    return nearest;
}

RUN uint32_t run(int n) {
    uint32_t state = 4, sum = 0;
    for (int i = 0; i < SPHERES; i++) {
        spheres[i].x = (float)next_fraction(&state) * 6 - 3, spheres[i].y = (float)next_fraction(&state) * 6 - 3;
        spheres[i].z = (float)next_fraction(&state) * 5 + 4, spheres[i].radius = (float)next_fraction(&state) + 0.3f;
    }
    for (int frame = 0; frame < 8; frame++)
        for (int row = 0; row < n; row++)
            for (int column = 0; column < n; column++) {
                float x = (float)column / (float)n - 0.5f, y = (float)row / (float)n - 0.5f, z = 1 - (float)frame * 0.02f;
                float length = __builtin_sqrtf(x * x + y * y + z * z);
                int hit;
                float t = trace(x / length, y / length, z / length, &hit);
                sum = sum * 31 + (hit < 0 ? 0 : (uint32_t)(t * 16) + (uint32_t)hit);
            }
    return sum;
}
