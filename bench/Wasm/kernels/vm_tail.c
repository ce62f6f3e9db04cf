// Tail calls: a register machine whose operations call the next one in the place of their own frame (return_call_indirect).
#include "kernel.h"
SIZES(1, 12)

typedef struct Op Op;
typedef uint32_t Run(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells);
struct Op { Run *run; uint32_t operand; };

#define NEXT(op, value, counter) __attribute__((musttail)) return (op)->run((op), (value), (counter), cells)

static uint32_t multiply(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) { NEXT(op + 1, value * op->operand, counter); }
static uint32_t add(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) { NEXT(op + 1, value + op->operand, counter); }
static uint32_t shift(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) {
    NEXT(op + 1, value ^ value >> op->operand, counter);
}
static uint32_t mix(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) { NEXT(op + 1, value ^ counter, counter); }
static uint32_t load(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) {
    NEXT(op + 1, value + cells[value >> op->operand], counter);
}
static uint32_t store(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) {
    cells[counter & op->operand] = value;
    NEXT(op + 1, value, counter);
}
static uint32_t repeat(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) {
    if (counter > 0) NEXT(op - op->operand, value, counter - 1);
    NEXT(op + 1, value, counter);
}
static uint32_t halt(const Op *op, uint32_t value, uint32_t counter, uint32_t *cells) { return value + op->operand + counter + cells[7]; }

static const Op program[] = {{multiply, 1103515245}, {add, 12345}, {shift, 15}, {mix, 0}, {load, 26}, {shift, 7}, {store, 63},
                             {repeat, 7}, {halt, 1}};

RUN uint32_t run(int n) {
    uint32_t cells[64] = {0};
    return program->run(program, 1, (uint32_t)n * 100000, cells);
}
