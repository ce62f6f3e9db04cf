// What an ordinary C program does with files, in the folder /data. Ends with the line of the first thing that went wrong.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES 1000
#define CHECK(condition) do { if (!(condition)) { fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #condition, strerror(errno)); exit(1); } } while (0)

static void put(const char *path, const char *mode, const char *text) {
    FILE *file = fopen(path, mode);
    CHECK(file);
    CHECK(fputs(text, file) >= 0);
    CHECK(fclose(file) == 0);
}

static void expect(const char *path, const char *text) {
    char buffer[256] = {0};
    FILE *file = fopen(path, "r");
    CHECK(file);
    fread(buffer, 1, sizeof buffer - 1, file);
    CHECK(strcmp(buffer, text) == 0);
    fclose(file);
}

static void contents(void) {
    struct stat status;
    put("/data/tree/a.txt", "w", "one");
    put("/data/tree/a.txt", "a", " two");
    expect("/data/tree/a.txt", "one two");
    CHECK(stat("/data/tree/a.txt", &status) == 0 && status.st_size == 7 && S_ISREG(status.st_mode));
    int file = open("/data/tree/a.txt", O_RDWR);
    CHECK(file >= 0);
    CHECK(lseek(file, 4, SEEK_SET) == 4 && write(file, "TWO", 3) == 3);
    CHECK(lseek(file, -3, SEEK_END) == 4);
    char buffer[8] = {0};
    CHECK(read(file, buffer, 8) == 3 && memcmp(buffer, "TWO", 3) == 0);
    CHECK(pwrite(file, "XY", 2, 1) == 2 && pread(file, buffer, 3, 0) == 3 && memcmp(buffer, "oXY", 3) == 0);
    CHECK(lseek(file, 0, SEEK_CUR) == 7);
    CHECK(ftruncate(file, 2) == 0 && fstat(file, &status) == 0 && status.st_size == 2);
    CHECK(ftruncate(file, 5) == 0 && pread(file, buffer, 8, 0) == 5 && memcmp(buffer, "oX\0\0\0", 5) == 0);
    CHECK(fsync(file) == 0 && close(file) == 0 && close(file) == -1 && errno == EBADF);
    put("/data/tree/a.txt", "w", "");
    expect("/data/tree/a.txt", "");
    CHECK(open("/data/tree/a.txt", O_CREAT | O_EXCL | O_WRONLY, 0666) == -1 && errno == EEXIST);
    CHECK(open("/data/tree", O_WRONLY) == -1 && errno == EISDIR);
    CHECK(open("/data/tree/a.txt/b", O_RDONLY) == -1 && errno == ENOTDIR);
}

static void names(void) {
    struct stat status;
    CHECK(rename("/data/tree/a.txt", "/data/tree/sub/b.txt") == 0);
    CHECK(access("/data/tree/a.txt", F_OK) == -1 && errno == ENOENT);
    CHECK(symlink("sub/b.txt", "/data/tree/link") == 0);
    put("/data/tree/link", "w", "by link");
    expect("/data/tree/sub/b.txt", "by link");
    CHECK(lstat("/data/tree/link", &status) == 0 && S_ISLNK(status.st_mode));
    CHECK(stat("/data/tree/link", &status) == 0 && S_ISREG(status.st_mode));
    char target[32] = {0};
    CHECK(readlink("/data/tree/link", target, sizeof target) == 9 && strcmp(target, "sub/b.txt") == 0);
    CHECK(link("/data/tree/sub/b.txt", "/data/tree/hard") == 0);
    CHECK(stat("/data/tree/hard", &status) == 0 && status.st_nlink == 2);
    CHECK(rmdir("/data/tree/sub") == -1 && errno == ENOTEMPTY);
    CHECK(unlink("/data/tree/sub") == -1 && (errno == EISDIR || errno == EPERM));
    struct timespec times[2] = {{111, 5}, {222, 7}};
    CHECK(utimensat(AT_FDCWD, "/data/tree/hard", times, 0) == 0);
    CHECK(stat("/data/tree/hard", &status) == 0 && status.st_mtim.tv_sec == 222 && status.st_mtim.tv_nsec == 7);
    CHECK(unlink("/data/tree/hard") == 0 && unlink("/data/tree/link") == 0 && unlink("/data/tree/sub/b.txt") == 0);
    CHECK(rmdir("/data/tree/sub") == 0);
}

static void listing(void) {
    char name[64];
    static char seen[ENTRIES];
    CHECK(mkdir("/data/tree/many", 0777) == 0);
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(name, sizeof name, "/data/tree/many/an-entry-with-a-rather-long-name-%d", i);
        put(name, "w", "x");
    }
    DIR *folder = opendir("/data/tree/many");
    CHECK(folder);
    int count = 0;
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        int number;
        if (sscanf(entry->d_name, "an-entry-with-a-rather-long-name-%d", &number) != 1) continue;
        CHECK(entry->d_type == DT_REG && !seen[number]);
        seen[number] = 1;
        count++;
        snprintf(name, sizeof name, "/data/tree/many/an-entry-with-a-rather-long-name-%d", number);
        CHECK(unlink(name) == 0);
    }
    CHECK(count == ENTRIES);
    closedir(folder);
    CHECK(rmdir("/data/tree/many") == 0);
}

int main(void) {
    CHECK(mkdir("/data/tree", 0777) == 0 && mkdir("/data/tree/sub", 0777) == 0);
    CHECK(mkdir("/data/tree", 0777) == -1 && errno == EEXIST);
    contents();
    names();
    listing();
    CHECK(rmdir("/data/tree") == 0);
    printf("all is well\n");
    return 0;
}
