/* Lets one of a process's file system calls fail, of those on files below one folder.

   Preloaded (LD_PRELOAD): what the process, and SQLite within it, asks of the C library comes here
   first. `calls_begin` says which call is to fail and how; until then, and after `calls_end`, all
   goes on to the library. Sockets, pipes and files elsewhere are never counted. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 4096, MOST_CALLS = 100000 };

/* How a call fails: the disk does, it is full, it is not allowed, or less is done than was asked. */
enum { BROKEN, FULL, REFUSED, CUT_SHORT };

static char folder[4096];
static int counting;
static long calls, number;
static int how, lasts;
static const char *names[MOST_CALLS];
static unsigned char ours[MOST_FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void calls_begin(const char *below, long the_number, int the_way, int for_good) {
    pthread_mutex_lock(&lock);
    strncpy(folder, below, sizeof folder - 1);
    calls = 0, number = the_number, how = the_way, lasts = for_good, counting = 1;
    pthread_mutex_unlock(&lock);
}

long calls_end(void) {
    pthread_mutex_lock(&lock);
    counting = 0;
    pthread_mutex_unlock(&lock);
    return calls;
}

const char *calls_name(long index) {
    return index > 0 && index <= calls && index <= MOST_CALLS ? names[index - 1] : "";
}

static int is_below(const char *path) {
    /* Relative ones are taken from the folder itself, where the process is. */
    return path[0] != '/' || (folder[0] && strncmp(path, folder, strlen(folder)) == 0);
}

static int is_ours(int file) { return file >= 0 && file < MOST_FILES && ours[file]; }

/* Count a call; whether it is one that is to fail. */
static int fails_now(const char *name) {
    int found = 0;
    pthread_mutex_lock(&lock);
    if (counting) {
        if (calls < MOST_CALLS) names[calls] = name;
        calls++;
        found = number && (calls == number || (lasts && calls > number));
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static int fail(int full, int refused, int cut_short) {
    int errors[] = {EIO, full, refused, cut_short};
    errno = errors[how];
    return -1;
}

#define REAL(type, name, ...)                                                                      \
    static type (*real)(__VA_ARGS__);                                                              \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static int opened(int file) {
    if (file >= 0 && file < MOST_FILES) ours[file] = 1;
    return file;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        REAL(int, name, const char *, int, ...);                                                   \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        int mode = flags & O_CREAT ? va_arg(more, int) : 0;                                        \
        va_end(more);                                                                              \
        if (!is_below(path)) return real(path, flags, mode);                                       \
        if (fails_now("open")) return fail(flags & O_CREAT ? ENOSPC : EMFILE, EACCES, EINTR);      \
        return opened(real(path, flags, mode));                                                    \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                               \
    int name(int at, const char *path, int flags, ...) {                                           \
        REAL(int, name, int, const char *, int, ...);                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        int mode = flags & O_CREAT ? va_arg(more, int) : 0;                                        \
        va_end(more);                                                                              \
        if (!is_below(path)) return real(at, path, flags, mode);                                   \
        if (fails_now("open")) return fail(flags & O_CREAT ? ENOSPC : EMFILE, EACCES, EINTR);      \
        return opened(real(at, path, flags, mode));                                                \
    }
OPENAT(openat)
OPENAT(openat64)

/* Cut short: half of what was asked, as after a signal. */
ssize_t read(int file, void *to, size_t size) {
    REAL(ssize_t, read, int, void *, size_t);
    if (is_ours(file) && fails_now("read")) {
        if (how == CUT_SHORT && size > 1) return real(file, to, size / 2);
        return fail(EIO, EIO, EINTR);
    }
    return real(file, to, size);
}

ssize_t write(int file, const void *from, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (is_ours(file) && fails_now("write")) {
        if (how == CUT_SHORT && size > 1) return real(file, from, size / 2);
        return fail(ENOSPC, EPERM, EINTR);
    }
    return real(file, from, size);
}

#define PREAD(name, offset)                                                                        \
    ssize_t name(int file, void *to, size_t size, offset at) {                                     \
        REAL(ssize_t, name, int, void *, size_t, offset);                                          \
        if (is_ours(file) && fails_now("read")) {                                                  \
            if (how == CUT_SHORT && size > 1) return real(file, to, size / 2, at);                 \
            return fail(EIO, EIO, EINTR);                                                          \
        }                                                                                          \
        return real(file, to, size, at);                                                           \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define PWRITE(name, offset)                                                                       \
    ssize_t name(int file, const void *from, size_t size, offset at) {                             \
        REAL(ssize_t, name, int, const void *, size_t, offset);                                    \
        if (is_ours(file) && fails_now("write")) {                                                 \
            if (how == CUT_SHORT && size > 1) return real(file, from, size / 2, at);               \
            return fail(ENOSPC, EPERM, EINTR);                                                     \
        }                                                                                          \
        return real(file, from, size, at);                                                         \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ON_FILE(name, said, full, refused)                                                         \
    int name(int file) {                                                                           \
        REAL(int, name, int);                                                                      \
        if (is_ours(file) && fails_now(said)) return fail(full, refused, EINTR);                   \
        return real(file);                                                                         \
    }
ON_FILE(fsync, "fsync", ENOSPC, EIO)
ON_FILE(fdatasync, "fsync", ENOSPC, EIO)

/* The file is closed all the same, as the system does it. */
int close(int file) {
    REAL(int, close, int);
    int fails = is_ours(file) && fails_now("close");
    if (file >= 0 && file < MOST_FILES) ours[file] = 0;
    int done = real(file);
    return fails ? fail(ENOSPC, EIO, EINTR) : done;
}

#define TRUNCATE(name, offset)                                                                     \
    int name(int file, offset size) {                                                              \
        REAL(int, name, int, offset);                                                              \
        if (is_ours(file) && fails_now("truncate")) return fail(ENOSPC, EPERM, EINTR);             \
        return real(file, size);                                                                   \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

/* Locks alone. What is refused is held by somebody else, and so is, to SQLite, what there is no room
   for: not for good, or we would wait for it. */
#define FCNTL(name)                                                                                \
    int name(int file, int command, ...) {                                                         \
        REAL(int, name, int, int, ...);                                                            \
        va_list more;                                                                              \
        va_start(more, command);                                                                   \
        void *given = va_arg(more, void *);                                                        \
        va_end(more);                                                                              \
        int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK;               \
        if (locks && is_ours(file) && fails_now("lock"))                                           \
            return fail(lasts ? EIO : ENOLCK, lasts ? EIO : EACCES, EINTR);                                      \
        return real(file, command, given);                                                         \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

#define ON_PATH(name, said, type, what, refused)                                                   \
    int name(const char *path, type what) {                                                        \
        REAL(int, name, const char *, type);                                                       \
        if (is_below(path) && fails_now(said)) return fail(EIO, refused, EIO);                     \
        return real(path, what);                                                                   \
    }
ON_PATH(rename, "rename", const char *, to, EACCES)
ON_PATH(access, "access", int, mode, EACCES)
ON_PATH(stat, "stat", struct stat *, to, EACCES)
ON_PATH(stat64, "stat", struct stat64 *, to, EACCES)
ON_PATH(lstat64, "stat", struct stat64 *, to, EACCES)

int fstat64(int file, struct stat64 *to) {
    REAL(int, fstat64, int, struct stat64 *);
    if (is_ours(file) && fails_now("stat")) return fail(EIO, EIO, EIO);
    return real(file, to);
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    if (is_below(path) && fails_now("unlink")) return fail(EIO, EACCES, EIO);
    return real(path);
}
