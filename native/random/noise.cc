#include "random/noise.h"

namespace trellis::random {

extern const NoiseKernels kNoiseBaseline;
#ifdef TRELLIS_X86
extern const NoiseKernels kNoiseAvx2, kNoiseAvx512;
#endif

const NoiseKernels& noiseKernels(parallel::InstructionSet set) {
#ifdef TRELLIS_X86
  if (set == parallel::InstructionSet::avx512) return kNoiseAvx512;
  if (set == parallel::InstructionSet::avx2) return kNoiseAvx2;
#else
  (void)set;
#endif
  return kNoiseBaseline;
}

namespace {
const NoiseKernels& chosen() {
  static const NoiseKernels& kernels = noiseKernels(parallel::instructionSet());
  return kernels;
}
}  // namespace

void uniformNoise(const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions, double* out) {
  chosen().uniform(keys, times, rows, dimensions, out);
}

void normalNoise(const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions, double* out) {
  chosen().normal(keys, times, rows, dimensions, out);
}

void sampleGaussian(const float* parameters, const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions,
                    float* actions, float* logQ) {
  chosen().gaussian(parameters, keys, times, rows, dimensions, actions, logQ);
}

void sampleCategorical(const float* parameters, const uint32_t* keys, const int32_t* times, int64_t rows,
                       const int32_t* sizes, int factors, int32_t* actions, float* logQ) {
  chosen().categorical(parameters, keys, times, rows, sizes, factors, actions, logQ);
}

}  // namespace trellis::random
