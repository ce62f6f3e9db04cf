// Calls: binary trees made by a bump allocator and walked recursively.
#include "kernel.h"
SIZES(4, 18)

typedef struct Tree { struct Tree *left, *right; uint32_t value; } Tree;
static Tree nodes[1 << 19];
static Tree *next;

static Tree *grow(int depth, uint32_t value) {
    Tree *tree = next++;
    tree->value = value;
    tree->left = depth ? grow(depth - 1, value * 2 + 1) : NULL;
    tree->right = depth ? grow(depth - 1, value * 2 + 2) : NULL;
    return tree;
}

static uint32_t check(const Tree *tree) { return tree->left ? tree->value ^ (check(tree->left) * 3 + check(tree->right)) : tree->value; }

RUN uint32_t run(int n) {
    uint32_t sum = 0;
    for (int depth = 2; depth <= n; depth += 2)
        for (int i = 0; i < 4 << (n - depth) / 2; i++) {
            next = nodes;
            sum += check(grow(depth, (uint32_t)i));
        }
    return sum;
}
