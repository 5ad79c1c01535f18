// exp, tanh, softplus on Lanes: a few units in the last place, the same bits on every instruction set. Include after
// one of the lanes_*.h.
//
// A NaN stays one: smaller and larger give their second argument where either is NaN, so what may be NaN stands second.
#pragma once

#include "network/spec.h"

namespace trellis::network {
namespace {

struct Reduced {
  Lanes shifted;  // n in its lowest bits
  Lanes expm1;    // exp(r) - 1, |r| <= log(2) / 2
};

// x = n log 2 + r; the Taylor series to r^7 leaves 5e-9.
inline Reduced reduce(Lanes x) {
  const Lanes shift = Lanes::broadcast(12582912.0f);  // 1.5 * 2^23: rounds to an integer
  const Lanes shifted = fma(x, Lanes::broadcast(1.44269504088896341f), shift);
  const Lanes n = shift - shifted;
  Lanes r = fma(n, Lanes::broadcast(0.693147182464599609375f), x);
  r = fma(n, Lanes::broadcast(-1.904654299957768e-09f), r);
  Lanes p = Lanes::broadcast(1.0f / 5040);
  p = fma(p, r, Lanes::broadcast(1.0f / 720));
  p = fma(p, r, Lanes::broadcast(1.0f / 120));
  p = fma(p, r, Lanes::broadcast(1.0f / 24));
  p = fma(p, r, Lanes::broadcast(1.0f / 6));
  p = fma(p, r, Lanes::broadcast(0.5f));
  return {shifted, fma(p, r * r, r)};
}

// exp(x) for x in [-86, 88]; others are clamped. Some number or NaN for NaN.
inline Lanes exponential(Lanes x) {
  x = smaller(Lanes::broadcast(88.0f), larger(Lanes::broadcast(-86.0f), x));
  const Reduced reduced = reduce(x);
  return scaleByPower(reduced.expm1 + Lanes::broadcast(1.0f), reduced.shifted);
}

// As exponential, NaN for NaN (scaling works on bits and may make a number of it).
inline Lanes exponentialOrNan(Lanes x) {
  const Lanes clamped = smaller(Lanes::broadcast(88.0f), larger(Lanes::broadcast(-86.0f), x));
  return exponential(clamped) + (clamped - clamped);
}

// exp(x) - 1 for x in [-86, 88] and not beyond, accurate near 0.
inline Lanes exponentialLess1(Lanes x) {
  const Lanes one = Lanes::broadcast(1.0f);
  const Reduced reduced = reduce(x);
  const Lanes power = scaleByPower(one, reduced.shifted);
  return fma(power, reduced.expm1, power - one);
}

inline Lanes hyperbolicTangent(Lanes x) {
  // Beyond 9.1 the result rounds to 1.
  const Lanes t = exponentialLess1(smaller(Lanes::broadcast(18.2f), magnitude(x) + magnitude(x)));
  return withSign(t / (t + Lanes::broadcast(2.0f)), x);
}

// log(1 + exp(x)) = max(x, 0) + 2 artanh(e / (2 + e)), e = exp(-|x|).
inline Lanes softplus(Lanes x) {
  const Lanes zero = Lanes::broadcast(0.0f);
  const Lanes e = exponential(zero - magnitude(x));
  const Lanes s = e / (e + Lanes::broadcast(2.0f));
  const Lanes z = s * s;
  Lanes p = Lanes::broadcast(1.0f / 15);
  p = fma(p, z, Lanes::broadcast(1.0f / 13));
  p = fma(p, z, Lanes::broadcast(1.0f / 11));
  p = fma(p, z, Lanes::broadcast(1.0f / 9));
  p = fma(p, z, Lanes::broadcast(1.0f / 7));
  p = fma(p, z, Lanes::broadcast(1.0f / 5));
  p = fma(p, z, Lanes::broadcast(1.0f / 3));
  p = fma(p, z, Lanes::broadcast(1.0f));
  return fma(s + s, p, larger(zero, x));
}

inline Lanes activated(Activation activation, Lanes x) {
  switch (activation) {
    case Activation::tanh:
      return hyperbolicTangent(x);
    case Activation::softplus:
      return softplus(x);
    // The sum makes 0 of -0.
    case Activation::relu:
      return larger(Lanes::broadcast(0.0f), x) + Lanes::broadcast(0.0f);
    default:
      return x;
  }
}

// Derivative as a function of the activation's value.
inline Lanes derivative(Activation activation, Lanes y) {
  const Lanes zero = Lanes::broadcast(0.0f), one = Lanes::broadcast(1.0f);
  switch (activation) {
    case Activation::tanh:
      return fma(zero - y, y, one);
    case Activation::softplus:
      return zero - exponentialLess1(larger(Lanes::broadcast(-86.0f), zero - y));
    case Activation::relu:
      return selectLess(zero, y, one, zero);
    default:
      return one;
  }
}

}  // namespace
}  // namespace trellis::network
