// br_table: a stack machine whose program counts primes, dispatched by a switch.
#include "kernel.h"
SIZES(30, 12000)

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, REM, LESS, EQUAL, NOT, JUMP, JUMP_UNLESS, DUP, DROP, HALT };

// found = 0; for (i = 2; i < n; i++) { for (d = 2; d * d < i + 1; d++) if (i % d == 0) goto next; found += i; next: } return found;
static const int32_t program[] = {
    /* 0*/ PUSH, 0, STORE, 1, PUSH, 2, STORE, 2,
    /* 8*/ LOAD, 2, LOAD, 0, LESS, JUMP_UNLESS, 64,
    /*15*/ PUSH, 2, STORE, 3,
    /*19*/ LOAD, 3, DUP, MUL, LOAD, 2, PUSH, 1, ADD, LESS, JUMP_UNLESS, 47,
    /*31*/ LOAD, 2, LOAD, 3, REM, NOT, NOT, JUMP_UNLESS, 54,
    /*40*/ LOAD, 3, PUSH, 1, ADD, JUMP, 62,
    /*47*/ LOAD, 1, LOAD, 2, ADD, STORE, 1,
    /*54*/ LOAD, 2, PUSH, 1, ADD, JUMP, 67, HALT,
    /*62*/ JUMP, 71,
    /*64*/ LOAD, 1, HALT,
    /*67*/ STORE, 2, JUMP, 8,
    /*71*/ STORE, 3, JUMP, 19};

static NOINLINE int32_t interpret(const int32_t *code, int32_t n) {
    int32_t stack[32], variables[4] = {n}, *sp = stack;
    for (const int32_t *pc = code;;) {
        switch (*pc++) {
            case PUSH: *sp++ = *pc++; break;
            case LOAD: *sp++ = variables[*pc++]; break;
            case STORE: variables[*pc++] = *--sp; break;
            case ADD: sp--, sp[-1] += sp[0]; break;
            case SUB: sp--, sp[-1] -= sp[0]; break;
            case MUL: sp--, sp[-1] *= sp[0]; break;
            case REM: sp--, sp[-1] %= sp[0]; break;
            case LESS: sp--, sp[-1] = sp[-1] < sp[0]; break;
            case EQUAL: sp--, sp[-1] = sp[-1] == sp[0]; break;
            case NOT: sp[-1] = !sp[-1]; break;
            case JUMP: pc = code + *pc; break;
            case JUMP_UNLESS: pc = *--sp ? pc + 1 : code + *pc; break;
            case DUP: *sp = sp[-1], sp++; break;
            case DROP: sp--; break;
            case HALT: return sp[-1];
            default: __builtin_trap();
        }
    }
}

RUN uint32_t run(int n) {
    uint32_t sum = 0;
    for (int i = 0; i < 10; i++) sum = sum * 31 + (uint32_t)interpret(program, n + i);
    return sum;
}
