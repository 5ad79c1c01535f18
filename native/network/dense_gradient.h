// The gradient of dense layers over a minibatch: each sum is one chain over the observations in order. The blocks lay down
// their inputs and cotangents as rows of matrices, whose product is made when all have: each weight is then written once,
// however many blocks there are.
#pragma once

#include "network/block.h"

namespace trellis::network {

class DenseGradient {
 public:
  // bytes grows with the matrices, which are made when they are needed first.
  DenseGradient(const Program& program, std::atomic<int64_t>& bytes);

  // Most observations at a time, a multiple of a block's.
  int64_t capacity() const { return capacity_; }
  // Begins with so many observations, at most capacity().
  void begin(int64_t rows);
  // Lays down a block's rows of one layer, from row `first` on. Blocks of different rows may do so at once.
  void lay(const Block& block, size_t layer, const float* cotangent, int64_t first);
  // gradient [P] += the product, in parts that write to different places.
  int64_t parts() const { return static_cast<int64_t>(parts_.size()); }
  void add(int64_t part, float* gradient) const;
  // Multiply-adds of an observation.
  int64_t macs() const { return macs_; }

 private:
  struct Rows {
    int64_t rowStride;               // between inputs of observations, a multiple of kTile
    Buffer inputs;                   // [capacity, rowStride]
    Buffer cotangents;               // groups of units, each packed as weights whose taps are the observations
    std::vector<int32_t> rowOffset;  // [capacity]
  };
  struct Part {
    size_t layer;
    int unit, units, column, columns;
  };
  void makeRows(Rows& rows, const Layer& layer);

  const Program& program_;
  std::atomic<int64_t>& bytes_;
  int64_t capacity_, rows_ = 0, macs_ = 0;
  std::vector<Rows> layers_;  // [layers]; empty but for dense ones
  std::vector<Part> parts_;
};

}  // namespace trellis::network
