#include "network/dense_gradient.h"

#include <algorithm>

namespace trellis::network {
namespace {

// Units and inputs of a part: their cotangents and a few observations' inputs fit the first-level cache.
constexpr int kUnits = 64;
constexpr int kColumns = 96;
static_assert(kColumns % kTile == 0);

constexpr int64_t kMostRows = 1024;
constexpr int64_t kMostFloats = int64_t{1} << 26;

}  // namespace

DenseGradient::DenseGradient(const Program& program, std::atomic<int64_t>& bytes)
    : program_(program), bytes_(bytes), capacity_(kMostRows), layers_(program.plans.size()) {
  int64_t widest = 1;
  for (size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = program.spec.layers[l];
    if (!layer.dense()) continue;
    widest = std::max<int64_t>(widest, layer.taps());
    macs_ += int64_t{layer.taps()} * layer.units;
    for (int unit = 0; unit < layer.units; unit += kUnits) {
      for (int column = 0; column < layer.taps(); column += kColumns) {
        parts_.push_back(
            {l, unit, std::min(kUnits, layer.units - unit), column, std::min(kColumns, layer.taps() - column)});
      }
    }
  }
  while (capacity_ > program.block && capacity_ * widest > kMostFloats) capacity_ /= 2;
}

void DenseGradient::makeRows(Rows& rows, const Layer& layer) {
  rows.rowStride = roundUp(layer.taps(), kTile);
  // Rows are stored four at a time, and read kTile columns at a time.
  rows.inputs = makeBuffer(capacity_ * rows.rowStride);
  rows.cotangents = makeBuffer(capacity_ * layer.units);
  bytes_ += capacity_ * (rows.rowStride + layer.units) * static_cast<int64_t>(sizeof(float));
  for (int64_t row = 0; row < capacity_; ++row) rows.rowOffset.push_back(static_cast<int32_t>(row * rows.rowStride));
}

void DenseGradient::begin(int64_t rows) {
  rows_ = rows;
  for (size_t l = 0; l < layers_.size(); ++l) {
    if (program_.spec.layers[l].dense() && !layers_[l].inputs) makeRows(layers_[l], program_.spec.layers[l]);
  }
}

void DenseGradient::lay(const Block& block, size_t l, const float* cotangent, int64_t first) {
  const Layer& layer = program_.spec.layers[l];
  const Kernels& kernels = program_.kernels;
  Rows& rows = layers_[l];
  kernels.storeRows(block.value(layer.inputs[0]), block.stride, block.rows, layer.taps(),
                    rows.inputs.get() + first * rows.rowStride, rows.rowStride);
  for (int unit = 0; unit < layer.units; unit += kUnits) {
    const Blocks blocks(std::min(kUnits, layer.units - unit), kernels.unitBlock);
    for (int i = 0; i < blocks.blocks; ++i) {
      const int from = unit + blocks.start(i), size = blocks.start(i + 1) - blocks.start(i);
      kernels.storeRows(cotangent + from * block.stride, block.stride, block.rows, size,
                        rows.cotangents.get() + from * rows_ + first * size, size);
    }
  }
}

void DenseGradient::add(int64_t number, float* gradient) const {
  const Part& part = parts_[number];
  const Layer& layer = program_.spec.layers[part.layer];
  const Kernels& kernels = program_.kernels;
  const Rows& rows = layers_[part.layer];
  const float* packed = rows.cotangents.get() + part.unit * rows_;
  if (part.column == 0) {
    float* bias = gradient + layer.biasOffset + part.unit;
    const Blocks blocks(part.units, kernels.unitBlock);
    const float* column = packed;
    for (int i = 0; i < blocks.blocks; ++i) {
      const int units = blocks.start(i + 1) - blocks.start(i);
      for (int64_t row = 0; row < rows_; ++row, column += units) {
        for (int unit = 0; unit < units; ++unit) bias[blocks.start(i) + unit] += column[unit];
      }
    }
  }
  const int32_t first = 0;
  const int taps = layer.taps(), whole = part.columns / kTile * kTile, left = part.columns - whole;
  const float* in = rows.inputs.get() + part.column;
  float* weights = gradient + layer.weightOffset + int64_t{part.unit} * taps + part.column;
  GatherView product{part.units, static_cast<int>(rows_), 1, taps, rows.rowOffset.data(), &first, &first, nullptr};
  if (whole > 0) kernels.gather(product, packed, nullptr, in, weights, 1, whole);
  if (left == 0) return;
  // Columns that fill no tile are summed apart from what stands beside them.
  alignas(64) float rest[kUnits * kTile] = {};
  for (int unit = 0; unit < part.units; ++unit) {
    std::copy_n(weights + int64_t{unit} * taps + whole, left, rest + unit * kTile);
  }
  product.unitStride = kTile;
  kernels.gather(product, packed, nullptr, in + whole, rest, 1, kTile);
  for (int unit = 0; unit < part.units; ++unit) {
    std::copy_n(rest + unit * kTile, left, weights + int64_t{unit} * taps + whole);
  }
}

}  // namespace trellis::network
