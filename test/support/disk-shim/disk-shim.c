/*
 * A disk that can fail and lose power, for tests. Preloaded (LD_PRELOAD) into a process, it stands
 * between the process and the C library for all files below one folder, so that it reaches what the
 * database itself writes and syncs.
 *
 * Since a file's last sync every write is kept with what was there before. When the power is cut,
 * each of those writes survives, is lost, or survives in part (whole sectors of 512 bytes), by chance
 * and in any combination, as a disk's cache may leave them; then the process is killed. Files that
 * were made, cut short or removed stay so: only contents are at stake.
 *
 *   DISK_SHIM_DIR          files below this folder (required; without it nothing is touched)
 *   DISK_SHIM_CUT_FILE     the power is cut when this file appears, if a file is open on the disk
 *   DISK_SHIM_CUT_AT       the power is cut at the n-th write or sync
 *   DISK_SHIM_SEED         chance of what survives
 *   DISK_SHIM_IGNORE_SYNC  1: a sync does nothing, as on a disk that lies
 *   DISK_SHIM_FAIL         EIO:40:3 = the 40th, 41st and 42nd write fail so (also ENOSPC) …
 *   DISK_SHIM_ARM_FILE     … counted from when this file appears
 *   DISK_SHIM_REPORT       a line is appended here for what was done
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
#include <time.h>
#include <unistd.h>

#define MAX_FDS 4096
#define MAX_FILES 256
#define SECTOR 512

struct change {
  off_t offset;
  size_t length;
  /* What was there before; shorter than `length` where the file ended. */
  unsigned char *before;
  size_t before_length;
  unsigned char *after;
  struct change *older;
  struct change *newer;
};

struct file {
  dev_t device;
  ino_t inode;
  int fd;
  /* Size at the last sync. */
  off_t synced_size;
  struct change *oldest;
  struct change *newest;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MAX_FILES];
static int file_count;
static struct file *file_of_fd[MAX_FDS];

static const char *folder, *cut_file, *arm_file, *report;
static size_t folder_length;
static int ignore_sync, fail_errno;
static long cut_at, fail_from, fail_count, writes, steps;
static uint64_t chance = 1;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

static uint64_t draw(void) {
  /* xorshift64* */
  chance ^= chance >> 12;
  chance ^= chance << 25;
  chance ^= chance >> 27;
  return chance * 2685821657736338717ULL;
}

