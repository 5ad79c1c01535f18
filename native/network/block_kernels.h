// Element-wise functions and changes of layout for a block of activations. Include after one of the lanes_*.h.
#pragma once

#include "network/functions.h"
#include "network/kernels.h"

namespace trellis::network {
namespace {

template <Activation activation>
void activateAll(float* x, int64_t count) {
  for (int64_t i = 0; i < count; i += Lanes::width) activated(activation, Lanes::load(x + i)).store(x + i);
}

void activate(Activation activation, float* x, int64_t count) {
  switch (activation) {
    case Activation::tanh:
      return activateAll<Activation::tanh>(x, count);
    case Activation::softplus:
      return activateAll<Activation::softplus>(x, count);
    case Activation::relu:
      return activateAll<Activation::relu>(x, count);
    default:
      return;
  }
}

template <Activation activation>
void multiplyAllBySlope(const float* y, float* x, int64_t count) {
  for (int64_t i = 0; i < count; i += Lanes::width) {
    (Lanes::load(x + i) * derivative(activation, Lanes::load(y + i))).store(x + i);
  }
}

void multiplyBySlope(Activation activation, const float* y, float* x, int64_t count) {
  switch (activation) {
    case Activation::tanh:
      return multiplyAllBySlope<Activation::tanh>(y, x, count);
    case Activation::softplus:
      return multiplyAllBySlope<Activation::softplus>(y, x, count);
    case Activation::relu:
      return multiplyAllBySlope<Activation::relu>(y, x, count);
    default:
      return;
  }
}

void multiply(float* x, const float* factor, int64_t count) {
  for (int64_t i = 0; i < count; i += Lanes::width) (Lanes::load(x + i) * Lanes::load(factor + i)).store(x + i);
}

void add(const float* a, const float* b, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i += Lanes::width) (Lanes::load(a + i) + Lanes::load(b + i)).store(out + i);
}

inline Lanes scaled(Lanes x, const InputScaling& scaling, int feature) {
  if (scaling.offset != nullptr) {
    x = (x - Lanes::broadcast(scaling.offset[feature])) * Lanes::broadcast(scaling.factor[feature]);
  }
  if (scaling.clip > 0) {
    x = smaller(Lanes::broadcast(scaling.clip), larger(Lanes::broadcast(-scaling.clip), x));
  }
  return x;
}

// One feature of one tile in place; observations from `rows` on become 0.
inline void scaleTile(float* tile, const InputScaling& scaling, int feature, int rows) {
  for (int lane = 0; lane < kTile; lane += Lanes::width) {
    scaled(Lanes::load(tile + lane), scaling, feature).store(tile + lane);
  }
  for (int lane = rows; lane < kTile; ++lane) tile[lane] = 0;
}

// `width` columns of kTile rows, of which there may be fewer: then of a copy, in which the others are 0.
template <int width, class Element>
class TileRows {
 public:
  TileRows(const Element* data, int64_t rowStride, int rows) : data_(data), rowStride_(rowStride), rows_(rows) {}
  const Element* at(int column) {
    if (rows_ == kTile) return data_ + column;
    for (int row = 0; row < rows_; ++row) {
      for (int i = 0; i < width; ++i) copy_[row * width + i] = data_[row * rowStride_ + column + i];
    }
    return copy_;
  }
  int64_t stride() const { return rows_ == kTile ? rowStride_ : width; }

