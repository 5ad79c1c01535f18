#include "atari/pictures.h"

#include "atari/machine/tia.h"

namespace trellis::atari {

Pictures::Pictures(int screenHeight, const Palette& palette, const PictureShape& shape, int slots)
    : shape_(shape),
      preprocess_(screenHeight, shape.height, shape.width),
      pixels_(screenHeight * kScreenWidth),
      shades_(shape.colour ? kPaletteIndices : palette.grey) {
  for (int c = 0; c < 3; ++c)
    for (size_t i = 0; i < 256; ++i) channels_[c][i] = static_cast<uint8_t>(palette.rgb[i] >> (16 - 8 * c));
  stacks_.resize(static_cast<size_t>(slots) * stackBytes());
}

const uint8_t* Pictures::shaded(const uint8_t* screen, uint8_t* room) const {
  if (shape_.colour) return screen;
  for (int i = 0; i < pixels_; ++i) room[i] = shades_[screen[i]];
  return room;
}

// A colour is three greys: the maximum and the mean are taken of each alone.
void Pictures::shrink(const uint8_t* now, const uint8_t* before, uint8_t* out, Room& room) const {
  if (!shape_.colour) return preprocess_.shrink(now, before, out);
  uint8_t* first = room.planes.data();
  uint8_t* second = first + kMaximumRows * kScreenWidth;
  const int small = preprocess_.size();
  for (int c = 0; c < 3; ++c) {
    const auto& channel = channels_[c];
    for (int i = 0; i < pixels_; ++i) first[i] = channel[now[i]];
    if (before)
      for (int i = 0; i < pixels_; ++i) second[i] = channel[before[i]];
    preprocess_.shrink(first, before ? second : nullptr, room.small.data());
    for (int i = 0; i < small; ++i) out[3 * i + c] = room.small[static_cast<size_t>(i)];
  }
}

uint8_t* Pictures::push(int slot, bool fresh) {
  const std::span<uint8_t> all = stack(slot);
  const auto one = static_cast<size_t>(size());
  if (fresh) std::memset(all.data(), 0, all.size());
  else std::memmove(all.data(), all.data() + one, all.size() - one);
  return all.data() + all.size() - one;
}

}  // namespace trellis::atari
