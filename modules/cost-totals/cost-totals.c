// Adds up costs: each line of standard input is "NAME AMOUNT", and what is printed the sum of each name, the dearest first.
// A WASI command, as any program that reads its input and writes its output: it knows nothing of agents.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 4096, NAME_MAX_LENGTH = 127 };

static struct total { char name[NAME_MAX_LENGTH + 1]; double sum; } totals[NAMES_MAX];
static int count;

static struct total *find(const char *name) {
    for (int i = 0; i < count; i++)
        if (!strcmp(totals[i].name, name)) return &totals[i];
    if (count == NAMES_MAX) return NULL;
    strcpy(totals[count].name, name);
    return &totals[count++];
}

static int dearer(const void *one, const void *other) {
    const struct total *a = one, *b = other;
    if (a->sum != b->sum) return a->sum < b->sum ? 1 : -1;
    return strcmp(a->name, b->name);
}

int main(void) {
    const char *currency = getenv("currency");
    static char line[1024];
    for (int number = 1; fgets(line, sizeof line, stdin); number++) {
        char name[NAME_MAX_LENGTH + 1], *end;
        int read = 0;
        if (sscanf(line, " %127s%n", name, &read) != 1) continue;
        errno = 0;
        double amount = strtod(line + read, &end);
        if (end == line + read || errno || end[strspn(end, " \t\r\n")]) {
            fprintf(stderr, "line %d is not NAME AMOUNT\n", number);
            return 1;
        }
        struct total *total = find(name);
        if (!total) {
            fprintf(stderr, "there are more than %d names\n", NAMES_MAX);
            return 2;
        }
        total->sum += amount;
    }
    qsort(totals, count, sizeof *totals, dearer);
    for (int i = 0; i < count; i++) printf("%s %.2f%s%s\n", totals[i].name, totals[i].sum, currency ? " " : "", currency ? currency : "");
    return 0;
}
