// Traces of the raw game in the columns of the golden files: step,action,reward,lives,over,ramcrc,screencrc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "atari/environment.h"

namespace trellis::atari::test {

struct TraceOptions {
  std::string game = "qbert";
  uint32_t seed = 1;
  int mode = -1, difficulty = 0;  // -1: the default mode
  int steps = 300, every = 1;
  bool allActions = true;
  int snapshotEvery = 0;  // save, run other acts, restore, go on: the trace must not change
  int renderEvery = 1;    // with `every`: how often screens are rendered at once rather than redrawn
  Settings settings;
  bool bothPaddlesSwapped = false;
};

std::vector<uint8_t> readFile(const std::string& path);
// Lines without line ends, header first. Throws std::runtime_error.
std::vector<std::string> trace(const std::vector<uint8_t>& rom, const TraceOptions& options);

}  // namespace trellis::atari::test
