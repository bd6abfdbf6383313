/*
 * A slow disk, for one process: a library for LD_PRELOAD that delays what is done to files below SLOW_DISK_FOLDER. How long is
 * read from the file SLOW_DISK_DELAY before each call: milliseconds, or "stalled", which is looked at again until it is
 * something else. Every call that finds "stalled" appends a line to SLOW_DISK_REPORT first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define LOOK_AGAIN_US 2000

/* Plain system calls: the wrappers below must not see what is read here. */
static void read_delay(char *text, size_t size) {
  text[0] = 0;
  long file = syscall(SYS_openat, AT_FDCWD, getenv("SLOW_DISK_DELAY"), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  long length = syscall(SYS_read, file, text, size - 1);
  text[length < 0 ? 0 : length] = 0;
  syscall(SYS_close, file);
}

static void report(const char *call) {
  long file = syscall(SYS_openat, AT_FDCWD, getenv("SLOW_DISK_REPORT"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  char line[32];
  int length = snprintf(line, sizeof line, "%s\n", call);
  syscall(SYS_write, file, line, length);
  syscall(SYS_close, file);
}

static void wait_for_disk(const char *call) {
  char text[32];
  read_delay(text, sizeof text);
  if (strncmp(text, "stalled", 7) != 0) {
    int milliseconds = atoi(text);
    if (milliseconds > 0) usleep(milliseconds * 1000);
    return;
  }
  report(call);
  while (strncmp(text, "stalled", 7) == 0) {
    usleep(LOOK_AGAIN_US);
    read_delay(text, sizeof text);
  }
}

static int is_below(const char *path) {
  const char *folder = getenv("SLOW_DISK_FOLDER");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

/* Files are closed by plain system calls, so that a table of descriptors would be wrong. */
static int is_slow(int file) {
  char link[32], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  long length = syscall(SYS_readlink, link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return is_below(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRAP_OPEN(name)                                     \
  int name(const char *path, int flags, ...) {              \
    va_list rest;                                           \
    va_start(rest, flags);                                  \
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                           \
    if (is_below(path)) wait_for_disk("open");              \
    return REAL(name)(path, flags, mode);                   \
  }
WRAP_OPEN(open)
WRAP_OPEN(open64)

ssize_t write(int file, const void *bytes, size_t size) {
  if (is_slow(file)) wait_for_disk("write");
  return REAL(write)(file, bytes, size);
}

ssize_t pread(int file, void *bytes, size_t size, off_t at) {
  if (is_slow(file)) wait_for_disk("read");
  return REAL(pread)(file, bytes, size, at);
}

ssize_t pread64(int file, void *bytes, size_t size, off64_t at) {
  if (is_slow(file)) wait_for_disk("read");
  return REAL(pread64)(file, bytes, size, at);
}

int rename(const char *from, const char *to) {
  if (is_below(to)) wait_for_disk("rename");
  return REAL(rename)(from, to);
}

int unlink(const char *path) {
  if (is_below(path)) wait_for_disk("unlink");
  return REAL(unlink)(path);
}
