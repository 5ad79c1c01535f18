// Small transposes with the instructions every x86-64 has.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace trellis::network {
namespace {

// out[j * outStride + i] = in[i * inStride + j], 4 x 4
inline void transpose4(const float* in, int64_t inStride, float* out, int64_t outStride) {
  __m128 r0 = _mm_loadu_ps(in), r1 = _mm_loadu_ps(in + inStride);
  __m128 r2 = _mm_loadu_ps(in + 2 * inStride), r3 = _mm_loadu_ps(in + 3 * inStride);
  const __m128 a = _mm_unpacklo_ps(r0, r1), b = _mm_unpacklo_ps(r2, r3);
  const __m128 c = _mm_unpackhi_ps(r0, r1), d = _mm_unpackhi_ps(r2, r3);
  _mm_storeu_ps(out, _mm_movelh_ps(a, b));
  _mm_storeu_ps(out + outStride, _mm_movehl_ps(b, a));
  _mm_storeu_ps(out + 2 * outStride, _mm_movelh_ps(c, d));
  _mm_storeu_ps(out + 3 * outStride, _mm_movehl_ps(d, c));
}

// out[j * 16 + i] = in[i * inStride + j], 16 x 16: interleaving rows i and i + 8 four times.
inline void transpose16(const uint8_t* in, int64_t inStride, uint8_t* out) {
  __m128i a[16], b[16];
  for (int i = 0; i < 16; ++i) a[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i * inStride));
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 8; ++i) {
      b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
      b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
    }
    for (int i = 0; i < 16; ++i) a[i] = b[i];
  }
  for (int i = 0; i < 16; ++i) _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16 * i), a[i]);
}

}  // namespace
}  // namespace trellis::network
