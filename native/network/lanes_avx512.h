// Sixteen floats in one AVX-512 register.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "network/transpose_x86.h"

namespace trellis::network {
namespace {

struct Lanes {
  static constexpr int width = 16, unitBlock = 8, columnBlock = 3, gradientUnits = 6;
  static constexpr const char* name = "avx512";
  __m512 v;
  static Lanes load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Lanes broadcast(float x) { return {_mm512_set1_ps(x)}; }
  static Lanes fromBytes(const uint8_t* p) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
  }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
};
inline Lanes operator+(Lanes a, Lanes b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Lanes operator-(Lanes a, Lanes b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Lanes operator*(Lanes a, Lanes b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Lanes operator/(Lanes a, Lanes b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Lanes squareRoot(Lanes a) { return {_mm512_sqrt_ps(a.v)}; }
// a * b + c, rounded once
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
// One number for each unit of a block of weights.
struct Units {
  __m256 v;
  static Units load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Units broadcast(float x) { return {_mm256_set1_ps(x)}; }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
};
inline Units fma(Units a, Units b, Units c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline float fusedOne(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
// a < b ? x : y
inline Lanes selectLess(Lanes a, Lanes b, Lanes x, Lanes y) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ), y.v, x.v)};
}
// a < b ? a : b, a > b ? a : b
inline Lanes smaller(Lanes a, Lanes b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Lanes larger(Lanes a, Lanes b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Lanes magnitude(Lanes a) {
  return {_mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(a.v), _mm512_set1_epi32(0x7fffffff)))};
}
// |a| with the sign of b
inline Lanes withSign(Lanes a, Lanes b) {
  const __m512i sign = _mm512_set1_epi32(static_cast<int>(0x80000000u));
  return {_mm512_castsi512_ps(_mm512_or_si512(_mm512_and_si512(sign, _mm512_castps_si512(b.v)),
                                              _mm512_andnot_si512(sign, _mm512_castps_si512(a.v))))};
}
// x * 2^n, n in the lowest bits of `shifted`
inline Lanes scaleByPower(Lanes x, Lanes shifted) {
  return {_mm512_castsi512_ps(
      _mm512_add_epi32(_mm512_castps_si512(x.v), _mm512_slli_epi32(_mm512_castps_si512(shifted.v), 23)))};
}
// The sum of kTile partial sums: l + (l + 8), + 4, + 2, + 1.
inline float sumTile(const Lanes (&part)[1]) {
  const __m256 low = _mm512_castps512_ps256(part[0].v);
  const __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(part[0].v), 1));
  const __m256 eight = _mm256_add_ps(low, high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
// out[i] += sumTile(part[i]): the same trees, four at a time.
inline void addTileSums(const Lanes (&part)[4][1], float* out) {
  const auto halves = [](__m512 a, __m512 b) {
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
  };
  const __m512 ab = halves(part[0][0].v, part[1][0].v), cd = halves(part[2][0].v, part[3][0].v);
  __m512 sum = _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
  sum = _mm512_add_ps(sum, _mm512_permute_ps(sum, 0x4e));
  sum = _mm512_add_ps(sum, _mm512_permute_ps(sum, 0xb1));
  const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  _mm_storeu_ps(out, _mm_add_ps(_mm_loadu_ps(out), _mm512_castps512_ps128(_mm512_permutexvar_ps(first, sum))));
}

}  // namespace
}  // namespace trellis::network
