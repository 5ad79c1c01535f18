// One float at a time, for processors without the vector instructions; fma is exact even where it is slow.
#pragma once

#include <math.h>

#include <cstdint>

#include "network/transpose_portable.h"
#ifdef __MINGW32__
#include "network/fused.h"
#endif

namespace trellis::network {
namespace {

struct Lanes {
  static constexpr int width = 1, unitBlock = 4, columnBlock = 1, gradientUnits = 1;
  static constexpr const char* name = "scalar";
  float v;
  static Lanes load(const float* p) { return {*p}; }
  static Lanes broadcast(float x) { return {x}; }
  static Lanes fromBytes(const uint8_t* p) { return {static_cast<float>(*p)}; }
  void store(float* p) const { *p = v; }
};
inline Lanes operator+(Lanes a, Lanes b) { return {a.v + b.v}; }
inline Lanes operator-(Lanes a, Lanes b) { return {a.v - b.v}; }
inline Lanes operator*(Lanes a, Lanes b) { return {a.v * b.v}; }
inline Lanes operator/(Lanes a, Lanes b) { return {a.v / b.v}; }
inline Lanes squareRoot(Lanes a) { return {sqrtf(a.v)}; }
// a * b + c, rounded once
#ifdef __MINGW32__
inline float fusedOne(float a, float b, float c) { return fusedMultiplyAdd(a, b, c); }
#else
inline float fusedOne(float a, float b, float c) { return fmaf(a, b, c); }
#endif
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return {fusedOne(a.v, b.v, c.v)}; }
// One number for each unit of a block of weights.
struct Units {
  float v[4];
  static Units load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
  static Units broadcast(float x) { return {{x, x, x, x}}; }
  void store(float* p) const {
    for (int i = 0; i < 4; ++i) p[i] = v[i];
  }
};
inline Units fma(Units a, Units b, Units c) {
  for (int i = 0; i < 4; ++i) c.v[i] = fusedOne(a.v[i], b.v[i], c.v[i]);
  return c;
}
// a < b ? x : y
inline Lanes selectLess(Lanes a, Lanes b, Lanes x, Lanes y) { return a.v < b.v ? x : y; }
// a < b ? a : b, a > b ? a : b
inline Lanes smaller(Lanes a, Lanes b) { return selectLess(a, b, a, b); }
inline Lanes larger(Lanes a, Lanes b) { return selectLess(b, a, a, b); }
inline Lanes magnitude(Lanes a) { return {fabsf(a.v)}; }
// |a| with the sign of b
inline Lanes withSign(Lanes a, Lanes b) { return {copysignf(a.v, b.v)}; }
// x * 2^n, n in the lowest bits of `shifted`
inline Lanes scaleByPower(Lanes x, Lanes shifted) {
  return {
      __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, x.v) + (__builtin_bit_cast(uint32_t, shifted.v) << 23))};
}
// The sum of kTile partial sums: l + (l + 8), + 4, + 2, + 1.
inline float sumTile(const Lanes (&part)[16]) {
  float sum[16];
  for (int i = 0; i < 16; ++i) sum[i] = part[i].v;
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sum[i] += sum[i + half];
  return sum[0];
}
// out[i] += sumTile(part[i])
inline void addTileSums(const Lanes (&part)[4][16], float* out) {
  for (int i = 0; i < 4; ++i) out[i] += sumTile(part[i]);
}

}  // namespace
}  // namespace trellis::network
