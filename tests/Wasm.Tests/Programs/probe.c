// Calls WASI functions directly, without what the C library does to paths before. The arguments are commands, each a word with its
// operands after it; each prints a line: the command, the error number, and what it gave. Paths are below descriptor 3, or the one
// that "at" named last.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

static char **next;
static int at = 3;
static char bytes[70000];

static char *word(void) { return *next ? *next++ : (exit(99), NULL); }
static long long number(void) { return strtoll(word(), NULL, 0); }

static void say(const char *command, int error) { printf("%s %d\n", command, error); }
static void sayn(const char *command, int error, unsigned long long value) {
    if (error) say(command, error);
    else printf("%s 0 %llu\n", command, value);
}

static int open_path(const char *path, int lookup, int oflags, unsigned long long rights, int flags, __wasi_fd_t *fd) {
    return __wasi_path_open(at, lookup, path, oflags, rights, rights, flags, fd);
}

static void list(const char *path) {
    __wasi_fd_t fd;
    int error = open_path(path, 1, __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR, 0, &fd);
    if (error) { say("ls", error); return; }
    printf("ls 0");
    __wasi_dircookie_t cookie = 0;
    static uint8_t buffer[300];
    for (;;) {
        __wasi_size_t used;
        if ((error = __wasi_fd_readdir(fd, buffer, sizeof buffer, cookie, &used))) { printf(" error %d", error); break; }
        __wasi_size_t offset = 0;
        int whole = 0;
        while (offset + sizeof(__wasi_dirent_t) <= used) {
            __wasi_dirent_t entry;
            memcpy(&entry, buffer + offset, sizeof entry);
            if (offset + sizeof entry + entry.d_namlen > used) break;
            printf(" %.*s", (int)entry.d_namlen, (char *)buffer + offset + sizeof entry);
            cookie = entry.d_next;
            offset += sizeof entry + entry.d_namlen;
            whole = 1;
        }
        if (used < sizeof buffer || !whole) break;
    }
    printf("\n");
    (void)!__wasi_fd_close(fd);
}

static void descriptors(const char *command) {
    __wasi_fd_t fd = (__wasi_fd_t)number();
    __wasi_size_t count = 0;
    __wasi_filesize_t position = 0;
    if (!strcmp(command, "read") || !strcmp(command, "pread")) {
        long long length = number();
        __wasi_iovec_t vectors[2] = {{(uint8_t *)bytes, length / 2}, {(uint8_t *)bytes + length / 2, length - length / 2}};
        int error = command[0] == 'p' ? __wasi_fd_pread(fd, vectors, 2, number(), &count) : __wasi_fd_read(fd, vectors, 2, &count);
        if (error) say(command, error);
        else printf("%s 0 %.*s\n", command, (int)count, bytes);
    } else if (!strcmp(command, "write") || !strcmp(command, "pwrite")) {
        char *text = word();
        size_t length = strlen(text);
        __wasi_ciovec_t vectors[2] = {{(uint8_t *)text, length / 2}, {(uint8_t *)text + length / 2, length - length / 2}};
        int error = command[0] == 'p' ? __wasi_fd_pwrite(fd, vectors, 2, number(), &count) : __wasi_fd_write(fd, vectors, 2, &count);
        sayn(command, error, count);
    } else if (!strcmp(command, "seek")) {
        long long offset = number();
        sayn(command, __wasi_fd_seek(fd, offset, number(), &position), position);
    } else if (!strcmp(command, "tell")) sayn(command, __wasi_fd_tell(fd, &position), position);
    else if (!strcmp(command, "close")) say(command, __wasi_fd_close(fd));
    else if (!strcmp(command, "renumber")) say(command, __wasi_fd_renumber(fd, number()));
    else if (!strcmp(command, "setsize")) say(command, __wasi_fd_filestat_set_size(fd, number()));
    else if (!strcmp(command, "allocate")) { long long from = number(); say(command, __wasi_fd_allocate(fd, from, number())); }
    else if (!strcmp(command, "advise")) say(command, __wasi_fd_advise(fd, 0, 10, number()));
    else if (!strcmp(command, "sync")) say(command, __wasi_fd_sync(fd));
    else if (!strcmp(command, "datasync")) say(command, __wasi_fd_datasync(fd));
    else if (!strcmp(command, "setflags")) say(command, __wasi_fd_fdstat_set_flags(fd, number()));
    else if (!strcmp(command, "setrights")) { long long base = number(); say(command, __wasi_fd_fdstat_set_rights(fd, base, number())); }
    else if (!strcmp(command, "rights")) {
        __wasi_fdstat_t status;
        int error = __wasi_fd_fdstat_get(fd, &status);
        if (error) say(command, error);
        else printf("rights 0 type=%d flags=%d base=%llx inheriting=%llx\n", status.fs_filetype, status.fs_flags,
            status.fs_rights_base, status.fs_rights_inheriting);
    } else if (!strcmp(command, "fstat")) {
        __wasi_filestat_t status;
        int error = __wasi_fd_filestat_get(fd, &status);
        if (error) say(command, error);
        else printf("fstat 0 type=%d size=%llu\n", status.filetype, status.size);
    } else if (!strcmp(command, "at")) at = fd;
    else if (!strcmp(command, "shutdown")) say(command, __wasi_sock_shutdown(fd, 0));
    else exit(98);
}

