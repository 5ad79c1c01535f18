// Small grey pictures for networks: area averages, bit for bit those of OpenCV's INTER_AREA on 8-bit images.
#pragma once

#include <cstdint>
#include <vector>

#include "atari/machine/core.h"

namespace trellis::atari {

class Preprocess {
 public:
  // From `screenHeight` rows of 160 greys to height x width. Where blocks of the width's whole ratio fit but for a margin at
  // top and bottom (210 rows to 52, in blocks of 4), the margin is left out first.
  Preprocess(int screenHeight, int height, int width);

  int size() const { return height_ * width_; }
  // `grey`: one screen. `other`: null, or a second one; then the pixelwise maximum is taken first.
  void shrink(const uint8_t* grey, const uint8_t* other, uint8_t* out) const;

 private:
  struct Tap {
    int source, target;
    float weight;
  };
  static std::vector<Tap> areaTaps(int sources, int targets);
  void shrinkBlocks(const uint8_t* grey, const uint8_t* other, uint8_t* out) const;
  void shrinkFours(const uint8_t* grey, const uint8_t* other, uint8_t* out) const;
  void shrinkArea(const uint8_t* grey, const uint8_t* other, uint8_t* out) const;
  void shrinkRow(const uint8_t* row, float* out) const;
  bool groupColumns();

  int height_, width_;
  int crop_;  // rows left out at top and at bottom
  int rows_;
  bool blocks_;  // both ratios whole
  bool fours_;   // both ratios 4
  std::vector<Tap> columns_, lines_;
  // Where four equal parts of the row have the same taps, they are worked out side by side: weight of part p at [tap][p].
  bool grouped_ = false;
  struct GroupTap {
    int source, target;
    float weight[4];
  };
  std::vector<GroupTap> groups_;
};

}  // namespace trellis::atari
