// An agent that finds networks that overlap, which cannot be joined by a peering or a VPN. A message holds one network a line: its name, a blank, and its range as A.B.C.D/N. The answer has a line
// for each pair that overlaps, "a overlaps b", a line for each line that is no network, or the one line "ok".
//
// In C without a library: what the host offers are imports of the Extism ABI, which hands over bytes one or eight at a time.
#include <stdint.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

HOST("input_length") uint64_t input_length(void);
HOST("input_load_u8") uint32_t input_load_u8(uint64_t offset);
HOST("alloc") uint64_t alloc(uint64_t length);
HOST("store_u8") void store_u8(uint64_t offset, uint32_t byte);
HOST("output_set") void output_set(uint64_t offset, uint64_t length);
HOST("error_set") void error_set(uint64_t offset);

enum { TEXT_MAX = 64 * 1024, NETWORKS_MAX = 512, ANSWER_MAX = 256 * 1024 };

typedef struct {
    const char *name;
    uint32_t name_length, first, last;
} network;

static char text[TEXT_MAX], answer[ANSWER_MAX];
static uint32_t text_length, answer_length;
static network networks[NETWORKS_MAX];

static void add(const char *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length && answer_length < ANSWER_MAX; i++) answer[answer_length++] = bytes[i];
}

static void add_text(const char *words) {
    uint32_t length = 0;
    while (words[length]) length++;
    add(words, length);
}

static int32_t fail(const char *reason) {
    uint32_t length = 0;
    while (reason[length]) length++;
    uint64_t block = alloc(length);
    for (uint32_t i = 0; i < length; i++) store_u8(block + i, (uint8_t)reason[i]);
    error_set(block);
    return 1;
}

// Reads digits up to a limit; -1 when there are none or they are above it.
static int32_t number(const char **at, const char *end, int32_t most) {
    int32_t value = 0;
    const char *begin = *at;
    while (*at < end && **at >= '0' && **at <= '9' && value <= most) value = value * 10 + (*(*at)++ - '0');
    return *at == begin || value > most ? -1 : value;
}

// A.B.C.D/N; 0 when it is none. Bits behind the prefix are let pass: the range is that of the prefix.
static int read_range(const char *at, const char *end, network *into) {
    uint32_t address = 0;
    for (int part = 0; part < 4; part++) {
        int32_t value = number(&at, end, 255);
        if (value < 0 || at == end || *at++ != (part < 3 ? '.' : '/')) return 0;
        address = address << 8 | (uint32_t)value;
    }
    int32_t prefix = number(&at, end, 32);
    if (prefix < 0 || at != end) return 0;
    uint32_t hosts = prefix == 0 ? 0xffffffffu : prefix == 32 ? 0 : 0xffffffffu >> prefix;
    into->first = address & ~hosts;
    into->last = address | hosts;
    return 1;
}

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// One line; 0 when there are too many.
static int take_line(const char *at, const char *end, uint32_t *count) {
    while (at < end && is_blank(*at)) at++;
    while (end > at && is_blank(end[-1])) end--;
    if (at == end) return 1;
    const char *name_end = at;
    while (name_end < end && !is_blank(*name_end)) name_end++;
    const char *range = name_end;
    while (range < end && is_blank(*range)) range++;
    if (*count == NETWORKS_MAX) return 0;
    network *into = &networks[*count];
    if (!read_range(range, end, into)) {
        add_text("'");
        add(at, (uint32_t)(end - at));
        add_text("' is no network: NAME A.B.C.D/N\n");
        return 1;
    }
    into->name = at;
    into->name_length = (uint32_t)(name_end - at);
    (*count)++;
    return 1;
}

EXPORT("on_message") int32_t on_message(void) {
    uint32_t count = 0;
    answer_length = 0;
    uint64_t length = input_length();
    if (length > TEXT_MAX) return fail("The message is longer than 64 KiB.");
    text_length = (uint32_t)length;
    for (uint32_t i = 0; i < text_length; i++) text[i] = (char)input_load_u8(i);
    for (uint32_t begin = 0, i = 0; i <= text_length; i++) {
        if (i < text_length && text[i] != '\n') continue;
        if (!take_line(text + begin, text + i, &count)) return fail("There are more than 512 networks.");
        begin = i + 1;
    }
    for (uint32_t a = 0; a < count; a++)
        for (uint32_t b = a + 1; b < count; b++) {
            if (networks[a].last < networks[b].first || networks[b].last < networks[a].first) continue;
            add(networks[a].name, networks[a].name_length);
            add_text(" overlaps ");
            add(networks[b].name, networks[b].name_length);
            add_text("\n");
        }
    if (answer_length == 0) add_text("ok\n");
    answer_length--;
    uint64_t block = alloc(answer_length);
    for (uint32_t i = 0; i < answer_length; i++) store_u8(block + i, (uint8_t)answer[i]);
    output_set(block, answer_length);
    return 0;
}
