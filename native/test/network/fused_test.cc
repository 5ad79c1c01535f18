// fusedMultiplyAdd against the C library's, which rounds once here (glibc's does; the test is not built elsewhere).
#include "network/fused.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace trellis::network {
namespace {

void expectSame(float a, float b, float c) {
  const float expected = std::fmaf(a, b, c), found = fusedMultiplyAdd(a, b, c);
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << a << " * " << b << " + " << c;
  } else {
    EXPECT_EQ(__builtin_bit_cast(uint32_t, expected), __builtin_bit_cast(uint32_t, found))
        << std::hexfloat << a << " * " << b << " + " << c;
  }
}

TEST(Fused, AnyBits) {
  std::mt19937 draw(1);
  for (int i = 0; i < 2000000; ++i) {
    const uint32_t a = draw(), b = draw(), c = draw();
    expectSame(__builtin_bit_cast(float, a), __builtin_bit_cast(float, b), __builtin_bit_cast(float, c));
  }
}

// Sums near the middle between two floats, where rounding twice goes wrong.
TEST(Fused, NearTies) {
  std::mt19937 draw(2);
  for (int i = 0; i < 2000000; ++i) {
    const float a = 1 + static_cast<float>(draw() % 4096) / 4096, b = 1 + static_cast<float>(draw() % 4096) / 4096;
    const float c = std::ldexp(draw() % 2 ? 1.0f : -1.0f, static_cast<int>(draw() % 80) - 60);
    expectSame(a, b, c);
    expectSame(std::ldexp(a, -25), b, c * 1.5f);
    expectSame(std::ldexp(a, -80), std::ldexp(b, -68), std::ldexp(c, -90));
  }
}

TEST(Fused, Edges) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float values[] = {0.0f, -0.0f, 1, -1, 1e-45f, 3e38f, infinity, -infinity, nan};
  for (float a : values) {
    for (float b : values) {
      for (float c : values) expectSame(a, b, c);
    }
  }
}

}  // namespace
}  // namespace trellis::network
