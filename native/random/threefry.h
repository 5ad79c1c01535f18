// Threefry-2x32, 20 rounds (Salmon et al., SC 2011): the words of src/base/random.ts.
#pragma once

#include <cstdint>

namespace trellis::random {

struct Words {
  uint32_t x0, x1;
};

constexpr Words threefry(uint32_t k0, uint32_t k1, uint32_t c0, uint32_t c1) {
  constexpr int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t keys[3] = {k0, k1, 0x1bd11bdau ^ k0 ^ k1};
  uint32_t x0 = c0 + k0, x1 = c1 + k1;
  for (uint32_t block = 0; block < 5; ++block) {
    for (int i = 0; i < 4; ++i) {
      const int rotation = rotations[(block & 1) * 4 + i];
      x0 += x1;
      x1 = (x1 << rotation) | (x1 >> (32 - rotation));
      x1 ^= x0;
    }
    x0 += keys[(block + 1) % 3];
    x1 += keys[(block + 2) % 3] + block + 1;
  }
  return {x0, x1};
}

// Uniform in (0, 1): never 0 or 1.
constexpr double uniform(uint32_t k0, uint32_t k1, uint32_t time, uint32_t dimension) {
  return (threefry(k0, k1, time, dimension).x0 + 0.5) / 4294967296.0;
}

}  // namespace trellis::random
