// Recorded traces of the Arcade Learning Environment playing the synthetic cartridges.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "test/atari/trace.h"

namespace trellis::atari::test {
namespace {

std::vector<std::string> readLines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, PlaysAsRecorded) {
  const std::string folder = TRELLIS_GOLDEN, name = GetParam();
  const bool paddles = name.rfind("pad01", 0) == 0;
  const auto rom = readFile(folder + "/" + (paddles ? "pad01" : name) + ".bin");
  const auto recorded = readLines(folder + "/" + name + ".csv");
  ASSERT_GT(recorded.size(), 300u);
  for (const int renderEvery : {1, 3, 0}) {
    TraceOptions options;
    options.bothPaddlesSwapped = paddles;
    options.renderEvery = renderEvery;
    EXPECT_EQ(recorded, trace(rom, options)) << "rendering every " << renderEvery;
  }
}

INSTANTIATE_TEST_SUITE_P(Synthetic, Golden,
                         testing::Values("tia01", "tia02", "tia03", "tia04", "tia05", "tia06", "tia07", "tia08",
                                         "tia12", "tia09", "tia10", "tia11", "tia13", "tia14", "tia15", "tia16",
                                         "tia17", "tia18", "tia19", "cut01", "cut02", "cut03", "cut04", "nop01",
                                         "nop02", "nop03", "nop04", "cpu01", "cpu02", "cpu03", "cpu04",
                                         "pad01_paddles_both_ports_swapped"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace trellis::atari::test
