// Branches: a recursive-descent JSON reader over a generated text.
#include "kernel.h"
SIZES(1, 150)

#define MOST (1 << 18)
static char text[MOST];
static const char *at;
static uint32_t sum;

static char *put(char *to, const char *s) {
    while (*s) *to++ = *s++;
    return to;
}

static void generate(void) {
    uint32_t state = 77;
    char *to = put(text, "[");
    while (to < text + MOST - 300) {
        to = put(to, "{\"id\": ");
        for (uint32_t id = next_random(&state) >> 12; id; id /= 10) *to++ = (char)('1' + id % 9);
        to = put(to, ", \"name\": \"instance \\\"");
        for (int i = 0; i < 12; i++) *to++ = (char)('a' + (next_random(&state) >> 8) % 26);
        to = put(to, "\\\"\", \"tags\": [true, false, null, -12.5e3],\n  \"on\": {\"a\": 1, \"b\": [ ]}}, ");
    }
    *put(to, "0]") = 0;
}

static void skip(void) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
}

static void string(void) {
    for (at++; *at != '"'; at++) {
        if (*at == '\\') at++;
        sum = sum * 33 + (uint8_t)*at;
    }
    at++;
}

static void value(int depth) {
    skip();
    switch (*at) {
        case '{':
            at++, skip();
            while (*at != '}') {
                string(), skip();
                if (*at++ != ':') __builtin_trap();
                value(depth + 1), skip();
                if (*at == ',') at++, skip();
            }
            at++;
            break;
        case '[':
            at++, skip();
            while (*at != ']') {
                value(depth + 1), skip();
                if (*at == ',') at++;
                skip();
            }
            at++;
            break;
        case '"': string(); break;
        case 't': at += 4, sum += 1; break;
        case 'f': at += 5, sum += 2; break;
        case 'n': at += 4, sum += 3; break;
        default: {
            uint32_t number = 0;
            while (*at == '-' || *at == '+' || *at == '.' || *at == 'e' || (*at >= '0' && *at <= '9'))
                number = number * 10 + (uint8_t)*at++;
            sum = sum * 31 + number + (uint32_t)depth;
        }
    }
}

RUN uint32_t run(int n) {
    generate();
    sum = 0;
    for (int round = 0; round < n; round++) {
        at = text;
        value(0);
    }
    return sum;
}