static long number(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

static void say(const char *what, long a, long b) {
  if (report == NULL) return;
  char line[160];
  int length = snprintf(line, sizeof line, "%s %ld %ld\n", what, a, b);
  int fd = real_open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (real_write(fd, line, (size_t)length) < 0) { /* the test then finds no line */ }
  real_close(fd);
}

static void forget(struct file *file) {
  for (struct change *one = file->oldest; one != NULL;) {
    struct change *next = one->newer;
    free(one->before);
    free(one->after);
    free(one);
    one = next;
  }
  file->oldest = file->newest = NULL;
}

/* What of a change survives, in bytes: all, nothing, or some whole sectors. */
static size_t surviving(const struct change *one) {
  uint64_t fate = draw() % 4;
  if (fate == 0) return 0;
  if (fate == 1) return (draw() % (one->length / SECTOR + 1)) * SECTOR;
  return one->length;
}

/* Called with the lock held; does not return. */
static void cut_power(void) {
  long unsynced = 0, lost = 0;
  for (int i = 0; i < file_count; i++) {
    struct file *file = &files[i];
    if (file->oldest == NULL) continue;
    for (struct change *one = file->newest; one != NULL; one = one->older) {
      if (real_pwrite(file->fd, one->before, one->before_length, one->offset) < 0) abort();
    }
    if (real_ftruncate(file->fd, file->synced_size) != 0) abort();
    for (struct change *one = file->oldest; one != NULL; one = one->newer) {
      size_t kept = surviving(one);
      unsynced++;
      if (kept < one->length) lost++;
      if (kept > 0 && real_pwrite(file->fd, one->after, kept, one->offset) < 0) abort();
    }
  }
  say("cut", unsynced, lost);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void step(void) {
  steps++;
  if (cut_at > 0 && steps >= cut_at) cut_power();
}

static void *watch(void *unused) {
  (void)unused;
  const struct timespec nap = {0, 1000000};
  for (;;) {
    if (access(cut_file, F_OK) == 0) {
      pthread_mutex_lock(&lock);
      cut_power();
    }
    nanosleep(&nap, NULL);
  }
  return NULL;
}

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

__attribute__((constructor)) static void begin(void) {
  real_open = real("open");
  real_close = real("close");
  real_write = real("write");
  real_pwrite = real("pwrite");
  real_fsync = real("fsync");
  real_fdatasync = real("fdatasync");
  real_ftruncate = real("ftruncate");
  folder = getenv("DISK_SHIM_DIR");
  if (folder == NULL) return;
  folder_length = strlen(folder);
  cut_file = getenv("DISK_SHIM_CUT_FILE");
  report = getenv("DISK_SHIM_REPORT");
  cut_at = number("DISK_SHIM_CUT_AT");
  ignore_sync = number("DISK_SHIM_IGNORE_SYNC") == 1;
  chance = 0x9e3779b97f4a7c15ULL ^ (uint64_t)number("DISK_SHIM_SEED");
  const char *fail = getenv("DISK_SHIM_FAIL");
  if (fail != NULL) {
    char name[16];
    if (sscanf(fail, "%15[A-Z]:%ld:%ld", name, &fail_from, &fail_count) != 3) abort();
    fail_errno = strcmp(name, "ENOSPC") == 0 ? ENOSPC : EIO;
  }
  arm_file = getenv("DISK_SHIM_ARM_FILE");
}

static struct file *tracked(int fd) {
  return fd >= 0 && fd < MAX_FDS ? file_of_fd[fd] : NULL;
}

static void track(int fd, const char *path) {
  struct stat facts;
  if (folder == NULL || fd < 0 || fd >= MAX_FDS) return;
  if (strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/') return;
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return;
  pthread_mutex_lock(&lock);
  struct file *file = NULL;
  for (int i = 0; i < file_count && file == NULL; i++) {
    if (files[i].device == facts.st_dev && files[i].inode == facts.st_ino) file = &files[i];
  }
  if (file == NULL) {
    if (file_count == MAX_FILES) abort();
    /* Only now: a process without a file on this disk does not die with it. */
    pthread_t thread;
    if (file_count == 0 && cut_file != NULL && pthread_create(&thread, NULL, watch, NULL) != 0) {
      abort();
    }
    file = &files[file_count++];
    file->device = facts.st_dev;
    file->inode = facts.st_ino;
    /* Never closed: closing it would drop the process's own locks on the file. */
    file->fd = real_open(path, O_RDWR | O_CLOEXEC);
    file->synced_size = facts.st_size;
  }
  if (file->fd >= 0) file_of_fd[fd] = file;
  pthread_mutex_unlock(&lock);
}

static int opened(int fd, const char *path) {
  int kept = errno;
  track(fd, path);
  errno = kept;
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? (mode_t)va_arg(rest, int) : 0;
  va_end(rest);
  return opened(real_open(path, flags, mode), path);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? (mode_t)va_arg(rest, int) : 0;
  va_end(rest);
  return opened(real_open(path, flags | O_LARGEFILE, mode), path);
}

int close(int fd) {
  pthread_mutex_lock(&lock);
  if (fd >= 0 && fd < MAX_FDS) file_of_fd[fd] = NULL;
  pthread_mutex_unlock(&lock);
  return real_close(fd);
}

/* Called with the lock held. True when this write has to fail. */
static int fails(void) {
  if (fail_errno == 0 || (arm_file != NULL && access(arm_file, F_OK) != 0)) return 0;
  writes++;
  return writes >= fail_from && writes < fail_from + fail_count;
}

static ssize_t change(int fd, struct file *file, const void *bytes, size_t length, off_t offset) {
  struct change *one = calloc(1, sizeof *one);
  if (one == NULL) abort();
  one->offset = offset;
  one->before = malloc(length);
  one->after = malloc(length);
  if (one->before == NULL || one->after == NULL) abort();
  memcpy(one->after, bytes, length);
  ssize_t had = pread(file->fd, one->before, length, offset);
  one->before_length = had > 0 ? (size_t)had : 0;
  ssize_t done = real_pwrite(fd, bytes, length, offset);
  one->length = done > 0 ? (size_t)done : 0;
  if (one->before_length > one->length) one->before_length = one->length;
  one->older = file->newest;
  if (file->newest != NULL) file->newest->newer = one;
  else file->oldest = one;
  file->newest = one;
  return done;
}

static ssize_t written(int fd, struct file *file, const void *bytes, size_t length, off_t offset) {
  pthread_mutex_lock(&lock);
  step();
  ssize_t done = -1;
  int problem = fail_errno;
  if (fails()) {
    say("failed", writes, fail_errno);
  } else {
    done = change(fd, file, bytes, length, offset);
    problem = errno;
  }
  pthread_mutex_unlock(&lock);
  if (done < 0) errno = problem;
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  struct file *file = tracked(fd);
  if (file == NULL) return real_pwrite(fd, bytes, length, offset);
  return written(fd, file, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return pwrite(fd, bytes, length, (off_t)offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct file *file = tracked(fd);
  if (file == NULL) return real_write(fd, bytes, length);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t done = written(fd, file, bytes, length, at);
  if (done > 0) lseek(fd, at + done, SEEK_SET);
  return done;
}

static int synced(int fd, int (*sync)(int)) {
  struct file *file = tracked(fd);
  if (file == NULL) return sync(fd);
  pthread_mutex_lock(&lock);
  step();
  int done = 0;
  if (!ignore_sync) {
    done = sync(fd);
    struct stat facts;
    if (done == 0 && fstat(fd, &facts) == 0) {
      forget(file);
      file->synced_size = facts.st_size;
    }
  }
  pthread_mutex_unlock(&lock);
  return done;
}

int fsync(int fd) { return synced(fd, real_fsync); }

int fdatasync(int fd) { return synced(fd, real_fdatasync); }

/* Taken to be durable at once, and all before it with it: one of the outcomes a disk may have. */
int ftruncate(int fd, off_t size) {
  struct file *file = tracked(fd);
  if (file == NULL) return real_ftruncate(fd, size);
  pthread_mutex_lock(&lock);
  int done = real_ftruncate(fd, size);
  if (done == 0) {
    forget(file);
    file->synced_size = size;
  }
  pthread_mutex_unlock(&lock);
  return done;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, (off_t)size); }
