/*
 * Loaded before libc into a process under test: writes down, in order, every change the process makes to the files
 * below one directory and every sync, so that a test can rebuild what a power cut at any moment might have left.
 * It also makes the disk "full" or "broken" while a flag file says so.
 *
 *   KESHI_RECORD_DIR    the directory to watch
 *   KESHI_RECORD_TRACE  the file to write the trace to
 *   KESHI_RECORD_FLAGS  prefix of the flag files: PREFIX.full fails writes (ENOSPC), PREFIX.broken fails syncs (EIO)
 *   KESHI_RECORD_EIO    number of the one read of a watched file that fails (EIO), counted from 1
 *   KESHI_RECORD_FAULT  number of the call that is to fail among those that change or sync something below the directory,
 *                       counted from 1; which one it was is written to PREFIX.fired, how many there were to PREFIX.count
 *   KESHI_RECORD_ERRNO  what it fails with, as a number; 0: the process is killed before it
 *   KESHI_RECORD_STAYS  if set, every such call after it fails, too, and a write that is the first to fail is cut short
 *                       instead, as on a disk that fills up
 *
 * One lock is held over each call and its record, so the trace is one true order of events. A record is
 *   u32 operation, u32 path length, u32 second path length, u32 flag, u64 inode, u64 offset, u64 data length
 * in the machine's byte order, followed by the path or paths and the data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { OP_OPEN = 1, OP_WRITE, OP_TRUNCATE, OP_RENAME, OP_UNLINK, OP_MKDIR, OP_FSYNC, OP_FDATASYNC, OP_RANGE };

struct record {
    uint32_t operation, path_length, second_length, flag;
    uint64_t inode, offset, data_length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int trace = -1;
static const char *watched, *flags;
static size_t watched_length;

static long reads, failing_read;
static long changes, failing_change;
static int fault_errno, fault_stays;
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_sync_file_range)(int, off_t, off_t, unsigned);
static int (*real_unlinkat)(int, const char *, int);
static ssize_t (*real_copy_file_range)(int, off_t *, int, off_t *, size_t, unsigned);

static void begin(void)
{
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_read = dlsym(RTLD_NEXT, "read");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_sync_file_range = dlsym(RTLD_NEXT, "sync_file_range");
    real_unlinkat = dlsym(RTLD_NEXT, "unlinkat");
    real_copy_file_range = dlsym(RTLD_NEXT, "copy_file_range");
    watched = getenv("KESHI_RECORD_DIR");
    flags = getenv("KESHI_RECORD_FLAGS");
    const char *path = getenv("KESHI_RECORD_TRACE");
    if (getenv("KESHI_RECORD_EIO"))
        failing_read = atol(getenv("KESHI_RECORD_EIO"));
    if (getenv("KESHI_RECORD_FAULT"))
        failing_change = atol(getenv("KESHI_RECORD_FAULT"));
    if (getenv("KESHI_RECORD_ERRNO"))
        fault_errno = atoi(getenv("KESHI_RECORD_ERRNO"));
    fault_stays = getenv("KESHI_RECORD_STAYS") != NULL;
    if (watched)
        watched_length = strlen(watched);
    if (watched && path)
        trace = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void enter(void)
{
    pthread_once(&once, begin);
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
}

static int inside(const char *path)
{
    return watched && strncmp(path, watched, watched_length) == 0;
}

/* The path of an open file, if it is a watched one. */
static int path_of(int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return fd != trace && inside(path);
}

static int flagged(const char *suffix)
{
    char path[4096];
    if (!flags)
        return 0;
    snprintf(path, sizeof path, "%s.%s", flags, suffix);
    return access(path, F_OK) == 0;
}

static void put(const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t done = real_write(trace, at, length);
        if (done <= 0)
            abort();
        at += done;
        length -= done;
    }
}

static void note(uint32_t operation, const char *path, const char *second, uint32_t flag, uint64_t inode,
                 uint64_t offset, const void *data, uint64_t data_length)
{
    int saved = errno;
    if (trace >= 0) {
        struct record record = {operation, strlen(path), second ? strlen(second) : 0, flag, inode, offset, data_length};
        put(&record, sizeof record);
        put(path, record.path_length);
        put(second ? second : "", record.second_length);
        if (data)
            put(data, data_length);
    }
    errno = saved;
}

