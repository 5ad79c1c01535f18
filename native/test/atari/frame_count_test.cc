// The count of frames at the end of its range.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "atari/state.h"
#include "test/atari/trace.h"

namespace trellis::atari::test {
namespace {

TEST(FrameCount, StaysAtTheLargestNumberAndCanBeSaved) {
  const Machine machine{*Cartridge::load(readFile(std::string(TRELLIS_GOLDEN) + "/pad01.bin")), ConsoleProperties{}};
  Environment environment{machine, *findGame("qbert"), {.frameSkip = 4}};
  const int32_t most = std::numeric_limits<int32_t>::max();
  environment.fields().frameNumber = most - 2;
  environment.fields().episodeFrameNumber = most - 6;
  environment.act(0, 0);
  EXPECT_EQ(environment.frameNumber(), most);
  EXPECT_EQ(environment.episodeFrameNumber(), most - 2);
  environment.act(0, 0);
  EXPECT_EQ(environment.frameNumber(), most);
  EXPECT_EQ(environment.episodeFrameNumber(), most);
  std::vector<uint8_t> bytes(maximumStateSize(machine));
  bytes.resize(saveState(environment, true, bytes));
  EXPECT_EQ(checkState(environment, bytes), nullptr);
}

}  // namespace
}  // namespace trellis::atari::test
