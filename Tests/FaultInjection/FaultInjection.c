// Makes one system call of a program fail, or kills the program at it. Loaded with LD_PRELOAD.
//
//   FAULT_UNDER=/a/folder   calls that change this folder or anything below it are counted, from 1
//   FAULT_SKIP=name         ... but not those of files whose name begins so: what is written by the clock comes at another call every time
//   FAULT_LOG=file          one line for each of them: number, operation, path
//   FAULT_AT=k              the k-th fails
//   FAULT_ERRNO=n           ... with this error, ENOSPC by default
//   FAULT_KILL=1            ... or rather, SIGKILL ends the process before it is done
//   FAULT_STICKY=1          ... and so do all that follow, as on a full disk. Removing works there and is let through,
//                           and the write that fills the disk still takes half of its bytes.
//
// Counted are the calls of the program itself. What it starts (gnuplot, git) has the library loaded but the variables
// taken away. What the C library does by itself, such as writing the buffer of a FILE, cannot be intercepted.
//
// Counted calls of fsync return at once: only a power cut tells the difference, and the tests have thousands of them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char under[PATH_MAX];
static size_t under_length;
static char skipped[NAME_MAX + 1];
static long at;
static int error_number = ENOSPC;
static bool kills, is_sticky;
static int log_descriptor = -1;
static atomic_long count;

// The C library's own function. Looked up at the first call: constructors of other libraries may run before ours.
#define NEXT(name)                                                         \
    ({                                                                     \
        static _Atomic(__typeof__(&name)) next;                            \
        if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name);      \
        next;                                                              \
    })

static const char *taken(const char *name, char *copy, size_t size) {
    const char *value = getenv(name);
    if (!value) return NULL;
    snprintf(copy, size, "%s", value);
    unsetenv(name);
    return copy;
}

