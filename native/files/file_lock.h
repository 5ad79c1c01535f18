// The operating system's lock on a file: held by at most one FileLock on this machine (and on others, where the file
// system carries locks over), and let go by the system however its process ends.
#pragma once

#include <string>

namespace trellis::files {

class FileLock {
 public:
  FileLock() = default;
  ~FileLock() { release(true); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  static constexpr int taken = 0, busy = -1, unsupported = -2;

  // Takes the lock, making the file where there is none; `path` is UTF-8. Returns one of the above, or the system's
  // error number. Never waits.
  int take(const std::string& path);
  // Replaces the first bytes of the file; false where that fails.
  bool write(const std::string& text);
  // Lets go; with `remove` the file is deleted before anybody else can have it.
  void release(bool remove);
  bool held() const { return handle_ != none; }

 private:
  static constexpr long long none = -1;
  long long handle_ = none;
  std::string path_;
};

}  // namespace trellis::files
