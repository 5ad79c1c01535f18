#include "network/spec.h"

#include <initializer_list>
#include <limits>
#include <stdexcept>

namespace trellis::network {
namespace {

constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();

// Kernels count features and taps in 32 bits.
int checkedProduct(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (int64_t factor : factors) {
    if (factor < 1) throw std::length_error("a layer without size");
    if (product > kLargest / factor) throw std::length_error("a layer of 2^31 features or more");
    product *= factor;
  }
  return static_cast<int>(product);
}

void checkSizes(const Layer& layer) {
  checkedProduct({layer.channels, layer.height, layer.width});
  if (layer.kernelHeight < 1 || layer.kernelWidth < 1 || layer.strideHeight < 1 || layer.strideWidth < 1 ||
      layer.kernelHeight > layer.height || layer.kernelWidth > layer.width) {
    throw std::length_error("a kernel that does not fit its input");
  }
  checkedProduct({layer.channels, layer.kernelHeight, layer.kernelWidth});
  checkedProduct({layer.units, layer.outHeight(), layer.outWidth()});
  checkedProduct({layer.units, layer.paddedHeight(), layer.paddedWidth()});
}

struct Shape {
  int channels, height, width;
};

Layer makeLayer(const LayerRequest& request, Shape in) {
  Layer layer{in.channels, in.height, in.width, request.units};
  layer.kind = request.kind;
  layer.activation = request.activation;
  if (layer.kind != Kind::affine) {
    layer.units = in.channels;
  } else if (request.kernelHeight == 0) {
    layer.channels = checkedProduct({in.channels, in.height, in.width});
    layer.height = layer.width = 1;
  } else {
    layer.kernelHeight = request.kernelHeight;
    layer.kernelWidth = request.kernelWidth;
    // A larger stride than the input has no other positions than one as large.
    layer.strideHeight = std::min(request.strideHeight, in.height);
    layer.strideWidth = std::min(request.strideWidth, in.width);
  }
  checkSizes(layer);
  return layer;
}

}  // namespace

int Spec::emitted() const {
  int sum = 0;
  for (int head : heads) sum += layers[head].outputSize();
  return sum;
}

Spec makeSpec(int channels, int height, int width, const std::vector<LayerRequest>& requests, std::vector<int> heads,
              int stateIndependent) {
  Spec spec;
  spec.channels = channels;
  spec.height = height;
  spec.width = width;
  spec.stateIndependent = stateIndependent;
  const auto shapeOf = [&](int value) {
    if (value == kObservation) return Shape{channels, height, width};
    const Layer& layer = spec.layers.at(value);  // throws for a layer that comes later
    return Shape{layer.units, layer.outHeight(), layer.outWidth()};
  };
  int64_t offset = 0;
  for (const LayerRequest& request : requests) {
    std::array<int, 2> inputs = request.inputs;
    for (int& input : inputs) {
      if (input == kPrevious) input = static_cast<int>(spec.layers.size()) - 1;
    }
    Layer layer = makeLayer(request, shapeOf(inputs[0]));
    layer.inputs = inputs;
    if (layer.kind == Kind::add) {
      const Shape other = shapeOf(inputs[1]);
      if (other.channels != layer.channels || other.height != layer.height || other.width != layer.width) {
        throw std::invalid_argument("a sum of values of different shapes");
      }
    }
    const int64_t weights = layer.kind == Kind::affine      ? static_cast<int64_t>(layer.units) * layer.taps()
                            : layer.kind == Kind::layerNorm ? layer.outputSize()
                                                            : 0;
    layer.weightOffset = offset;
    layer.biasOffset = offset + weights;
    offset = layer.biasOffset + layer.biasCount();
    spec.layers.push_back(layer);
  }
  if (spec.layers.empty()) throw std::invalid_argument("a network without layers");
  spec.heads = heads.empty() ? std::vector<int>{static_cast<int>(spec.layers.size()) - 1} : std::move(heads);
  int64_t outputs = stateIndependent;
  for (int head : spec.heads) outputs += spec.layers.at(head).outputSize();
  if (stateIndependent < 0 || outputs > kLargest) throw std::length_error("2^31 outputs or more");
  std::vector<bool> used(spec.layers.size());
  for (int head : spec.heads) used[head] = true;
  for (size_t l = spec.layers.size(); l-- > 0;) {
    if (!used[l]) throw std::invalid_argument("a layer that leads to no output");
    for (int i = 0; i < spec.layers[l].inputCount(); ++i) {
      if (spec.layers[l].inputs[i] != kObservation) used[spec.layers[l].inputs[i]] = true;
    }
  }
  return spec;
}

}  // namespace trellis::network