 private:
  const Element* data_;
  int64_t rowStride_;
  int rows_;
  alignas(64) Element copy_[kTile * width] = {};
};

// Features from `first` on, one by one.
template <class Element>
void loadTileRest(const Element* data, int64_t rowStride, int rows, int first, int features,
                  const InputScaling& scaling, float* out, int64_t stride) {
  for (int feature = first; feature < features; ++feature) {
    float* tile = out + feature * stride;
    for (int lane = 0; lane < kTile; ++lane) {
      tile[lane] = lane < rows ? static_cast<float>(data[lane * rowStride + feature]) : 0.0f;
    }
    scaleTile(tile, scaling, feature, rows);
  }
}

inline int rowsOfTile(int rows) { return rows < 0 ? 0 : rows < kTile ? rows : kTile; }

void loadFloats(const float* data, int64_t rowStride, int rows, int features, const InputScaling& scaling, float* out,
                int64_t stride, int lanes) {
  for (int lane = 0; lane < lanes; lane += kTile, data += kTile * rowStride, rows -= kTile) {
    const int inTile = rowsOfTile(rows);
    TileRows<4, float> tileRows(data, rowStride, inTile);
    int feature = 0;
    for (; feature + 4 <= features; feature += 4) {
      const float* in = tileRows.at(feature);
      float* tile = out + feature * stride + lane;
      for (int row = 0; row < kTile; row += 4)
        transpose4(in + row * tileRows.stride(), tileRows.stride(), tile + row, stride);
      for (int j = 0; j < 4; ++j) scaleTile(tile + j * stride, scaling, feature + j, inTile);
    }
    loadTileRest(data, rowStride, inTile, feature, features, scaling, out + lane, stride);
  }
}

void loadBytes(const uint8_t* data, int64_t rowStride, int rows, int features, const InputScaling& scaling, float* out,
               int64_t stride, int lanes) {
  for (int lane = 0; lane < lanes; lane += kTile, data += kTile * rowStride, rows -= kTile) {
    const int inTile = rowsOfTile(rows);
    TileRows<16, uint8_t> tileRows(data, rowStride, inTile);
    int feature = 0;
    for (; feature + 16 <= features; feature += 16) {
      alignas(64) uint8_t bytes[16 * kTile];
      transpose16(tileRows.at(feature), tileRows.stride(), bytes);
      for (int j = 0; j < 16; ++j) {
        float* tile = out + (feature + j) * stride + lane;
        for (int i = 0; i < kTile; i += Lanes::width) {
          scaled(Lanes::fromBytes(bytes + 16 * j + i), scaling, feature + j).store(tile + i);
        }
        for (int i = inTile; i < kTile; ++i) tile[i] = 0;
      }
    }
    loadTileRest(data, rowStride, inTile, feature, features, scaling, out + lane, stride);
  }
}

void storeRows(const float* in, int64_t stride, int rows, int features, float* out, int64_t rowStride) {
  int row = 0;
  for (; row + 4 <= rows; row += 4) {
    int feature = 0;
    for (; feature + 4 <= features; feature += 4) {
      transpose4(in + feature * stride + row, stride, out + row * rowStride + feature, rowStride);
    }
    for (; feature < features; ++feature) {
      for (int i = row; i < row + 4; ++i) out[i * rowStride + feature] = in[feature * stride + i];
    }
  }
  for (; row < rows; ++row) {
    for (int feature = 0; feature < features; ++feature) out[row * rowStride + feature] = in[feature * stride + row];
  }
}

void softmaxMetric(const float* logits, float* tangent, const int32_t* sizes, int factors, int64_t stride, int lanes) {
  for (int factor = 0; factor < factors; ++factor) {
    const int size = sizes[factor];
    for (int lane = 0; lane < lanes; lane += Lanes::width) {
      Lanes highest = Lanes::load(logits + lane);
      for (int k = 1; k < size; ++k) highest = larger(highest, Lanes::load(logits + k * stride + lane));
      Lanes total = Lanes::broadcast(0.0f), mean = total;
      for (int k = 0; k < size; ++k) {
        const Lanes p = exponentialOrNan(Lanes::load(logits + k * stride + lane) - highest);
        total = total + p;
        mean = fma(p, Lanes::load(tangent + k * stride + lane), mean);
      }
      mean = mean / total;
      for (int k = 0; k < size; ++k) {
        const Lanes p = exponential(Lanes::load(logits + k * stride + lane) - highest) / total;
        float* t = tangent + k * stride + lane;
        (p * (Lanes::load(t) - mean)).store(t);
      }
    }
    logits += size * stride;
    tangent += size * stride;
  }
}

void gaussianMetric(const float* outputs, float* tangent, int dimensions, int64_t stride, int lanes) {
  const Lanes two = Lanes::broadcast(2.0f);
  for (int i = 0; i < dimensions; ++i) {
    float* means = tangent + i * stride;
    float* logStds = tangent + (dimensions + i) * stride;
    for (int lane = 0; lane < lanes; lane += Lanes::width) {
      const Lanes logStd = Lanes::load(outputs + (dimensions + i) * stride + lane);
      (Lanes::load(means + lane) * exponentialOrNan(Lanes::broadcast(-2.0f) * logStd)).store(means + lane);
      (Lanes::load(logStds + lane) * two).store(logStds + lane);
    }
  }
}

void unscale(const float* x, float* gradient, int features, const InputScaling& scaling, int64_t stride, int lanes) {
  const Lanes zero = Lanes::broadcast(0.0f);
  for (int feature = 0; feature < features; ++feature) {
    for (int lane = 0; lane < lanes; lane += Lanes::width) {
      float* g = gradient + feature * stride + lane;
      Lanes value = Lanes::load(g);
      if (scaling.offset != nullptr) value = value * Lanes::broadcast(scaling.factor[feature]);
      if (scaling.clip > 0) {
        value = selectLess(magnitude(Lanes::load(x + feature * stride + lane)), Lanes::broadcast(scaling.clip), value,
                           zero);
      }
      value.store(g);
    }
  }
}

}  // namespace
}  // namespace trellis::network