__attribute__((constructor)) static void read_environment(void) {
    char text[PATH_MAX];
    if (taken("FAULT_LOG", text, sizeof text)) {
        log_descriptor = NEXT(open)(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
    if (taken("FAULT_AT", text, sizeof text)) at = atol(text);
    if (taken("FAULT_ERRNO", text, sizeof text)) error_number = atoi(text);
    kills = taken("FAULT_KILL", text, sizeof text) != NULL;
    is_sticky = taken("FAULT_STICKY", text, sizeof text) != NULL;
    taken("FAULT_SKIP", skipped, sizeof skipped);
    // Last, because it is what turns everything on.
    if (taken("FAULT_UNDER", under, sizeof under)) under_length = strlen(under);
}

// The path of an open file; false for pipes and the like.
static bool path_of(int descriptor, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return false;
    path[length] = 0;
    return path[0] == '/';
}

// A path as an absolute one, without following links: what is changed is the name itself.
static bool absolute(int folder, const char *name, char path[PATH_MAX]) {
    if (!name) return false;
    if (name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    if (folder == AT_FDCWD ? !getcwd(path, PATH_MAX) : !path_of(folder, path)) return false;
    size_t length = strlen(path);
    return snprintf(path + length, PATH_MAX - length, "/%s", name) < (int)(PATH_MAX - length);
}

static bool is_under(const char *path) {
    if (under_length == 0 || strncmp(path, under, under_length) != 0) return false;
    if (path[under_length] != 0 && path[under_length] != '/') return false;
    return skipped[0] == 0 || strncmp(strrchr(path, '/') + 1, skipped, strlen(skipped)) != 0;
}

typedef enum { GOES_ON, FAILS, FILLS_THE_DISK } Verdict;

// Counts a call and says what becomes of it. `removes`: a full disk does not stop it.
static Verdict judge(const char *operation, const char *path, bool removes) {
    if (!is_under(path)) return GOES_ON;
    long number = atomic_fetch_add(&count, 1) + 1;
    if (log_descriptor >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", number, operation, path);
        if (NEXT(write)(log_descriptor, line, (size_t)length) != length) abort();
    }
    if (at == 0 || number < at || (number > at && !is_sticky)) return GOES_ON;
    if (kills) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    if (is_sticky && removes) return GOES_ON;
    errno = error_number;
    return is_sticky && number == at ? FILLS_THE_DISK : FAILS;
}

static Verdict judge_name(const char *operation, int folder, const char *name, bool removes) {
    char path[PATH_MAX];
    int before = errno;
    if (under_length == 0 || !absolute(folder, name, path)) {
        errno = before;
        return GOES_ON;
    }
    return judge(operation, path, removes);
}

static Verdict judge_file(const char *operation, int descriptor) {
    char path[PATH_MAX];
    int before = errno;
    if (under_length == 0 || descriptor == log_descriptor || !path_of(descriptor, path)) {
        errno = before;
        return GOES_ON;
    }
    return judge(operation, path, false);
}

static bool is_counted(int descriptor) {
    char path[PATH_MAX];
    return under_length > 0 && path_of(descriptor, path) && is_under(path);
}

// Bytes in files.

ssize_t write(int descriptor, const void *bytes, size_t size) {
    Verdict verdict = judge_file("write", descriptor);
    if (verdict == FAILS || (verdict == FILLS_THE_DISK && size < 2)) return -1;
    return NEXT(write)(descriptor, bytes, verdict == FILLS_THE_DISK ? size / 2 : size);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    if (judge_file("pwrite", descriptor) != GOES_ON) return -1;
    return NEXT(pwrite)(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    if (judge_file("pwrite", descriptor) != GOES_ON) return -1;
    return NEXT(pwrite64)(descriptor, bytes, size, offset);
}

ssize_t writev(int descriptor, const struct iovec *pieces, int number) {
    if (judge_file("writev", descriptor) != GOES_ON) return -1;
    return NEXT(writev)(descriptor, pieces, number);
}

int ftruncate(int descriptor, off_t length) {
    if (judge_file("ftruncate", descriptor) != GOES_ON) return -1;
    return NEXT(ftruncate)(descriptor, length);
}

int ftruncate64(int descriptor, off64_t length) {
    if (judge_file("ftruncate", descriptor) != GOES_ON) return -1;
    return NEXT(ftruncate64)(descriptor, length);
}

int fsync(int descriptor) {
    if (judge_file("fsync", descriptor) != GOES_ON) return -1;
    return is_counted(descriptor) ? 0 : NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    if (judge_file("fdatasync", descriptor) != GOES_ON) return -1;
    return is_counted(descriptor) ? 0 : NEXT(fdatasync)(descriptor);
}

// Opening and closing.

static bool makes_file(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

static bool may_write(int flags) { return (flags & O_ACCMODE) != O_RDONLY || makes_file(flags); }

// The third argument of open is there only when a file may be made.
#define MODE_AFTER(flags)                                     \
    ({                                                        \
        mode_t mode = 0;                                      \
        if (makes_file(flags)) {                              \
            va_list arguments;                                \
            va_start(arguments, flags);                       \
            mode = va_arg(arguments, mode_t);                 \
            va_end(arguments);                                \
        }                                                     \
        mode;                                                 \
    })

int open(const char *name, int flags, ...) {
    mode_t mode = MODE_AFTER(flags);
    if (may_write(flags) && judge_name("open", AT_FDCWD, name, false) != GOES_ON) return -1;
    return NEXT(open)(name, flags, mode);
}

int open64(const char *name, int flags, ...) {
    mode_t mode = MODE_AFTER(flags);
    if (may_write(flags) && judge_name("open", AT_FDCWD, name, false) != GOES_ON) return -1;
    return NEXT(open64)(name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...) {
    mode_t mode = MODE_AFTER(flags);
    if (may_write(flags) && judge_name("open", folder, name, false) != GOES_ON) return -1;
    return NEXT(openat)(folder, name, flags, mode);
}

int openat64(int folder, const char *name, int flags, ...) {
    mode_t mode = MODE_AFTER(flags);
    if (may_write(flags) && judge_name("open", folder, name, false) != GOES_ON) return -1;
    return NEXT(openat64)(folder, name, flags, mode);
}

int close(int descriptor) {
    int before = errno, flags = under_length > 0 ? fcntl(descriptor, F_GETFL) : -1;
    errno = before;
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && judge_file("close", descriptor) != GOES_ON) {
        // Linux gives the descriptor back also when it reports a failure.
        NEXT(close)(descriptor);
        errno = error_number;
        return -1;
    }
    return NEXT(close)(descriptor);
}

// Names.

int rename(const char *from, const char *to) {
    if (judge_name("rename", AT_FDCWD, to, false) != GOES_ON) return -1;
    return NEXT(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    if (judge_name("rename", to_folder, to, false) != GOES_ON) return -1;
    return NEXT(renameat)(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags) {
    if (judge_name("rename", to_folder, to, false) != GOES_ON) return -1;
    return NEXT(renameat2)(from_folder, from, to_folder, to, flags);
}

int symlink(const char *target, const char *name) {
    if (judge_name("symlink", AT_FDCWD, name, false) != GOES_ON) return -1;
    return NEXT(symlink)(target, name);
}

int symlinkat(const char *target, int folder, const char *name) {
    if (judge_name("symlink", folder, name, false) != GOES_ON) return -1;
    return NEXT(symlinkat)(target, folder, name);
}

int mkdir(const char *name, mode_t mode) {
    if (judge_name("mkdir", AT_FDCWD, name, false) != GOES_ON) return -1;
    return NEXT(mkdir)(name, mode);
}

int mkdirat(int folder, const char *name, mode_t mode) {
    if (judge_name("mkdir", folder, name, false) != GOES_ON) return -1;
    return NEXT(mkdirat)(folder, name, mode);
}

int unlink(const char *name) {
    if (judge_name("unlink", AT_FDCWD, name, true) != GOES_ON) return -1;
    return NEXT(unlink)(name);
}

int unlinkat(int folder, const char *name, int flags) {
    const char *operation = (flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink";
    if (judge_name(operation, folder, name, true) != GOES_ON) return -1;
    return NEXT(unlinkat)(folder, name, flags);
}

int rmdir(const char *name) {
    if (judge_name("rmdir", AT_FDCWD, name, true) != GOES_ON) return -1;
    return NEXT(rmdir)(name);
}
