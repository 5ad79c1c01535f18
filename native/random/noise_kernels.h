// The source of every noise_<instruction set>.cc, which defines TRELLIS_NOISE_KERNELS first. Plain loops over blocks of
// draws that compilers turn into vector code. No contraction, no library function: the same bits everywhere. All is in
// an unnamed namespace, so that no function compiled for one instruction set can be linked into another.
#include <math.h>

#include <cstdint>

#include "random/noise.h"

namespace trellis::random {
namespace {

constexpr int kBlock = 64;
constexpr double kHalfLogTwoPi = 0.91893853320467274178;
constexpr double kLn2 = 0.69314718055994530942;

struct Block {
  uint32_t k0[kBlock], k1[kBlock], time[kBlock], dimension[kBlock], words[kBlock];
  double values[kBlock];
};

template <int rotation>
inline void round(uint32_t& x0, uint32_t& x1) {
  x0 += x1;
  x1 = (x1 << rotation) | (x1 >> (32 - rotation));
  x1 ^= x0;
}

inline void drawUniform(Block& block) {
  for (int i = 0; i < kBlock; ++i) {
    const uint32_t k0 = block.k0[i], k1 = block.k1[i], k2 = 0x1bd11bdau ^ k0 ^ k1;
    uint32_t x0 = block.time[i] + k0, x1 = block.dimension[i] + k1;
    round<13>(x0, x1), round<15>(x0, x1), round<26>(x0, x1), round<6>(x0, x1);
    x0 += k1, x1 += k2 + 1;
    round<17>(x0, x1), round<29>(x0, x1), round<16>(x0, x1), round<24>(x0, x1);
    x0 += k2, x1 += k0 + 2;
    round<13>(x0, x1), round<15>(x0, x1), round<26>(x0, x1), round<6>(x0, x1);
    x0 += k0, x1 += k1 + 3;
    round<17>(x0, x1), round<29>(x0, x1), round<16>(x0, x1), round<24>(x0, x1);
    x0 += k1, x1 += k2 + 4;
    round<13>(x0, x1), round<15>(x0, x1), round<26>(x0, x1), round<6>(x0, x1);
    block.words[i] = x0 + k2;
  }
  for (int i = 0; i < kBlock; ++i) block.values[i] = (block.words[i] + 0.5) / 4294967296.0;
}

template <int n>
inline double polynomial(const double (&coefficients)[n], double x) {
  double sum = coefficients[0];
#if defined(__GNUC__)
#pragma GCC unroll 16
#endif
  for (int i = 1; i < n; ++i) sum = sum * x + coefficients[i];
  return sum;
}

// Natural logarithm of a normal positive double.
inline double portableLog(double x) {
  constexpr double series[10] = {1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11,
                                 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,  1};
  const uint64_t bits = __builtin_bit_cast(uint64_t, x);
  // 2^52 with the biased exponent in its last bits, less 2^52 and the bias: a conversion without an instruction for it.
  double exponent = __builtin_bit_cast(double, (bits >> 52) | 0x4330000000000000u) - 4503599627371519.0;
  double mantissa = __builtin_bit_cast(double, (bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
  const bool upper = mantissa > 1.4142135623730951;
  mantissa = upper ? mantissa * 0.5 : mantissa;
  exponent = upper ? exponent + 1 : exponent;
  const double s = (mantissa - 1) / (mantissa + 1);
  return exponent * kLn2 + 2 * s * polynomial(series, s * s);
}

// exp of a double in [-700, 700]; others are clamped.
inline double portableExp(double x) {
  constexpr double series[14] = {
      1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
      1.0 / 720,        1.0 / 120,       1.0 / 24,       1.0 / 6,       0.5,          1,           1};
  x = x < -700 ? -700 : x;
  x = x > 700 ? 700 : x;
  const double shifted = x * 1.4426950408889634074 + 6755399441055744.0;  // 1.5 * 2^52: rounds to an integer
  const double n = shifted - 6755399441055744.0;
  const double r = x - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10;
  const uint64_t scale = (__builtin_bit_cast(uint64_t, shifted) + 1023) << 52;
  return polynomial(series, r) * __builtin_bit_cast(double, scale);
}

// Wichura's AS 241 (PPND16) without its outermost branch, which 32-bit uniforms never reach (u < exp(-25)).
inline double inverseNormal(double u) {
  constexpr double centralNumerator[8] = {2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
                                          4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
                                          1.3314166789178437745e2, 3.387132872796366608};
  constexpr double centralDenominator[8] = {
      5.226495278852854561e3,  2.8729085735721942674e4, 3.930789580009271061e4,  2.1213794301586595867e4,
      5.3941960214247511077e3, 6.871870074920579083e2,  4.2313330701600911252e1, 1};
  constexpr double tailNumerator[8] = {7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1,
                                       1.27045825245236838258,   3.64784832476320460504,    5.7694972214606914055,
                                       4.6303378461565452959,    1.42343711074968357734};
  constexpr double tailDenominator[8] = {
      1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
      6.8976733498510000455e-1,  1.6763848301838038494,   2.05319162663775882187,    1};
  const double q = u - 0.5;
  const bool negative = q < 0;
  const double magnitude = negative ? -q : q;
  const double rc = 0.180625 - q * q;
  const double central = q * polynomial(centralNumerator, rc) / polynomial(centralDenominator, rc);
  const double rt = sqrt(-portableLog(negative ? u : 1 - u)) - 1.6;
  const double tail = polynomial(tailNumerator, rt) / polynomial(tailDenominator, rt);
  return magnitude <= 0.425 ? central : negative ? -tail : tail;
}

// Draws numbered first … of rows x dimensions into a block; returns how many there are (the rest repeats the last).
inline int fillBlock(Block& block, const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions,
                     int64_t first) {
  const int64_t left = rows * dimensions - first;
  const int count = left < kBlock ? static_cast<int>(left) : kBlock;
  int64_t row = first / dimensions;
  int dimension = static_cast<int>(first % dimensions);
  for (int i = 0; i < kBlock; ++i) {
    block.k0[i] = keys[2 * row];
    block.k1[i] = keys[2 * row + 1];
    block.time[i] = static_cast<uint32_t>(times[row]);
    block.dimension[i] = static_cast<uint32_t>(dimension);
    if (i + 1 < count && ++dimension == dimensions) dimension = 0, ++row;
  }
  return count;
}

void uniformNoiseHere(const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions, double* out) {
  Block block;
  for (int64_t first = 0; first < rows * dimensions; first += kBlock) {
    const int count = fillBlock(block, keys, times, rows, dimensions, first);
    drawUniform(block);
    for (int i = 0; i < count; ++i) out[first + i] = block.values[i];
  }
}

inline void drawNormal(Block& block) {
  drawUniform(block);
  for (int i = 0; i < kBlock; ++i) block.values[i] = inverseNormal(block.values[i]);
}

void normalNoiseHere(const uint32_t* keys, const int32_t* times, int64_t rows, int dimensions, double* out) {
  Block block;
  for (int64_t first = 0; first < rows * dimensions; first += kBlock) {
    const int count = fillBlock(block, keys, times, rows, dimensions, first);
    drawNormal(block);
    for (int i = 0; i < count; ++i) out[first + i] = block.values[i];
  }
}

void sampleGaussianHere(const float* parameters, const uint32_t* keys, const int32_t* times, int64_t rows,
                        int dimensions, float* actions, float* logQ) {
  Block block;
  double mean[kBlock], logStd[kBlock], loss[kBlock];
  float action[kBlock];
  double sum = 0;
  int64_t row = 0;
  int dimension = 0;
  for (int64_t first = 0; first < rows * dimensions; first += kBlock) {
    const int count = fillBlock(block, keys, times, rows, dimensions, first);
    int64_t r = first / dimensions;
    int j = static_cast<int>(first % dimensions);
    for (int i = 0; i < kBlock; ++i) {
      mean[i] = parameters[r * 2 * dimensions + j];
      logStd[i] = parameters[(r * 2 + 1) * dimensions + j];
      if (i + 1 < count && ++j == dimensions) j = 0, ++r;
    }
    drawNormal(block);
    for (int i = 0; i < kBlock; ++i) {
      action[i] = static_cast<float>(mean[i] + portableExp(logStd[i]) * block.values[i]);
    }
    for (int i = 0; i < kBlock; ++i) {
      const double z = (action[i] - mean[i]) * portableExp(-logStd[i]);
      loss[i] = 0.5 * z * z + logStd[i] + kHalfLogTwoPi;
    }
    for (int i = 0; i < count; ++i) {
      actions[first + i] = action[i];
      sum -= loss[i];
      if (++dimension == dimensions) {
        logQ[row++] = static_cast<float>(sum);
        dimension = 0;
        sum = 0;
      }
    }
  }
}

void sampleCategoricalHere(const float* parameters, const uint32_t* keys, const int32_t* times, int64_t rows,
                           const int32_t* sizes, int factors, int32_t* actions, float* logQ) {
  int64_t width = 0;
  for (int f = 0; f < factors; ++f) width += sizes[f];
  Block block;
  double highest[kBlock], total[kBlock], chosen[kBlock], cumulated[kBlock], logit[kBlock], logProbability[kBlock];
  int64_t choice[kBlock];
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int count = rows - first < kBlock ? static_cast<int>(rows - first) : kBlock;
    const auto row = [&](int i) { return first + (i < count ? i : count - 1); };
    for (int i = 0; i < kBlock; ++i) {
      block.k0[i] = keys[2 * row(i)];
      block.k1[i] = keys[2 * row(i) + 1];
      block.time[i] = static_cast<uint32_t>(times[row(i)]);
      logProbability[i] = 0;
    }
    int64_t at = 0;
    for (int f = 0; f < factors; at += sizes[f++]) {
      for (int i = 0; i < kBlock; ++i) block.dimension[i] = static_cast<uint32_t>(f);
      drawUniform(block);
      const auto load = [&](int k) {
        for (int i = 0; i < kBlock; ++i) logit[i] = parameters[row(i) * width + at + k];
      };
      for (int k = 0; k < sizes[f]; ++k) {
        load(k);
        for (int i = 0; i < kBlock; ++i) highest[i] = k == 0 || logit[i] > highest[i] ? logit[i] : highest[i];
      }
      for (int i = 0; i < kBlock; ++i) total[i] = cumulated[i] = 0;
      for (int k = 0; k < sizes[f]; ++k) {
        load(k);
        for (int i = 0; i < kBlock; ++i) total[i] += portableExp(logit[i] - highest[i]);
      }
      for (int i = 0; i < kBlock; ++i) choice[i] = 0;
      for (int k = 0; k < sizes[f]; ++k) {
        load(k);
        for (int i = 0; i < kBlock; ++i) {
          // Stays at the last k whose predecessors' probabilities sum to no more than the draw.
          const bool here = k == 0 || cumulated[i] <= block.values[i] * total[i];
          chosen[i] = here ? logit[i] : chosen[i];
          choice[i] = here ? k : choice[i];
          cumulated[i] += portableExp(logit[i] - highest[i]);
        }
      }
      for (int i = 0; i < kBlock; ++i) logProbability[i] += chosen[i] - highest[i] - portableLog(total[i]);
      for (int i = 0; i < count; ++i) actions[(first + i) * factors + f] = static_cast<int32_t>(choice[i]);
    }
    for (int i = 0; i < count; ++i) logQ[first + i] = static_cast<float>(logProbability[i]);
  }
}

}  // namespace

extern const NoiseKernels TRELLIS_NOISE_KERNELS;
const NoiseKernels TRELLIS_NOISE_KERNELS = {uniformNoiseHere, normalNoiseHere, sampleGaussianHere,
                                            sampleCategoricalHere};

}  // namespace trellis::random
