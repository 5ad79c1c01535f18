// The small pictures of a batch: grey or in colours, one or the last few of each slot.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "atari/palette.h"
#include "atari/preprocess.h"

namespace trellis::atari {

struct PictureShape {
  int height = 84, width = 84;
  bool maximum = true;  // of the last two frames, else of the last
  bool colour = false;  // height x width x 3, else height x width
  int stack = 1;        // the last pictures of a slot, oldest first; black before its episode began
};

class Pictures {
 public:
  // One thread's memory for two screens.
  struct Room {
    explicit Room(const PictureShape& shape)
        : planes(shape.colour ? 2 * kMaximumRows * kScreenWidth : 0),
          small(shape.colour ? shape.height * shape.width : 0) {}
    uint8_t screen[2][kMaximumRows * kScreenWidth];
    std::vector<uint8_t> planes, small;
  };

  Pictures(int screenHeight, const Palette& palette, const PictureShape& shape, int slots);

  const PictureShape& shape() const { return shape_; }
  int size() const { return preprocess_.size() * (shape_.colour ? 3 : 1); }  // bytes of one picture
  size_t stackBytes() const {
    return shape_.stack > 1 ? static_cast<size_t>(shape_.stack) * static_cast<size_t>(size()) : 0;
  }
  // What screens are to be drawn in: the value for each palette index.
  const uint8_t* shades() const { return shades_.data(); }
  // A screen of palette indices in those values, in `room`.
  const uint8_t* shaded(const uint8_t* screen, uint8_t* room) const;
  // `before`: null, or a second screen; then the maximum of both.
  void shrink(const uint8_t* now, const uint8_t* before, uint8_t* out, Room& room) const;

  // A slot's stack of pictures, where there are stacks.
  std::span<uint8_t> stack(int slot) {
    return {stacks_.data() + static_cast<size_t>(slot) * stackBytes(), stackBytes()};
  }
  // Makes room for the newest picture, after forgetting all others if `fresh`; where it goes.
  uint8_t* push(int slot, bool fresh);

 private:
  PictureShape shape_;
  Preprocess preprocess_;
  int pixels_;  // of a screen
  std::array<uint8_t, 256> shades_, channels_[3];
  std::vector<uint8_t> stacks_;
};

}  // namespace trellis::atari
