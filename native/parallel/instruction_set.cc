#include "parallel/instruction_set.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace trellis::parallel {
namespace {

#if defined(_MSC_VER) && defined(_M_X64)
InstructionSet detect() {
  int leaf1[4], leaf7[4];
  __cpuidex(leaf1, 1, 0);
  __cpuidex(leaf7, 7, 0);
  const bool osxsave = leaf1[2] & (1 << 27), fma = leaf1[2] & (1 << 12);
  if (!osxsave) return InstructionSet::scalar;
  const auto saved = _xgetbv(0);
  const int avx512 = (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31);
  if ((saved & 0xe6) == 0xe6 && (leaf7[1] & avx512) == avx512) return InstructionSet::avx512;
  if ((saved & 6) == 6 && fma && (leaf7[1] & (1 << 5))) return InstructionSet::avx2;
  return InstructionSet::scalar;
}
#elif defined(__x86_64__)
InstructionSet detect() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    return InstructionSet::avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return InstructionSet::avx2;
  return InstructionSet::scalar;
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
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
    case InstructionSet::neon: return "neon";
    default: return "scalar";
  }
}

}  // namespace trellis::parallel
