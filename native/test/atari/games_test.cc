// The rules of the games on hand-made memory. Against the real games: test/golden and test/differential.
#include "atari/games/game.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

namespace trellis::atari {
namespace {

struct Machine {
  std::array<uint8_t, 128> ram{};
  std::array<uint8_t, 128> cartridgeRam{};
  const Game& game;
  GameState state{};

  explicit Machine(const char* id) : game(*findGame(id)) { game.reset(state); }
  void poke(std::initializer_list<std::pair<int, int>> bytes) {
    for (const auto& [address, value] : bytes) ram[address & 0x7F] = static_cast<uint8_t>(value);
  }
  int frame(std::initializer_list<std::pair<int, int>> bytes) {
    poke(bytes);
    game.step({ram.data(), cartridgeRam.data()}, state);
    return state.reward;
  }
};

TEST(Games, TableIsCompleteAndConsistent) {
  std::set<std::string_view> ids;
  std::set<std::string_view> hashes;
  ASSERT_EQ(games().size(), 104u);
  EXPECT_TRUE(std::ranges::is_sorted(games(), {}, &Game::id));
  for (const Game* game : games()) {
    SCOPED_TRACE(game->id);
    ids.insert(game->id);
    hashes.insert(game->md5);
    EXPECT_EQ(game->md5.size(), 32u);
    EXPECT_FALSE(game->modes.empty());
    EXPECT_FALSE(game->difficulties.empty());
    EXPECT_TRUE(std::ranges::is_sorted(game->minimalActions));
    for (const int action : game->minimalActions) EXPECT_TRUE(game->isLegal(action)) << action;
    EXPECT_TRUE(game->oddStep || (game->score && game->terminal));
    EXPECT_EQ(game->livesKind == Lives::counted && !game->oddStep, game->lives && game->livesKind != Lives::raw);
    EXPECT_TRUE(game->modes.size() == 1 || game->inMode || game->driveMode);
    EXPECT_EQ(findGame(game->id), game);
    EXPECT_EQ(findGameByMd5(game->md5), game);
  }
  EXPECT_EQ(ids.size(), 104u);
  EXPECT_EQ(hashes.size(), 104u);
}

TEST(Games, HomebrewScoresInTheFirstBytes) {
  const Game& game = *findGame("Homebrew");
  EXPECT_EQ(&game, &homebrewGame());
  GameState state{};
  game.reset(state);
  uint8_t ram[128] = {};
  ram[0] = 44;
  ram[1] = 1;
  game.step(Memory{ram}, state);
  EXPECT_EQ(state.reward, 300);
  EXPECT_EQ(state.terminal, 0);
  EXPECT_EQ(state.lives, 1);
  ram[2] = 1;
  game.step(Memory{ram}, state);
  EXPECT_EQ(state.reward, 0);
  EXPECT_EQ(state.terminal, 1);
  EXPECT_EQ(state.lives, 0);
}

TEST(Games, IdsMayBeWrittenWithDashesAndCapitals) {
  EXPECT_EQ(findGame("Space-Invaders"), findGame("space_invaders"));
  EXPECT_EQ(findGame("space_invader"), nullptr);
  EXPECT_EQ(findGame(""), nullptr);
  EXPECT_EQ(findGameByMd5("00"), nullptr);
}

TEST(Games, DecimalDigitsAreNotChecked) {
  const uint8_t bytes[128] = {0x9F, 0x21, 0x43};
  const Memory memory{bytes};
  EXPECT_EQ(memory.decimal(0x80), 105);
  EXPECT_EQ(memory.decimal(0x80, 0x81), 105 + 100 + 2000);
  EXPECT_EQ(memory.decimal(0x80, 0x81, 0x82), 105 + 2100 + 430000);
  EXPECT_EQ(memory[0x1080], 0x9F);
}

TEST(Games, QbertLivesOnlyFallAndTheEndPaysNothing) {
  Machine m("qbert");
  EXPECT_EQ(m.state.lives, 4);
  EXPECT_EQ(m.frame({{0x88, 1}, {0xDB, 0x25}}), 25);
  EXPECT_EQ(m.state.lives, 3);
  m.frame({{0x88, 2}});
  EXPECT_EQ(m.state.lives, 3);
  m.frame({{0x88, 1}});
  m.frame({{0x88, 0}});
  m.frame({{0x88, 0xFF}});
  EXPECT_EQ(m.state.lives, 0);
  EXPECT_FALSE(m.state.terminal);
  EXPECT_EQ(m.frame({{0x88, 0xFE}, {0xDB, 0x50}}), 0);
  EXPECT_TRUE(m.state.terminal);
  EXPECT_EQ(m.state.score, 25);
}

TEST(Games, QbertEndsWhenANewGameFollowsTheLastLife) {
  Machine m("qbert");
  m.frame({{0x88, 0xFF}});
  m.frame({{0x88, 2}});
  EXPECT_TRUE(m.state.terminal);
}

TEST(Games, SpaceInvadersScoreWrapsAtTenThousand) {
  Machine m("space_invaders");
  m.frame({{0xC9, 3}, {0xE8, 0x90}, {0xE6, 0x99}});
  EXPECT_EQ(m.frame({{0xE8, 0x10}, {0xE6, 0x00}}), 20);
}

TEST(Games, BreakoutEndsOnlyOnceStarted) {
  Machine m("breakout");
  m.frame({{0xB9, 0}});
  EXPECT_FALSE(m.state.terminal);
  m.frame({{0xB9, 5}});
  EXPECT_EQ(m.frame({{0xB9, 0}, {0xCC, 0xF1}, {0xCD, 0x23}}), 123);
  EXPECT_TRUE(m.state.terminal);
}

TEST(Games, EnduroCountsCarsOverTheDays) {
  Machine m("enduro");
  EXPECT_EQ(m.frame({{0xAD, 1}, {0xAB, 0x00}, {0xAC, 0x02}}), 0);
  EXPECT_EQ(m.frame({{0xAB, 0x99}, {0xAC, 0x01}}), 1);
  EXPECT_EQ(m.frame({{0xAD, 2}, {0xAB, 0x00}, {0xAC, 0x03}}), 199);
  EXPECT_EQ(m.frame({{0xAD, 3}}), 300);
}

TEST(Games, BeamRiderLosesALifeAfterTheExplosion) {
  Machine m("beam_rider");
  m.frame({{0x85, 2}});
  m.frame({{0x85, 1}, {0x8C, 0}});
  EXPECT_EQ(m.state.lives, 3);
  m.frame({{0x8C, 1}});
  EXPECT_EQ(m.state.lives, 2);
  m.frame({{0x85, 0xFF}});
  EXPECT_TRUE(m.state.terminal);
  EXPECT_EQ(m.state.lives, 0);
}

TEST(Games, AtlantisKeepsItsScoreAtTheEnd) {
  Machine m("atlantis");
  EXPECT_EQ(m.frame({{0xF1, 6}, {0xA2, 0x05}}), 500);
  EXPECT_EQ(m.frame({{0xF1, 0xFF}, {0xA2, 0x09}}), 0);
  EXPECT_EQ(m.state.score, 500);
}

TEST(Games, KlaxReadsTheCartridgesRam) {
  Machine m("klax");
  m.cartridgeRam[0x34] = 0x50;
  EXPECT_EQ(m.frame({}), 50);
  m.cartridgeRam[0x69] = m.cartridgeRam[0x6E] = 3;
  m.frame({});
  EXPECT_TRUE(m.state.terminal);
}

TEST(Games, VideoCubeTimerAndCheckersExchangeOutliveAReset) {
  Machine cube("video_cube");
  cube.frame({{0xDB, 255}});
  cube.game.reset(cube.state);
  EXPECT_EQ(cube.frame({{0xDB, 0}}), -1);
  EXPECT_TRUE(cube.state.terminal);

  Machine checkers("video_checkers");
  checkers.state.extra[0] = 1;
  checkers.game.reset(checkers.state);
  checkers.frame({{0x80, 0x90}});
  EXPECT_EQ(checkers.state.reward, 1);
}

TEST(Games, RiverRaidEndsWhenTheLastLifeByteReturnsToTheStart) {
  Machine m("riverraid");
  EXPECT_EQ(m.state.lives, 4);
  m.frame({{0xC0, 0x58}});
  EXPECT_FALSE(m.state.terminal);
  m.frame({{0xC0, 0x10}});
  EXPECT_EQ(m.state.lives, 3);
  m.frame({{0xC0, 0x59}});
  EXPECT_EQ(m.state.lives, 1);
  m.frame({{0xC0, 0x58}});
  EXPECT_TRUE(m.state.terminal);
}

// A console whose mode byte goes up by one with every SELECT.
class Selector : public ModeDriver {
 public:
  explicit Selector(int address) : address_(address) {}
  Memory memory() override { return {ram.data()}; }
  GameState& state() override { return game; }
  void pressSelect(int frames) override {
    ++presses;
    this->frames += frames;
    if (!stuck) ram[address_ & 0x7F] = static_cast<uint8_t>(ram[address_ & 0x7F] + 1);
  }
  void softReset() override { ++resets; }
  void act(Action) override { ++acts; }
  bool over() override { return false; }
  uint32_t draw() override { return 5; }

