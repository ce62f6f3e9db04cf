// Indirect calls: polymorphic shapes, each with a table of methods.
#include "kernel.h"
SIZES(1, 500)

typedef struct Shape Shape;
typedef struct { double (*area)(const Shape *); double (*edge)(const Shape *); void (*scale)(Shape *, double); } Methods;
struct Shape { const Methods *methods; double a, b, c; };

static double circle_area(const Shape *s) { return 3.141592653589793 * s->a * s->a; }
static double circle_edge(const Shape *s) { return 6.283185307179586 * s->a; }
static void circle_scale(Shape *s, double by) { s->a *= by; }
static double box_area(const Shape *s) { return s->a * s->b; }
static double box_edge(const Shape *s) { return 2 * (s->a + s->b); }
static void box_scale(Shape *s, double by) { s->a *= by, s->b *= by; }
static double triangle_area(const Shape *s) {
    double p = (s->a + s->b + s->c) / 2;
    return __builtin_sqrt(p * (p - s->a) * (p - s->b) * (p - s->c));
}
static double triangle_edge(const Shape *s) { return s->a + s->b + s->c; }
static void triangle_scale(Shape *s, double by) { s->a *= by, s->b *= by, s->c *= by; }

static const Methods circle = {circle_area, circle_edge, circle_scale}, box = {box_area, box_edge, box_scale},
                     triangle = {triangle_area, triangle_edge, triangle_scale};

#define COUNT 4096
static Shape shapes[COUNT];

RUN double run(int n) {
    static const Methods *const kinds[] = {&circle, &box, &triangle, &box};
    uint32_t state = 8;
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        Shape *s = &shapes[i];
        s->methods = kinds[next_random(&state) >> 30];
        s->a = 2 + next_fraction(&state), s->b = 2 + next_fraction(&state), s->c = 2 + next_fraction(&state);
    }
    for (int round = 0; round < n; round++)
        for (int i = 0; i < COUNT; i++) {
            Shape *s = &shapes[i];
            sum += s->methods->area(s) / s->methods->edge(s);
            s->methods->scale(s, round & 1 ? 0.5 : 2.0);
        }
    return sum;
}