static int paths(const char *command) {
    __wasi_fd_t fd;
    if (!strcmp(command, "open")) {
        char *path = word();
        int lookup = (int)number(), oflags = (int)number();
        unsigned long long rights = strtoull(word(), NULL, 0);
        int error = open_path(path, lookup, oflags, rights, number(), &fd);
        sayn(command, error, fd);
    } else if (!strcmp(command, "mkdir")) say(command, __wasi_path_create_directory(at, word()));
    else if (!strcmp(command, "rmdir")) say(command, __wasi_path_remove_directory(at, word()));
    else if (!strcmp(command, "unlink")) say(command, __wasi_path_unlink_file(at, word()));
    else if (!strcmp(command, "rename")) { char *from = word(); say(command, __wasi_path_rename(at, from, at, word())); }
    else if (!strcmp(command, "link")) { char *from = word(); say(command, __wasi_path_link(at, 0, from, at, word())); }
    else if (!strcmp(command, "linkfollow")) { char *from = word(); say(command, __wasi_path_link(at, 1, from, at, word())); }
    else if (!strcmp(command, "symlink")) { char *target = word(); say(command, __wasi_path_symlink(target, at, word())); }
    else if (!strcmp(command, "readlink")) {
        __wasi_size_t used = 0;
        int error = __wasi_path_readlink(at, word(), (uint8_t *)bytes, 100, &used);
        if (error) say(command, error);
        else printf("readlink 0 %.*s\n", (int)used, bytes);
    } else if (!strcmp(command, "stat") || !strcmp(command, "lstat")) {
        __wasi_filestat_t status;
        int error = __wasi_path_filestat_get(at, command[0] == 's', word(), &status);
        if (error) say(command, error);
        else printf("%s 0 type=%d size=%llu\n", command, status.filetype, status.size);
    } else if (!strcmp(command, "times")) { char *path = word(); say(command, __wasi_path_filestat_set_times(at, 1, path, 1000000000, 2000000000, number())); }
    else if (!strcmp(command, "ls")) list(word());
    else return 0;
    return 1;
}

static int others(const char *command) {
    __wasi_fd_t fd;
    if (!strcmp(command, "exhaust")) {
        char *path = word();
        int count = 0, error;
        while (!(error = open_path(path, 0, 0, __WASI_RIGHTS_FD_READ, 0, &fd))) count++;
        printf("exhaust %d %d\n", error, count);
    } else if (!strcmp(command, "poll")) {
        // Waits for standard input and for a clock of so many milliseconds, whichever is first.
        __wasi_subscription_t subscriptions[2] = {0};
        subscriptions[0].userdata = 7;
        subscriptions[0].u.tag = __WASI_EVENTTYPE_FD_READ;
        subscriptions[0].u.u.fd_read.file_descriptor = 0;
        subscriptions[1].userdata = 8;
        subscriptions[1].u.tag = __WASI_EVENTTYPE_CLOCK;
        subscriptions[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
        subscriptions[1].u.u.clock.timeout = number() * 1000000;
        __wasi_event_t events[2];
        __wasi_size_t count = 0;
        int error = __wasi_poll_oneoff(subscriptions, events, 2, &count);
        printf("poll %d", error);
        for (unsigned i = 0; i < count; i++)
            printf(" %llu:%d:%d:%llu:%d", events[i].userdata, events[i].error, events[i].type, events[i].fd_readwrite.nbytes,
                events[i].fd_readwrite.flags);
        printf("\n");
    } else if (!strcmp(command, "random")) say(command, __wasi_random_get((uint8_t *)bytes, 8));
    else if (!strcmp(command, "time")) { __wasi_timestamp_t time; int clock = number(); int error = __wasi_clock_time_get(clock, 1, &time); sayn(command, error, time); }
    else if (!strcmp(command, "exit")) __wasi_proc_exit(number());
    else return 0;
    return 1;
}

int main(int argc, char **argv) {
    (void)argc;
    next = argv + 1;
    while (*next) {
        const char *command = word();
        if (!paths(command) && !others(command)) descriptors(command);
        fflush(stdout);
    }
    return 0;
}
