#include "files/file_lock.h"

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace trellis::files {

#ifdef _WIN32

namespace {
HANDLE handleOf(long long value) { return reinterpret_cast<HANDLE>(value); }
}  // namespace

// Opened for writing without sharing that: a second one is refused by the system. Readers are let in.
int FileLock::take(const std::string& path) {
  std::wstring wide(path.size() + 1, L'\0');
  wide.resize(static_cast<size_t>(MultiByteToWideChar(CP_UTF8, 0, path.data(), static_cast<int>(path.size()),
                                                      wide.data(), static_cast<int>(wide.size()))));
  const HANDLE file = CreateFileW(wide.c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr,
                                  OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) {
    const DWORD error = GetLastError();
    // Denied: being deleted by its last holder.
    return error == ERROR_SHARING_VIOLATION || error == ERROR_ACCESS_DENIED ? busy : static_cast<int>(error);
  }
  handle_ = reinterpret_cast<long long>(file);
  path_ = path;
  return taken;
}

bool FileLock::write(const std::string& text) {
  OVERLAPPED at{};
  DWORD written = 0;
  return held() && WriteFile(handleOf(handle_), text.data(), static_cast<DWORD>(text.size()), &written, &at) &&
         written == text.size();
}

void FileLock::release(bool remove) {
  if (!held()) return;
  if (remove) {
    FILE_DISPOSITION_INFO disposition{TRUE};
    SetFileInformationByHandle(handleOf(handle_), FileDispositionInfo, &disposition, sizeof disposition);
  }
  CloseHandle(handleOf(handle_));
  handle_ = none;
}

#else

namespace {

bool sameFile(int file, const char* path) {
  struct stat mine, there;
  return fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
         mine.st_ino == there.st_ino;
}

int openFile(const char* path, bool& made) {
  for (;;) {
    // Not blocking, should a pipe be there.
    const int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK;
    int file = open(path, flags);
    made = false;
    if (file >= 0 || errno != ENOENT) return file;
    file = open(path, flags | O_CREAT | O_EXCL, 0666);
    made = file >= 0;
    if (file >= 0 || errno != EEXIST) return file;
  }
}

}  // namespace

int FileLock::take(const std::string& path) {
  for (;;) {
    bool made = false;
    const int file = openFile(path.c_str(), made);
    if (file < 0) return errno;
    int status;
    do status = flock(file, LOCK_EX | LOCK_NB);
    while (status != 0 && errno == EINTR);
    if (status != 0) {
      const int error = errno;
      close(file);
      if (error == EWOULDBLOCK) return busy;
      if (error != ENOLCK && error != ENOSYS && error != EOPNOTSUPP && error != EINVAL) return error;
      if (made) unlink(path.c_str());
      return unsupported;
    }
    // The one before may have deleted the file between our opening and locking it: then another is the lock now.
    if (sameFile(file, path.c_str())) {
      handle_ = file;
      path_ = path;
      return taken;
    }
    close(file);
  }
}

bool FileLock::write(const std::string& text) {
  return held() && pwrite(static_cast<int>(handle_), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

void FileLock::release(bool remove) {
  if (!held()) return;
  const int file = static_cast<int>(handle_);
  if (remove && sameFile(file, path_.c_str())) unlink(path_.c_str());
  close(file);
  handle_ = none;
}

#endif

}  // namespace trellis::files
