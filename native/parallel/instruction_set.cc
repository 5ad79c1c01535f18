#include "parallel/instruction_set.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#if defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#endif

namespace trellis::parallel {
namespace {

#if defined(_M_X64) || defined(__x86_64__)
// The processor is asked directly: not every compiler's runtime has an answer for __builtin_cpu_supports (zig's says no).
struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  explicit Leaf(unsigned number) {
#if defined(_MSC_VER)
    int registers[4];
    __cpuidex(registers, static_cast<int>(number), 0);
    eax = static_cast<unsigned>(registers[0]), ebx = static_cast<unsigned>(registers[1]);
    ecx = static_cast<unsigned>(registers[2]), edx = static_cast<unsigned>(registers[3]);
#else
    __cpuid_count(number, 0, eax, ebx, ecx, edx);
#endif
  }
  static bool has(unsigned bits, std::initializer_list<int> wanted) {
    for (int bit : wanted) {
      if ((bits >> bit & 1) == 0) return false;
    }
    return true;
  }
};

// Which registers the operating system keeps over a change of threads (XCR0).
uint64_t keptRegisters() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
#endif
}

InstructionSet detect() {
  if (Leaf(0).eax < 7) return InstructionSet::scalar;
  const Leaf features(1), extended(7);
  constexpr int fma = 12, osxsave = 27, avx2 = 5, avx512f = 16, avx512dq = 17, avx512bw = 30, avx512vl = 31;
  if (!Leaf::has(features.ecx, {osxsave, fma}) || !Leaf::has(extended.ebx, {avx2})) return InstructionSet::scalar;
  const uint64_t kept = keptRegisters();
  constexpr uint64_t avxState = 0x06, avx512State = 0xe6;
  if ((kept & avx512State) == avx512State && Leaf::has(extended.ebx, {avx512f, avx512dq, avx512bw, avx512vl})) {
    return InstructionSet::avx512;
  }
  return (kept & avxState) == avxState ? InstructionSet::avx2 : InstructionSet::scalar;
}
#elif defined(__aarch64__) || defined(_M_ARM64)
InstructionSet detect() { return InstructionSet::neon; }
#else
InstructionSet detect() { return InstructionSet::scalar; }
#endif

InstructionSet choose() {
  const char* wanted = std::getenv("TRELLIS_SIMD");
  if (wanted != nullptr) {
    for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
      if (std::strcmp(wanted, name(set)) == 0 && available(set)) return set;
    }
  }
  return bestInstructionSet();
}

}  // namespace

InstructionSet bestInstructionSet() {
  static const InstructionSet best = detect();
  return best;
}

InstructionSet instructionSet() {
  static const InstructionSet chosen = choose();
  return chosen;
}

bool available(InstructionSet set) {
  const InstructionSet best = bestInstructionSet();
  return set == InstructionSet::scalar || set == best ||
         (set == InstructionSet::avx2 && best == InstructionSet::avx512);
}

const char* name(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx2:
      return "avx2";
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::neon:
      return "neon";
    default:
      return "scalar";
  }
}

}  // namespace trellis::parallel
