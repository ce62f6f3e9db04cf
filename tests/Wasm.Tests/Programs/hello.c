// Prints its arguments and its environment to standard output, a line to standard error, and ends with the number of its arguments.
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int argc, char **argv) {
    printf("hello\n");
    for (int i = 0; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
    for (char **variable = environ; *variable; variable++) printf("variable: %s\n", *variable);
    fprintf(stderr, "done\n");
    return argc;
}
