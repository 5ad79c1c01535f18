// glibc keeps what is freed for later, in pieces that fit nothing where many large things come and go. After every so
// much that handles have freed, it is told to give back what it can.
#pragma once

#include <atomic>
#include <cstdint>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace trellis::napi {

inline void returnFreedMemory([[maybe_unused]] int64_t freed) {
#ifdef __GLIBC__
  static std::atomic<int64_t> sinceTrim{0};
  constexpr int64_t often = int64_t{16} << 20;
  if (sinceTrim.fetch_add(freed) + freed < often) return;
  sinceTrim = 0;
  malloc_trim(0);
#endif
}

}  // namespace trellis::napi
