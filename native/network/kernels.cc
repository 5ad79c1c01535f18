#include "network/kernels.h"

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

void packWeights(const GatherPlan& plan, const float* parameters, int unitBlock, std::vector<float>& packed) {
  packed.resize(plan.source.size());
  const Blocks blocks(plan.units, unitBlock);
  const int taps = plan.taps();
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
