// Writes argv[1] bytes to standard output in blocks of argv[2]; says how many were taken on standard error.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    (void)argc;
    long total = atol(argv[1]), block = atol(argv[2]), written = 0;
    char *buffer = malloc(block);
    for (long i = 0; i < block; i++) buffer[i] = (char)('a' + i % 26);
    while (written < total) {
        long from = written % block, wanted = total - written < block - from ? total - written : block - from;
        long count = write(1, buffer + from, wanted);
        if (count < 0) {
            fprintf(stderr, "%ld %s\n", written, errno == ENOSPC ? "ENOSPC" : strerror(errno));
            return 1;
        }
        written += count;
    }
    fprintf(stderr, "%ld\n", written);
    return 0;
}
