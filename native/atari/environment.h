// The Arcade Learning Environment's semantics around one console: acts, sticky actions, episodes, screens.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "atari/games/game.h"
#include "atari/machine/console.h"
#include "atari/machine/random.h"

namespace trellis::atari {

struct Settings {
  float repeatActionProbability = 0.25f;
  int frameSkip = 1;                // at least 1
  int maximumFramesPerEpisode = 0;  // 0: no limit
  bool colourAveraging = false;
  bool truncateOnLifeLoss = false;
  bool audio = false;                                            // the sound of each act is made
  int32_t rewardMinimum = INT32_MIN, rewardMaximum = INT32_MAX;  // of one act
};

// What the environment itself remembers; with the core, the screen buffers and perhaps the generator it is the whole state.
struct EnvironmentFields {
  GameState game;
  int32_t frameNumber, episodeFrameNumber;
  int32_t paddles[2];  // resistances
  int16_t mode, difficulty;
  int32_t stickyAction;  // what is done on when an action is repeated,
  float stickyStrength;  // and how far a paddle is turned by it, 0 … 1
  AudioState audio;
  int32_t fresh;  // 1 between a reset and the first frame after it
};
static_assert(std::is_trivially_copyable_v<EnvironmentFields>);

class Environment {
 public:
  // `machine` and `game` must outlive it. Like loadRom(0).
  Environment(const Machine& machine, const Game& game, const Settings& settings);

  Environment(const Environment& other);
  // Like `other`, of the same machine and game, but with a generator as new.
  void restart(const Environment& other, uint32_t seed) {
    console_ = other.console_;
    fields_ = other.fields_;
    generator_.seed(seed);
  }

  // A new console, generators as new, mode and difficulty as given, and one reset. False: the mode was not reached.
  bool loadRom(uint32_t seed, int mode, int difficulty);
  bool loadRom(uint32_t seed) { return loadRom(seed, game_->modes[0], 0); }
  // A new episode on the same console. False: the mode was not reached.
  bool resetGame();
  // Mode and difficulty of the game's lists; a mode works from the next reset on, a difficulty from the next frame.
  void setMode(int mode) { fields_.mode = static_cast<int16_t>(mode); }
  void setDifficulty(int difficulty) { fields_.difficulty = static_cast<int16_t>(difficulty); }
  void seed(uint32_t seed) { generator_.seed(seed); }

  // Does an action (code 0..17) for frameSkip frames; the clamped sum of rewards. At the end of an episode nothing moves.
  // `render`: how many of the last frames are going to be looked at; `target`: where the last one goes instead.
  // `strength`: how far a paddle is turned, 0 … 1.
  int32_t act(int action, int render = 1, Target* target = nullptr, float strength = 1);

  int32_t lives() const { return fields_.game.lives; }
  bool terminated() const { return fields_.game.terminal; }
  bool truncated() const;
  bool over() const { return terminated() || truncated(); }
  int32_t frameNumber() const { return fields_.frameNumber; }
  int32_t episodeFrameNumber() const { return fields_.episodeFrameNumber; }

  int screenHeight() const { return console_.machine().geometry().height; }
  std::span<const uint8_t, 128> ram() const { return std::span<const uint8_t, 128>(console_.core().riot.ram); }
  void setRam(int address, uint8_t value) { console_.core().riot.ram[address & 0x7F] = value; }
  // Palette indices, screenHeight x 160. Valid until the next call that changes the environment.
  const uint8_t* screen();

  Console& console() { return console_; }
  const Console& console() const { return console_; }
  EnvironmentFields& fields() { return fields_; }
  Mersenne& generator() { return generator_; }
  const Game& game() const { return *game_; }
  const Settings& settings() const { return settings_; }

 private:
  class Driver;
  void emulate(int action, int frames, bool render = false, Target* target = nullptr, float strength = 1);
  void pressSelect(int frames);
  void softReset() {
    emulate(kReset, 4);
    fields_.stickyAction = kNoop;
  }
  void setInputs(int action, bool select);

  const Game* game_;
  Settings settings_;
  Console console_;
  EnvironmentFields fields_{};
  Mersenne generator_;
  std::unique_ptr<uint8_t[]> averaged_;  // the blended screen, when colours are averaged
};

}  // namespace trellis::atari
