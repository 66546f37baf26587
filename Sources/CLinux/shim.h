// The few calls of Linux that Swift cannot make itself because they are variadic or macros.
#ifndef KILN_CLINUX_SHIM_H
#define KILN_CLINUX_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// Orphans among the descendants of this process become its children. 0, or an errno.
static inline int clinux_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno;
}

/// Renames, and never onto something that is there. 0, or an errno.
static inline int clinux_rename_exclusively(const char *from, const char *to) {
    return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1 /* RENAME_NOREPLACE */) == 0 ? 0 : errno;
}

/// Takes an exclusive lock on the open file description, which ends with its last descriptor. 0, or an errno.
static inline int clinux_lock(int descriptor) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

/// Asks whether someone else holds the lock, without taking it. 1, 0, or a negated errno.
static inline int clinux_is_locked(int descriptor) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -errno;
    return lock.l_type == F_UNLCK ? 0 : 1;
}

/// Has the disk begin to write a stretch of a file, without waiting for it. 0, or an errno.
static inline int clinux_begin_writing(int descriptor, off_t offset, off_t length) {
    return sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE) == 0 ? 0 : errno;
}

/// A pipe whose ends no other program inherits. 0, or an errno.
static inline int clinux_pipe(int ends[2]) {
    return syscall(SYS_pipe2, ends, O_CLOEXEC) == 0 ? 0 : errno;
}

/// Reaps one ended child. Its id, 0 when none has ended yet, or -1 when there are no children.
static inline pid_t clinux_reap_any(void) {
    pid_t reaped;
    do {
        reaped = waitpid(-1, NULL, WNOHANG);
    } while (reaped == -1 && errno == EINTR);
    return reaped;
}

#endif
