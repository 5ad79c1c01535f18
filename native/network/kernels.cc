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

namespace {

// One block of units; a size known to the compiler is worth three times the speed.
template <int Size>
float* packBlock(const float* from, int size, int taps, int64_t unitStep, int64_t tapStep, float* packed) {
  const int units = Size > 0 ? Size : size;
  for (int k = 0; k < taps; ++k, from += tapStep, packed += units) {
    for (int u = 0; u < units; ++u) packed[u] = from[u * unitStep];
  }
  return packed;
}

}  // namespace

void packMatrix(const float* matrix, int units, int taps, int64_t unitStep, int64_t tapStep, int unitBlock,
                float* packed) {
  const Blocks blocks(units, unitBlock);
  for (int block = 0; block < blocks.blocks; ++block) {
    const int first = blocks.start(block), size = blocks.start(block + 1) - first;
    const auto pack = size == 8 ? packBlock<8> : size == 4 ? packBlock<4> : packBlock<0>;
    packed = pack(matrix + first * unitStep, size, taps, unitStep, tapStep, packed);
  }
}

void packWeights(const GatherPlan& plan, const float* parameters, int unitBlock, std::vector<float>& packed) {
  packed.resize(plan.source.size());
  const Blocks blocks(plan.units, unitBlock);
  const int taps = plan.taps();
  if (plan.unitStep != 0) {
    packMatrix(parameters + plan.source[0], plan.units, taps, plan.unitStep, plan.tapStep, unitBlock, packed.data());
    return;
  }
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
