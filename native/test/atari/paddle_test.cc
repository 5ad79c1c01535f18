// Paddles turned by a strength.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "atari/state.h"
#include "test/atari/trace.h"

namespace trellis::atari::test {
namespace {

class Paddle : public testing::Test {
 protected:
  const Machine machine_{*Cartridge::load(readFile(std::string(TRELLIS_GOLDEN) + "/pad01.bin")),
                         ConsoleProperties{.leftPaddles = true, .rightPaddles = true, .swapPaddles = true}};
  Environment env_{machine_, *findGame("qbert"), {.repeatActionProbability = 0}};

  int32_t turned(int action, float strength) {
    const int32_t before = env_.fields().paddles[0];
    env_.act(action, 0, nullptr, strength);
    return env_.fields().paddles[0] - before;
  }
};

TEST_F(Paddle, TurnsInProportion) {
  EXPECT_EQ(turned(4, 1.0f), 23000);
  EXPECT_EQ(turned(3, 1.0f), -23000);
  EXPECT_EQ(turned(3, 0.25f), -5750);
  EXPECT_EQ(turned(12, 0.3333f), 7665);  // fire and left; cut, not rounded
  EXPECT_EQ(turned(3, 0.0f), 0);
  EXPECT_EQ(turned(1, 1.0f), 0);
}

TEST_F(Paddle, RepeatsAndSavesTheStrengthOfTheActionRepeated) {
  Environment sticky(machine_, *findGame("qbert"), {.repeatActionProbability = 0.9f});
  sticky.loadRom(3);
  for (int i = 0; i < 30; ++i) sticky.act(i % 2 ? 3 : 4, 0, nullptr, 0.3f);
  std::vector<uint8_t> bytes(maximumStateSize(machine_));
  const size_t size = saveState(sticky, true, bytes);
  const auto play = [&] {
    std::vector<int32_t> positions;
    for (int i = 0; i < 20; ++i) {
      sticky.act(4, 0, nullptr, 0.9f);
      positions.push_back(sticky.fields().paddles[0]);
    }
    return positions;
  };
  const auto first = play();
  restoreState(sticky, {bytes.data(), size});
  EXPECT_EQ(play(), first);
  EXPECT_NE(first[0] - first[1], 0);
}

TEST_F(Paddle, RefusesStatesWithAStrengthThatIsNone) {
  for (const float strength : {-0.5f, 1.5f, std::numeric_limits<float>::quiet_NaN()}) {
    env_.fields().stickyStrength = strength;
    std::vector<uint8_t> bytes(maximumStateSize(machine_));
    bytes.resize(saveState(env_, true, bytes));
    EXPECT_STREQ(checkState(env_, bytes), "a damaged state") << strength;
  }
}

}  // namespace
}  // namespace trellis::atari::test
