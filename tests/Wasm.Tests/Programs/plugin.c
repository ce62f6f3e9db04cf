// A plug-in of the Extism ABI, well and ill behaved. Needs no C library.
typedef unsigned char u8;
typedef unsigned long long u64;

#define ENV(name) __attribute__((import_module("extism:host/env"), import_name(#name))) extern
#define EXPORT(name) __attribute__((export_name(#name))) int name(void)

ENV(alloc) u64 alloc(u64 length);
ENV(free) void release(u64 offset);
ENV(length) u64 length_of(u64 offset);
ENV(length_unsafe) u64 length_unsafe(u64 offset);
ENV(load_u8) int load_u8(u64 offset);
ENV(load_u64) u64 load_u64(u64 offset);
ENV(store_u8) void store_u8(u64 offset, int value);
ENV(store_u64) void store_u64(u64 offset, u64 value);
ENV(input_length) u64 input_length(void);
ENV(input_offset) u64 input_offset(void);
ENV(input_load_u8) int input_load_u8(u64 at);
ENV(input_load_u64) u64 input_load_u64(u64 at);
ENV(output_set) void output_set(u64 offset, u64 length);
ENV(error_set) void error_set(u64 offset);
ENV(error_get) u64 error_get(void);
ENV(reset) void reset(void);
ENV(config_get) u64 config_get(u64 key);
ENV(var_get) u64 var_get(u64 key);
ENV(var_set) void var_set(u64 key, u64 value);
ENV(log_info) void log_info(u64 text);
ENV(log_trace) void log_trace(u64 text);
ENV(get_log_level) int get_log_level(void);
ENV(http_request) u64 http_request(u64 request, u64 body);
ENV(http_status_code) int http_status_code(void);
ENV(http_headers) u64 http_headers(void);

static int initialized;

__attribute__((export_name("_initialize"))) void initialize(void) { initialized++; }

static u64 text(const char *characters) {
    u64 count = 0;
    while (characters[count]) count++;
    u64 block = alloc(count);
    for (u64 i = 0; i < count; i++) store_u8(block + i, characters[i]);
    return block;
}

static int give(u64 block) {
    output_set(block, length_of(block));
    return 0;
}

static int number(u64 value) {
    u64 block = alloc(8);
    store_u64(block, value);
    return give(block);
}

static u64 copy_input(void) {
    u64 count = input_length(), block = alloc(count), i = 0;
    for (; i + 8 <= count; i += 8) store_u64(block + i, input_load_u64(i));
    for (; i < count; i++) store_u8(block + i, input_load_u8(i));
    return block;
}

EXPORT(echo) { return give(copy_input()); }
EXPORT(input_in_place) { output_set(input_offset(), input_length()); return 0; }
EXPORT(initializations) { return number(initialized); }
EXPORT(code) { return 42; }
EXPORT(silent_error) { error_set(text("said, and gave no code")); return 0; }
EXPORT(unsaid_error) { error_set(text("said and taken back")); error_set(0); return error_get() != 0; }
EXPORT(trap) { error_set(text("said before the trap")); __builtin_trap(); }
EXPORT(spin) { for (volatile int i = 0;; i++) {} return 0; }
EXPORT(level) { return number(get_log_level()); }

// Allocates until there is no more, and tells how often that went well.
static int fill(u64 size) {
    u64 count = 0, last = 0, block;
    while ((block = alloc(size))) { last = block; count++; }
    release(last);
    return number(count);
}

EXPORT(exhaust) { return fill(1 << 20); }
EXPORT(exhaust_small) { return fill(1000); }
EXPORT(exhaust_blocks) { return fill(1); }
EXPORT(churn) { for (int i = 0; i < 300000; i++) { u64 block = alloc(100 + i % 50); if (!block) return 1; release(block); } return 0; }
EXPORT(giant) { return alloc(~0ull) != 0 || alloc(1ull << 63) != 0 || alloc(1ull << 40) != 0 || alloc(0xffffffff) != 0 || alloc(0) != 0; }

EXPORT(double_free) {
    u64 block = alloc(10);
    release(block);
    release(block);
    release(block + 1);
    release(0);
    release(~0ull);
    u64 first = alloc(10), second = alloc(10);
    return first == second || !first || !second;
}

EXPORT(wild_offsets) {
    u64 wild[] = {0, 1, 15, 1ull << 20, 1ull << 32, 1ull << 63, ~0ull, ~7ull}, sum = 0;
    for (int i = 0; i < 8; i++) {
        store_u8(wild[i], 255);
        store_u64(wild[i], ~0ull);
        sum |= load_u8(wild[i]) | load_u64(wild[i]) | length_of(wild[i]) | length_unsafe(wild[i]);
        sum |= input_load_u8(wild[i] | (1ull << 20)) | input_load_u64(wild[i] | (1ull << 20));
    }
    u64 block = alloc(64);
    sum |= length_of(block + 16) | length_of(block - 8);
    return sum != 0;
}

EXPORT(wild_output) { output_set(1ull << 40, 100); return 0; }
EXPORT(huge_output) { output_set(alloc(10), ~0ull); return 0; }
EXPORT(wild_error) { error_set(12345678); return 0; }
EXPORT(wild_key) { return (int)config_get(77); }
EXPORT(wild_log) { log_info(1ull << 50); return 0; }
EXPORT(wild_variable) { var_set(text("key"), 4); return 0; }
EXPORT(reset_all) { u64 block = copy_input(); reset(); return length_of(block) != 0 || input_length() != 0 || load_u8(block) != 0; }

EXPORT(remember) { var_set(text("key"), copy_input()); return 0; }
EXPORT(recall) { return give(var_get(text("key"))); }
EXPORT(forget) { var_set(text("key"), 0); return 0; }

EXPORT(chatter) {
    u64 block = alloc(100000);
    for (int i = 0; i < 100000; i++) store_u8(block + i, 'x');
    log_info(block);
    log_trace(text("unheard"));
    return 0;
}

// Sends the request that its input is; gives status, headers and answer, a line each.
EXPORT(fetch) {
    u64 answer = http_request(copy_input(), text("the body")), headers = http_headers(), count = 0;
    u64 block = alloc(8 + length_of(headers) + length_of(answer));
    int status = http_status_code();
    store_u8(block + count++, '0' + status / 100);
    store_u8(block + count++, '0' + status / 10 % 10);
    store_u8(block + count++, '0' + status % 10);
    store_u8(block + count++, '\n');
    for (u64 i = 0; i < length_of(headers); i++) store_u8(block + count++, load_u8(headers + i));
    store_u8(block + count++, '\n');
    for (u64 i = 0; i < length_of(answer); i++) store_u8(block + count++, load_u8(answer + i));
    output_set(block, count);
    return 0;
}
