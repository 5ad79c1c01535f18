#include "network/spec.h"

namespace trellis::network {

std::vector<Layer> makeLayers(int channels, int height, int width, const std::vector<LayerRequest>& requests) {
  std::vector<Layer> layers;
  int64_t offset = 0;
  for (const LayerRequest& request : requests) {
    Layer layer{channels, height, width, request.units};
    if (request.kernelHeight == 0) {
      layer.channels = channels * height * width;
      layer.height = layer.width = 1;
    } else {
      layer.kernelHeight = request.kernelHeight;
      layer.kernelWidth = request.kernelWidth;
      layer.strideHeight = request.strideHeight;
      layer.strideWidth = request.strideWidth;
    }
    layer.activation = request.activation;
    layer.weightOffset = offset;
    layer.biasOffset = offset + static_cast<int64_t>(layer.units) * layer.taps();
    offset = layer.biasOffset + layer.units;
    layers.push_back(layer);
    channels = layer.units;
    height = layer.outHeight();
    width = layer.outWidth();
  }
  return layers;
}

}  // namespace trellis::network
