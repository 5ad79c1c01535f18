// Palettes, greys, and the blending of two screens.
#pragma once

#include <array>
#include <cstdint>

namespace trellis::atari {

struct Palette {
  std::array<uint32_t, 256> rgb;  // 0xRRGGBB of a palette index
  std::array<uint8_t, 256> grey;  // of a palette index
  // The index of the blend of two screens' pixels, [current][previous]; made on first use.
  const std::array<std::array<uint8_t, 256>, 256>& blend() const;
};

const Palette& palette(bool pal);

}  // namespace trellis::atari
