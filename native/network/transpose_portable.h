// Small transposes in plain C++.
#pragma once

#include <cstdint>

namespace trellis::network {
namespace {

// out[j * outStride + i] = in[i * inStride + j], 4 x 4
inline void transpose4(const float* in, int64_t inStride, float* out, int64_t outStride) {
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) out[j * outStride + i] = in[i * inStride + j];
}

// out[j * 16 + i] = in[i * inStride + j], 16 x 16
inline void transpose16(const uint8_t* in, int64_t inStride, uint8_t* out) {
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) out[j * 16 + i] = in[i * inStride + j];
}

}  // namespace
}  // namespace trellis::network
