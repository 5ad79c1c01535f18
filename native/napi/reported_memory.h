// What V8 is told of an object's native memory: the garbage collector weighs it, or it would see no reason to collect a
// handle that nobody closed. It is given back with the object.
#pragma once

#include <napi.h>

#include <atomic>
#include <cstdint>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace trellis::napi {

class ReportedMemory {
 public:
  // So much it is now.
  void report(Napi::BasicEnv env, int64_t bytes) {
    if (bytes == reported_) return;
    Napi::MemoryManagement::AdjustExternalMemory(env, bytes - reported_);
    reported_ = bytes;
  }
  void add(Napi::BasicEnv env, int64_t bytes) { report(env, reported_ + bytes); }
  // All of it was freed.
  void release(Napi::BasicEnv env) {
    const int64_t freed = reported_;
    report(env, 0);
    if (freed > 0) trim(freed);
  }

 private:
  // glibc keeps what is freed for later, in pieces that fit nothing where many large things come and go. After every so
  // much that handles have freed, it is told to give back what it can.
  static void trim([[maybe_unused]] int64_t freed) {
#ifdef __GLIBC__
    static std::atomic<int64_t> sinceTrim{0};
    constexpr int64_t often = int64_t{16} << 20;
    if (sinceTrim.fetch_add(freed) + freed < often) return;
    sinceTrim = 0;
    malloc_trim(0);
#endif
  }

  int64_t reported_ = 0;
};

}  // namespace trellis::napi
