// Numbers of an environment at the end of their range.
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

// They are added to and subtracted from: a state in which that would overflow is none that was saved.
TEST(GameNumbers, AreRefusedWhereNoGameCounts) {
  const Machine machine{*Cartridge::load(readFile(std::string(TRELLIS_GOLDEN) + "/pad01.bin")), ConsoleProperties{}};
  Environment environment{machine, *findGame("qbert"), {}};
  environment.act(0, 0);
  const Environment played(environment);
  const auto verdict = [&](auto change) {
    Environment changed(played);
    change(changed.fields().game);
    std::vector<uint8_t> bytes(maximumStateSize(machine));
    bytes.resize(saveState(changed, true, bytes));
    return checkState(played, bytes);
  };
  EXPECT_EQ(verdict([](GameState&) {}), nullptr);
  EXPECT_EQ(verdict([](GameState& state) { state.score = 1'700'000'000; }), nullptr);
  for (const int32_t edge : {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()}) {
    EXPECT_NE(verdict([&](GameState& state) { state.score = edge; }), nullptr) << edge;
    EXPECT_NE(verdict([&](GameState& state) { state.counter = edge; }), nullptr) << edge;
    EXPECT_NE(verdict([&](GameState& state) { state.lives = edge; }), nullptr) << edge;
    EXPECT_NE(verdict([&](GameState& state) { state.extra[4] = edge; }), nullptr) << edge;
  }
}

}  // namespace
}  // namespace trellis::atari::test
