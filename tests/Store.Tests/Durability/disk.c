/* A disk that forgets, for LD_PRELOAD. Below the folder SIRSI_DISK it remembers which bytes were written since they were last synced, and
 * copies them into the folder SIRSI_DISK_SYNCED when they are: that folder always holds what would be there after a loss of power.
 * A file counts as being there once its directory was synced after it was made (SIRSI_DISK_SYNCED/NAME.there).
 * While the file SIRSI_DISK/.full exists, writes fail with ENOSPC; while .broken does, syncs fail with EIO; while .lying does, syncs do nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 4096
#define RANGES 256

struct dirty { int count; int all; struct { off_t from, to; } range[RANGES]; };

static struct dirty dirty[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char disk[512], synced[512];

static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_close)(int);

__attribute__((constructor)) static void start(void)
{
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_close = dlsym(RTLD_NEXT, "close");
    const char *at = getenv("SIRSI_DISK"), *copy = getenv("SIRSI_DISK_SYNCED");
    if (at && copy) { snprintf(disk, sizeof disk, "%s", at); snprintf(synced, sizeof synced, "%s", copy); }
}

static int flag(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", disk, name);
    return access(path, F_OK) == 0;
}

/* The file's name below the folder, "" for the folder itself, NULL for any other file. */
static const char *ours(int fd, char *path, size_t size)
{
    char link[64];
    ssize_t length;
    int saved = errno;
    if (!disk[0] || fd < 0 || fd >= FILES) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, size - 1);
    errno = saved;
    if (length < 0) return NULL;
    path[length] = 0;
    size_t prefix = strlen(disk);
    if (strncmp(path, disk, prefix) != 0) return NULL;
    if (path[prefix] == 0) return "";
    return path[prefix] == '/' && !strstr(path, "-shm") ? path + prefix + 1 : NULL;
}

static void mark(int fd, off_t from, off_t to)
{
    struct dirty *d = &dirty[fd];
    pthread_mutex_lock(&lock);
    if (d->count > 0 && d->range[d->count - 1].to == from) d->range[d->count - 1].to = to;
    else if (d->count < RANGES) { d->range[d->count].from = from; d->range[d->count++].to = to; }
    else d->all = 1;
    pthread_mutex_unlock(&lock);
}

static void copy(int from, int to, off_t at, off_t end)
{
    char buffer[1 << 16];
    while (at < end) {
        size_t wanted = end - at < (off_t)sizeof buffer ? (size_t)(end - at) : sizeof buffer;
        ssize_t read = pread(from, buffer, wanted, at);
        if (read <= 0) return;
        if (real_pwrite(to, buffer, read, at) != read) abort();
        at += read;
    }
}

static int sync_file(int fd, const char *name, int (*real)(int))
{
    char path[1200];
    struct stat is;
    if (flag(".broken")) { errno = EIO; return -1; }
    if (flag(".lying")) return 0;
    /* A sync takes its time, and a process may die meanwhile: what it was to sync is lost then. */
    usleep(1500);
    if (name[0] == 0) {
        DIR *folder = opendir(disk);
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s.there", synced, entry->d_name);
            int there = open(path, O_CREAT | O_WRONLY, 0600);
            if (there >= 0) real_close(there);
        }
        if (folder) closedir(folder);
        return real(fd);
    }
    snprintf(path, sizeof path, "%s/%s", synced, name);
    /* Opened anew to read: the descriptor may be for writing only. */
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    pthread_mutex_lock(&lock);
    int to = open(path, O_CREAT | O_RDWR, 0600), from = open(self, O_RDONLY);
    if (to < 0 || from < 0 || fstat(from, &is) != 0) abort();
    struct stat copied;
    fstat(to, &copied);
    /* What another descriptor wrote to the same file is synced by this one too. */
    for (int other = 0; other < FILES; other++) {
        struct dirty *d = &dirty[other];
        char p[1024];
        const char *n = d->count || d->all ? ours(other, p, sizeof p) : NULL;
        if (!n || strcmp(n, name) != 0) continue;
        if (d->all) copy(from, to, 0, is.st_size);
        else for (int i = 0; i < d->count; i++) copy(from, to, d->range[i].from, d->range[i].to);
        d->count = d->all = 0;
    }
    real_ftruncate(to, is.st_size);
    real_close(to);
    real_close(from);
    pthread_mutex_unlock(&lock);
    return real(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    char path[1024];
    if (!ours(fd, path, sizeof path)) return real_pwrite(fd, bytes, count, at);
    if (flag(".full")) { errno = ENOSPC; return -1; }
    ssize_t written = real_pwrite(fd, bytes, count, at);
    if (written > 0) mark(fd, at, at + written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

ssize_t write(int fd, const void *bytes, size_t count)
{
    char path[1024];
    if (!ours(fd, path, sizeof path)) return real_write(fd, bytes, count);
    if (flag(".full")) { errno = ENOSPC; return -1; }
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t written = real_write(fd, bytes, count);
    if (written > 0) mark(fd, at, at + written);
    return written;
}

int fsync(int fd)
{
    char path[1024];
    const char *name = ours(fd, path, sizeof path);
    return name ? sync_file(fd, name, real_fsync) : real_fsync(fd);
}

int fdatasync(int fd)
{
    char path[1024];
    const char *name = ours(fd, path, sizeof path);
    return name ? sync_file(fd, name, real_fdatasync) : real_fdatasync(fd);
}

int close(int fd)
{
    char path[1024];
    if (ours(fd, path, sizeof path)) {
        pthread_mutex_lock(&lock);
        dirty[fd].count = dirty[fd].all = 0;
        pthread_mutex_unlock(&lock);
    }
    return real_close(fd);
}
