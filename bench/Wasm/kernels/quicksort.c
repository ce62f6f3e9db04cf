// Integer: quicksort with unpredictable branches, recursion on the smaller part.
#include "kernel.h"
SIZES(1, 8)

#define COUNT 100000
static int32_t values[COUNT];

static void sort(int32_t *low, int32_t *high) {
    while (high - low > 12) {
        int32_t pivot = low[(high - low) / 2], *i = low, *j = high;
        while (i <= j) {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i <= j) {
                int32_t t = *i;
                *i++ = *j;
                *j-- = t;
            }
        }
        if (j - low < high - i) {
            sort(low, j);
            low = i;
        } else {
            sort(i, high);
            high = j;
        }
    }
    for (int32_t *i = low + 1; i <= high; i++) {
        int32_t x = *i, *j = i;
        for (; j > low && j[-1] > x; j--) *j = j[-1];
        *j = x;
    }
}

RUN uint32_t run(int n) {
    uint32_t state = 7, sum = 0;
    for (int round = 0; round < n; round++) {
        for (int i = 0; i < COUNT; i++) values[i] = (int32_t)next_random(&state);
        sort(values, values + COUNT - 1);
        for (int i = 0; i < COUNT; i += 97) sum = sum * 31 + (uint32_t)values[i];
    }
    return sum;
}
