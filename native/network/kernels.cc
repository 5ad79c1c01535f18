#include "network/kernels.h"

#include <cstring>

namespace trellis::network {

extern const Kernels kKernelsScalar;
#if defined(TRELLIS_X86)
extern const Kernels kKernelsAvx2, kKernelsAvx512;
#elif defined(TRELLIS_ARM64)
extern const Kernels kKernelsNeon;
#endif

const Kernels& kernels(parallel::InstructionSet set) {
#if defined(TRELLIS_X86)
  if (set == parallel::InstructionSet::avx512) return kKernelsAvx512;
  if (set == parallel::InstructionSet::avx2) return kKernelsAvx2;
#elif defined(TRELLIS_ARM64)
  if (set == parallel::InstructionSet::neon) return kKernelsNeon;
#else
  (void)set;
#endif
  return kKernelsScalar;
}

void packRows(const Kernels& kernels, const float* matrix, int units, int taps, int64_t rowStride, float* packed) {
  const Blocks blocks(units, kernels.unitBlock);
  for (int block = 0; block < blocks.blocks; ++block) {
    const int first = blocks.start(block), size = blocks.start(block + 1) - first;
    kernels.storeRows(matrix + first * rowStride, rowStride, taps, size, packed, size);
    packed += static_cast<int64_t>(size) * taps;
  }
}

namespace {

// As packRows, where the units of a tap lie side by side.
void packColumns(const Kernels& kernels, const float* matrix, int units, int taps, int64_t tapStep, float* packed) {
  const Blocks blocks(units, kernels.unitBlock);
  for (int block = 0; block < blocks.blocks; ++block) {
    const int first = blocks.start(block), size = blocks.start(block + 1) - first;
    const float* from = matrix + first;
    if (size == 8) {
      // A size known to the compiler is a move of one register.
      for (int k = 0; k < taps; ++k, from += tapStep, packed += 8) std::memcpy(packed, from, 8 * sizeof(float));
    } else {
      for (int k = 0; k < taps; ++k, from += tapStep, packed += size) std::memcpy(packed, from, size * sizeof(float));
    }
  }
}

}  // namespace

void packWeights(const Kernels& kernels, const GatherPlan& plan, const float* parameters, std::vector<float>& packed) {
  packed.resize(plan.source.size());
  const int taps = plan.taps();
  if (plan.tapStep == 1) {
    return packRows(kernels, parameters + plan.source[0], plan.units, taps, plan.unitStep, packed.data());
  }
  if (plan.unitStep == 1) {
    return packColumns(kernels, parameters + plan.source[0], plan.units, taps, plan.tapStep, packed.data());
  }
  const Blocks blocks(plan.units, kernels.unitBlock);
  std::size_t at = 0;
  for (int block = 0; block < blocks.blocks; ++block) {
    for (int k = 0; k < taps; ++k) {
      for (int unit = blocks.start(block); unit < blocks.start(block + 1); ++unit) {
        packed[at++] = parameters[plan.source[static_cast<int64_t>(unit) * taps + k]];
      }
    }
  }
}

}  // namespace trellis::network
