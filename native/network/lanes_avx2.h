// Eight floats in one AVX register, with FMA.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "network/transpose_x86.h"

namespace trellis::network {
namespace {

struct Lanes {
  static constexpr int width = 8, unitBlock = 4, columnBlock = 3, gradientUnits = 3;
  static constexpr const char* name = "avx2";
  __m256 v;
  static Lanes load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Lanes broadcast(float x) { return {_mm256_set1_ps(x)}; }
  static Lanes fromBytes(const uint8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
  }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
};
inline Lanes operator+(Lanes a, Lanes b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Lanes operator-(Lanes a, Lanes b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Lanes operator*(Lanes a, Lanes b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Lanes operator/(Lanes a, Lanes b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Lanes squareRoot(Lanes a) { return {_mm256_sqrt_ps(a.v)}; }
// a * b + c, rounded once
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
// One number for each unit of a block of weights.
struct Units {
  __m128 v;
  static Units load(const float* p) { return {_mm_loadu_ps(p)}; }
  static Units broadcast(float x) { return {_mm_set1_ps(x)}; }
  void store(float* p) const { _mm_storeu_ps(p, v); }
};
inline Units fma(Units a, Units b, Units c) { return {_mm_fmadd_ps(a.v, b.v, c.v)}; }
inline float fusedOne(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
// a < b ? x : y
inline Lanes selectLess(Lanes a, Lanes b, Lanes x, Lanes y) {
  return {_mm256_blendv_ps(y.v, x.v, _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ))};
}
// a < b ? a : b, a > b ? a : b
inline Lanes smaller(Lanes a, Lanes b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Lanes larger(Lanes a, Lanes b) { return {_mm256_max_ps(a.v, b.v)}; }
inline Lanes magnitude(Lanes a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
// |a| with the sign of b
inline Lanes withSign(Lanes a, Lanes b) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  return {_mm256_or_ps(_mm256_and_ps(sign, b.v), _mm256_andnot_ps(sign, a.v))};
}
// x * 2^n, n in the lowest bits of `shifted`
inline Lanes scaleByPower(Lanes x, Lanes shifted) {
  return {_mm256_castsi256_ps(
      _mm256_add_epi32(_mm256_castps_si256(x.v), _mm256_slli_epi32(_mm256_castps_si256(shifted.v), 23)))};
}
// The sum of kTile partial sums: l + (l + 8), + 4, + 2, + 1.
inline float sumTile(const Lanes (&part)[2]) {
  const __m256 eight = _mm256_add_ps(part[0].v, part[1].v);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
// out[i] += sumTile(part[i]): the same trees, four at a time.
inline void addTileSums(const Lanes (&part)[4][2], float* out) {
  const auto halves = [](const Lanes(&x)[2], const Lanes(&y)[2]) {
    const __m256 a = _mm256_add_ps(x[0].v, x[1].v), b = _mm256_add_ps(y[0].v, y[1].v);
    return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
  };
  const __m256 ab = halves(part[0], part[1]), cd = halves(part[2], part[3]);
  __m256 sum = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xee));
  sum = _mm256_add_ps(sum, _mm256_permute_ps(sum, 0xb1));
  const __m256i order = _mm256_setr_epi32(0, 4, 2, 6, 0, 0, 0, 0);  // a c | b d to a b c d
  _mm_storeu_ps(out, _mm_add_ps(_mm_loadu_ps(out), _mm256_castps256_ps128(_mm256_permutevar8x32_ps(sum, order))));
}

}  // namespace
}  // namespace trellis::network