/* Whether this call, which would change or sync a watched file, fails. Under the lock. */
static int fault(const char *call, const char *path)
{
    char fired[4096], line[8192];
    if (failing_change == 0 || ++changes < failing_change || (changes > failing_change && !fault_stays))
        return 0;
    if (changes == failing_change && flags) {
        snprintf(fired, sizeof fired, "%s.fired", flags);
        int length = snprintf(line, sizeof line, "%s %s", call, path);
        int fd = real_openat(AT_FDCWD, fired, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0 || real_write(fd, line, length) != length)
            abort();
        close(fd);
    }
    if (fault_errno == 0)
        raise(SIGKILL);
    errno = fault_errno;
    return 1;
}

__attribute__((destructor)) static void end(void)
{
    char path[4096], line[32];
    if (failing_change == 0 || !flags)
        return;
    snprintf(path, sizeof path, "%s.count", flags);
    int length = snprintf(line, sizeof line, "%ld", changes);
    int fd = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || real_write(fd, line, length) != length)
        abort();
    close(fd);
}

static uint64_t inode_of(int fd)
{
    struct stat stat;
    return fstat(fd, &stat) == 0 ? stat.st_ino : 0;
}

static int open_any(int dir, const char *path, int how, mode_t mode)
{
    enter();
    int watch = dir == AT_FDCWD && inside(path);
    int existed = watch && access(path, F_OK) == 0;
    int fd = watch && !existed && (how & O_CREAT) && fault("open", path) ? -1 : real_openat(dir, path, how, mode);
    if (watch && fd >= 0)
        note(OP_OPEN, path, NULL, (existed ? 0 : 1) | (how & O_TRUNC ? 2 : 0), inode_of(fd), 0, NULL, 0);
    leave();
    return fd;
}

#define OPEN(name, parameters, dir)                      \
    int name parameters                                  \
    {                                                    \
        mode_t mode = 0;                                 \
        if (how & (O_CREAT | __O_TMPFILE)) {             \
            va_list rest;                                \
            va_start(rest, how);                         \
            mode = va_arg(rest, mode_t);                 \
            va_end(rest);                                \
        }                                                \
        return open_any(dir, path, how, mode);           \
    }

OPEN(open, (const char *path, int how, ...), AT_FDCWD)
OPEN(open64, (const char *path, int how, ...), AT_FDCWD)
OPEN(openat, (int dir, const char *path, int how, ...), dir)
OPEN(openat64, (int dir, const char *path, int how, ...), dir)

static ssize_t write_any(int fd, const void *data, size_t length, int positioned, off_t offset)
{
    char path[4096];
    enter();
    int watch = path_of(fd, path, sizeof path);
    ssize_t done = -1;
    int fails = watch && fault("write", path);
    if (fails && fault_stays && changes == failing_change) {
        /* Whole sectors, as a disk has them. */
        off_t from = positioned ? offset : lseek(fd, 0, SEEK_CUR);
        off_t to = (from + (off_t)length / 2) / 512 * 512;
        if (to > from)
            fails = 0, length = to - from;
    }
    if (watch && flagged("full")) {
        errno = ENOSPC;
    } else if (!fails) {
        if (watch && !positioned)
            offset = lseek(fd, 0, SEEK_CUR);
        done = positioned ? real_pwrite(fd, data, length, offset) : real_write(fd, data, length);
        if (watch && done > 0)
            note(OP_WRITE, path, NULL, 0, inode_of(fd), offset, data, done);
    }
    leave();
    return done;
}

