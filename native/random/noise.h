// Draws for many rows at once. Row i has a key (two words of `keys`) and a time; dimension j of row i is the draw of
// counter (times[i], j), word 0. The same bits as src/base/normal.ts on every instruction set.
#pragma once

#include <cstdint>

#include "parallel/instruction_set.h"

namespace trellis::random {

// out [rows x dimensions]
void uniformNoise(const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions, double* out);
void normalNoise(const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions, double* out);

// Actions of diagonal Gaussians; parameters [rows x 2d] are means, then log standard deviations. logQ [rows] is the log
// density of the action as stored.
void sampleGaussian(const float* parameters, const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions,
                    float* actions, float* logQ);

// Choices of independent categorical factors; parameters [rows x sum of sizes] are logits, actions [rows x factors].
// A choice is the first k whose cumulated probability exceeds the factor's uniform draw.
void sampleCategorical(const float* parameters, const uint32_t* keys, const int32_t* times, int64_t rows,
                       const int32_t* sizes, int factors, int32_t* actions, float* logQ);

// One set of kernels per instruction set; exposed for tests.
struct NoiseKernels {
  decltype(&uniformNoise) uniform;
  decltype(&normalNoise) normal;
  decltype(&sampleGaussian) gaussian;
  decltype(&sampleCategorical) categorical;
};
const NoiseKernels& noiseKernels(parallel::InstructionSet set);

}  // namespace trellis::random
