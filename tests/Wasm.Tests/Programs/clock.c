// Reads the clocks, sleeps argv[1] milliseconds between two readings, and prints random bytes.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    (void)argc;
    struct timespec now, before, after;
    if (clock_gettime(CLOCK_REALTIME, &now) || clock_gettime(CLOCK_MONOTONIC, &before)) return 1;
    printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    long wait = atol(argv[1]);
    struct timespec nap = {wait / 1000, wait % 1000 * 1000000};
    if (nanosleep(&nap, NULL)) return 2;
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("slept %lld ms\n", (after.tv_sec - before.tv_sec) * 1000LL + (after.tv_nsec - before.tv_nsec) / 1000000);
    unsigned char random[8];
    if (getentropy(random, sizeof random)) return 3;
    for (int i = 0; i < 8; i++) printf("%02x", random[i]);
    printf("\n");
    return 0;
}