ssize_t write(int fd, const void *data, size_t length) { return write_any(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return write_any(fd, data, length, 1, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) { return write_any(fd, data, length, 1, at); }

/* Whether this read is the one that fails. */
static int read_fails(int fd)
{
    char path[4096];
    enter();
    int fails = failing_read > 0 && path_of(fd, path, sizeof path) && ++reads == failing_read;
    leave();
    return fails;
}

static ssize_t read_any(int fd, void *data, size_t length, int positioned, off_t offset)
{
    if (read_fails(fd)) {
        errno = EIO;
        return -1;
    }
    return positioned ? real_pread(fd, data, length, offset) : real_read(fd, data, length);
}

ssize_t read(int fd, void *data, size_t length) { return read_any(fd, data, length, 0, 0); }
ssize_t pread(int fd, void *data, size_t length, off_t at) { return read_any(fd, data, length, 1, at); }
ssize_t pread64(int fd, void *data, size_t length, off_t at) { return read_any(fd, data, length, 1, at); }

static int truncate_any(int fd, off_t length)
{
    char path[4096];
    enter();
    int watch = path_of(fd, path, sizeof path);
    int result = watch && fault("ftruncate", path) ? -1 : real_ftruncate(fd, length);
    if (watch && result == 0)
        note(OP_TRUNCATE, path, NULL, 0, inode_of(fd), length, NULL, 0);
    leave();
    return result;
}

int ftruncate(int fd, off_t length) { return truncate_any(fd, length); }
int ftruncate64(int fd, off_t length) { return truncate_any(fd, length); }

int rename(const char *from, const char *to)
{
    enter();
    int result = inside(to) && fault("rename", to) ? -1 : real_rename(from, to);
    if (inside(from) && result == 0)
        note(OP_RENAME, from, to, 0, 0, 0, NULL, 0);
    leave();
    return result;
}

int unlink(const char *path)
{
    enter();
    int result = inside(path) && fault("unlink", path) ? -1 : real_unlink(path);
    if (inside(path) && result == 0)
        note(OP_UNLINK, path, NULL, 0, 0, 0, NULL, 0);
    leave();
    return result;
}

/* As a directory is removed with all that is in it. Not noted: what is removed so is read by nothing. */
int unlinkat(int dir, const char *path, int how)
{
    char above[4096];
    enter();
    int watch = dir == AT_FDCWD ? inside(path) : path_of(dir, above, sizeof above);
    int result = watch && fault("unlinkat", path) ? -1 : real_unlinkat(dir, path, how);
    leave();
    return result;
}

/* Between the places where both files stand, as Rust's library copies. Noted as a write of what was copied. */
ssize_t copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t length, unsigned how)
{
    char path[4096];
    enter();
    int watch = path_of(to, path, sizeof path);
    off_t source = lseek(from, 0, SEEK_CUR), target = lseek(to, 0, SEEK_CUR);
    if (watch && (from_at || to_at))
        abort();
    int fails = watch && fault("copy_file_range", path);
    ssize_t done = fails ? -1 : real_copy_file_range(from, from_at, to, to_at, length, how);
    if (watch && done > 0 && trace >= 0) {
        char *data = malloc(done);
        if (!data || real_pread(from, data, done, source) != done)
            abort();
        note(OP_WRITE, path, NULL, 0, inode_of(to), target, data, done);
        free(data);
    }
    leave();
    return done;
}

int mkdir(const char *path, mode_t mode)
{
    enter();
    int result = inside(path) && fault("mkdir", path) ? -1 : real_mkdir(path, mode);
    if (inside(path) && result == 0)
        note(OP_MKDIR, path, NULL, 0, 0, 0, NULL, 0);
    leave();
    return result;
}

static int sync_any(int fd, uint32_t operation, int (*real)(int))
{
    char path[4096];
    int watch = path_of(fd, path, sizeof path);
    int result = -1;
    if (watch && flagged("broken")) {
        errno = EIO;
    } else if (!watch || !fault("sync", path)) {
        result = real(fd);
        if (watch && result == 0)
            note(operation, path, NULL, 0, inode_of(fd), 0, NULL, 0);
    }
    return result;
}

int fsync(int fd)
{
    enter();
    int result = sync_any(fd, OP_FSYNC, real_fsync);
    leave();
    return result;
}

int fdatasync(int fd)
{
    enter();
    int result = sync_any(fd, OP_FDATASYNC, real_fdatasync);
    leave();
    return result;
}

int sync_file_range(int fd, off_t offset, off_t length, unsigned how)
{
    char path[4096];
    enter();
    int watch = path_of(fd, path, sizeof path);
    int result = watch && fault("sync_file_range", path) ? -1 : real_sync_file_range(fd, offset, length, how);
    if (watch && result == 0)
        note(OP_RANGE, path, NULL, 0, inode_of(fd), offset, NULL, length);
    leave();
    return result;
}
