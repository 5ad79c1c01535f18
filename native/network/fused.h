// a * b + c in single precision, rounded once, by double-precision arithmetic: for C libraries whose fmaf rounds twice
// (mingw-w64's does).
#pragma once

#include <cstdint>

namespace trellis::network {
namespace {

inline float fusedMultiplyAdd(float a, float b, float c) {
  const double product = static_cast<double>(a) * b;  // exact: 48 bits
  const double sum = product + c;
  const double productPart = sum - c;
  const double lost = (product - productPart) + (c - (sum - productPart));
  // Where the sum lost something it is made odd, toward what was lost: then rounding it to single precision is as
  // rounding the exact sum (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
  auto bits = __builtin_bit_cast(uint64_t, sum);
  if ((lost < 0 || lost > 0) && (bits & 1) == 0) bits += (lost > 0) == (sum > 0) ? uint64_t{1} : ~uint64_t{0};
  return static_cast<float>(__builtin_bit_cast(double, bits));
}

}  // namespace
}  // namespace trellis::network
