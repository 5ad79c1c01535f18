// Layer normalisation of a block: every observation over its own features. Include after one of the lanes_*.h.
//
// Sums over features keep four partial sums, feature f in the one of number f mod 4, whatever the instruction set.
#pragma once

#include "network/kernels.h"

namespace trellis::network {
namespace {

// next(feature, sum): the sum with the feature's term
template <class Next>
inline Lanes sumFeatures(int features, Next next) {
  const Lanes zero = Lanes::broadcast(0.0f);
  Lanes sum[4] = {zero, zero, zero, zero};
  int f = 0;
  for (; f + 4 <= features; f += 4) {
    for (int part = 0; part < 4; ++part) sum[part] = next(f + part, sum[part]);
  }
  for (; f < features; ++f) sum[f & 3] = next(f, sum[f & 3]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// Lanes::width observations of a block: the normalised features, from the statistics that the forward pass left.
struct Normalized {
  const float* in;
  int64_t stride;
  Lanes mean, inverse;

  Normalized(const NormView& norm, int lane)
      : in(norm.in + lane),
        stride(norm.stride),
        mean(Lanes::load(norm.statistics + lane)),
        inverse(Lanes::load(norm.statistics + norm.stride + lane)) {}
  Lanes at(int feature) const { return (Lanes::load(in + feature * stride) - mean) * inverse; }
};

// gain and bias of a feature: one number for all observations, or each observation's own, kTile apart
template <bool each>
inline Lanes parameter(const float* values, int64_t index, int lane) {
  return each ? Lanes::load(values + index * kTile + lane) : Lanes::broadcast(values[index]);
}

template <bool each>
void normalizeAll(const NormView& norm, const float* parameters, int64_t gain, int64_t bias, float* out) {
  const Lanes count = Lanes::broadcast(static_cast<float>(norm.features));
  for (int lane = 0; lane < norm.lanes; lane += Lanes::width) {
    const float* x = norm.in + lane;
    const int64_t stride = norm.stride;
    const Lanes mean =
        sumFeatures(norm.features, [=](int f, Lanes sum) { return sum + Lanes::load(x + f * stride); }) / count;
    const Lanes variance = sumFeatures(norm.features,
                                       [=](int f, Lanes sum) {
                                         const Lanes centred = Lanes::load(x + f * stride) - mean;
                                         return fma(centred, centred, sum);
                                       }) /
                           count;
    mean.store(norm.statistics + lane);
    (Lanes::broadcast(1.0f) / squareRoot(variance + Lanes::broadcast(kLayerNormEpsilon)))
        .store(norm.statistics + stride + lane);
    const Normalized normalized(norm, lane);
    for (int f = 0; f < norm.features; ++f) {
      fma(parameter<each>(parameters, gain + f, lane), normalized.at(f), parameter<each>(parameters, bias + f, lane))
          .store(out + f * stride + lane);
    }
  }
}

void normalize(const NormView& norm, const float* parameters, int64_t gain, int64_t bias, float* out) {
  normalizeAll<false>(norm, parameters, gain, bias, out);
}

void normalizeEach(const NormView& norm, const float* parameters, int64_t gain, int64_t bias, float* out) {
  normalizeAll<true>(norm, parameters, gain, bias, out);
}

void normalizeTangent(const NormView& norm, const float* gain, const float* gainTangent, const float* biasTangent,
                      const float* inTangent, float* out) {
  const Lanes count = Lanes::broadcast(static_cast<float>(norm.features));
  const int64_t stride = norm.stride;
  for (int lane = 0; lane < norm.lanes; lane += Lanes::width) {
    const Normalized normalized(norm, lane);
    for (int f = 0; f < norm.features; ++f) {
      fma(Lanes::broadcast(gainTangent[f]), normalized.at(f), Lanes::broadcast(biasTangent[f]))
          .store(out + f * stride + lane);
    }
    if (inTangent == nullptr) continue;
    const float* t = inTangent + lane;
    const Lanes mean =
        sumFeatures(norm.features, [=](int f, Lanes sum) { return sum + Lanes::load(t + f * stride); }) / count;
    const Lanes projection =
        sumFeatures(norm.features,
                    [=](int f, Lanes sum) { return fma(normalized.at(f), Lanes::load(t + f * stride), sum); }) /
        count;
    for (int f = 0; f < norm.features; ++f) {
      const Lanes moved = (Lanes::load(t + f * stride) - mean - normalized.at(f) * projection) * normalized.inverse;
      float* o = out + f * stride + lane;
      fma(Lanes::broadcast(gain[f]), moved, Lanes::load(o)).store(o);
    }
  }
}

void normalizeGradient(const NormView& norm, const float* cotangent, float* gainGradient, float* biasGradient) {
  constexpr int parts = kTile / Lanes::width;
  for (int f = 0; f < norm.features; ++f) {
    const float* c = cotangent + f * norm.stride;
    Lanes gains[parts], biases[parts];
    for (int part = 0; part < parts; ++part) {
      Lanes gain = Lanes::broadcast(0.0f), bias = gain;
      for (int lane = part * Lanes::width; lane < norm.lanes; lane += kTile) {
        gain = fma(Lanes::load(c + lane), Normalized(norm, lane).at(f), gain);
        bias = bias + Lanes::load(c + lane);
      }
      gains[part] = gain;
      biases[part] = bias;
    }
    gainGradient[f] += sumTile(gains);
    biasGradient[f] += sumTile(biases);
  }
}

void normalizePullback(const NormView& norm, const float* gain, const float* cotangent, float* out, bool accumulate) {
  const Lanes count = Lanes::broadcast(static_cast<float>(norm.features));
  const int64_t stride = norm.stride;
  for (int lane = 0; lane < norm.lanes; lane += Lanes::width) {
    const Normalized normalized(norm, lane);
    const float* c = cotangent + lane;
    const auto scaled = [=](int f) { return Lanes::broadcast(gain[f]) * Lanes::load(c + f * stride); };
    const Lanes mean = sumFeatures(norm.features, [=](int f, Lanes sum) { return sum + scaled(f); }) / count;
    const Lanes projection =
        sumFeatures(norm.features, [=](int f, Lanes sum) { return fma(normalized.at(f), scaled(f), sum); }) / count;
    for (int f = 0; f < norm.features; ++f) {
      const Lanes moved = (scaled(f) - mean - normalized.at(f) * projection) * normalized.inverse;
      float* o = out + f * stride + lane;
      (accumulate ? Lanes::load(o) + moved : moved).store(o);
    }
  }
}

}  // namespace
}  // namespace trellis::network
