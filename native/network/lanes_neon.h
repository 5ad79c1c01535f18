// Four floats in one NEON register.
#pragma once

#include <arm_neon.h>

#include <cstdint>

#include "network/transpose_portable.h"

namespace trellis::network {
namespace {

struct Lanes {
  static constexpr int width = 4, unitBlock = 8, columnBlock = 3, gradientUnits = 6;
  static constexpr const char* name = "neon";
  float32x4_t v;
  static Lanes load(const float* p) { return {vld1q_f32(p)}; }
  static Lanes broadcast(float x) { return {vdupq_n_f32(x)}; }
  static Lanes fromBytes(const uint8_t* p) {
    const float x[4] = {static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2]),
                        static_cast<float>(p[3])};
    return {vld1q_f32(x)};
  }
  void store(float* p) const { vst1q_f32(p, v); }
};
inline Lanes operator+(Lanes a, Lanes b) { return {vaddq_f32(a.v, b.v)}; }
inline Lanes operator-(Lanes a, Lanes b) { return {vsubq_f32(a.v, b.v)}; }
inline Lanes operator*(Lanes a, Lanes b) { return {vmulq_f32(a.v, b.v)}; }
inline Lanes operator/(Lanes a, Lanes b) { return {vdivq_f32(a.v, b.v)}; }
inline Lanes squareRoot(Lanes a) { return {vsqrtq_f32(a.v)}; }
// a * b + c, rounded once
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
// One number for each unit of a block of weights.
struct Units {
  float32x4_t low, high;
  static Units load(const float* p) { return {vld1q_f32(p), vld1q_f32(p + 4)}; }
  static Units broadcast(float x) { return {vdupq_n_f32(x), vdupq_n_f32(x)}; }
  void store(float* p) const {
    vst1q_f32(p, low);
    vst1q_f32(p + 4, high);
  }
};
inline Units fma(Units a, Units b, Units c) {
  return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
}
inline float fusedOne(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
// a < b ? x : y
inline Lanes selectLess(Lanes a, Lanes b, Lanes x, Lanes y) { return {vbslq_f32(vcltq_f32(a.v, b.v), x.v, y.v)}; }
// a < b ? a : b, a > b ? a : b
inline Lanes smaller(Lanes a, Lanes b) { return selectLess(a, b, a, b); }
inline Lanes larger(Lanes a, Lanes b) { return selectLess(b, a, a, b); }
inline Lanes magnitude(Lanes a) { return {vabsq_f32(a.v)}; }
// |a| with the sign of b
inline Lanes withSign(Lanes a, Lanes b) { return {vbslq_f32(vdupq_n_u32(0x80000000u), b.v, a.v)}; }
// x * 2^n, n in the lowest bits of `shifted`
inline Lanes scaleByPower(Lanes x, Lanes shifted) {
  return {
      vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(x.v), vshlq_n_s32(vreinterpretq_s32_f32(shifted.v), 23)))};
}
// The sum of kTile partial sums: l + (l + 8), + 4, + 2, + 1.
inline float sumTile(const Lanes (&part)[4]) {
  const float32x4_t four = vaddq_f32(vaddq_f32(part[0].v, part[2].v), vaddq_f32(part[1].v, part[3].v));
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
// out[i] += sumTile(part[i])
inline void addTileSums(const Lanes (&part)[4][4], float* out) {
  for (int i = 0; i < 4; ++i) out[i] += sumTile(part[i]);
}

}  // namespace
}  // namespace trellis::network