  std::array<uint8_t, 128> ram{};
  GameState game{};
  bool stuck = false;
  int presses = 0, frames = 0, resets = 0, acts = 0;

 private:
  int address_;
};

TEST(Games, SelectIsPressedUntilTheModeIsThere) {
  Selector console(0xDC);
  EXPECT_TRUE(findGame("space_invaders")->setMode(5, console));
  EXPECT_EQ(console.presses, 5);
  EXPECT_EQ(console.frames, 10);
  EXPECT_EQ(console.resets, 1);
}

TEST(Games, AMissingModeByteIsGivenUp) {
  Selector console(0xDC);
  console.stuck = true;
  EXPECT_FALSE(findGame("space_invaders")->setMode(5, console));
  EXPECT_EQ(console.presses, kMaximumPresses);
}

TEST(Games, AdventurePressesAsLongAsTheGeneratorSays) {
  Selector console(0xDD);
  EXPECT_TRUE(findGame("adventure")->setMode(1, console));
  EXPECT_EQ(console.presses, 2);
  EXPECT_EQ(console.frames, 14);
  EXPECT_EQ(console.acts, 2);
}

TEST(Games, GamesWithOneModeLeaveTheConsoleAlone) {
  Selector console(0x80);
  EXPECT_TRUE(findGame("seaquest")->setMode(0, console));
  EXPECT_EQ(console.presses + console.resets + console.acts, 0);
}

}  // namespace
}  // namespace trellis::atari
