// Copies standard input to standard output.
#include <stdio.h>

int main(void) {
    static char buffer[10000];
    size_t count;
    while ((count = fread(buffer, 1, sizeof buffer, stdin)) > 0)
        if (fwrite(buffer, 1, count, stdout) != count) return 2;
    return ferror(stdin) ? 1 : 0;
}
