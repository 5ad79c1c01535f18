#include "network/schedule.h"

#include <cstddef>

namespace trellis::network {
namespace {

class Buffers {
 public:
  int take() {
    for (size_t i = 0; i < free_.size(); ++i) {
      if (free_[i]) return free_[i] = false, static_cast<int>(i);
    }
    free_.push_back(false);
    return static_cast<int>(free_.size()) - 1;
  }
  void giveBack(int buffer) { free_[buffer] = true; }
  int count() const { return static_cast<int>(free_.size()); }

 private:
  std::vector<bool> free_;
};

}  // namespace

Schedule::Schedule(const Spec& spec) {
  const auto layers = static_cast<int>(spec.layers.size());
  std::vector<int> lastReader(layers, -1);
  for (int l = 0; l < layers; ++l) {
    for (int i = 0; i < spec.layers[l].inputCount(); ++i) {
      if (spec.layers[l].inputs[i] != kObservation) lastReader[spec.layers[l].inputs[i]] = l;
    }
  }
  for (int head : spec.heads) lastReader[head] = layers;

  Buffers forward;
  for (int l = 0; l < layers; ++l) {
    tangent.push_back(forward.take());
    for (int value = 0; value < l; ++value) {
      if (lastReader[value] == l) forward.giveBack(tangent[value]);
    }
  }

  Buffers backward;
  cotangent.assign(1 + layers, -1);
  for (int head : spec.heads) cotangent[1 + head] = backward.take();
  adds.resize(layers);
  for (int l = layers; l-- > 0;) {
    for (int i = 0; i < spec.layers[l].inputCount(); ++i) {
      int& buffer = cotangent[1 + spec.layers[l].inputs[i]];
      adds[l][i] = buffer >= 0;
      if (buffer < 0) buffer = backward.take();
    }
    if (cotangent[1 + l] >= 0) backward.giveBack(cotangent[1 + l]);
  }
  buffers = forward.count() > backward.count() ? forward.count() : backward.count();
}

}  // namespace trellis::network
