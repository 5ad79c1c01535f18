// N environments of one game stepped together on a few threads. What a slot does depends on its own state, seed and actions
// only: not on N, nor on the number of threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "atari/environment.h"
#include "atari/preprocess.h"
#include "parallel/thread_pool.h"

namespace trellis::atari {

struct PictureShape {
  int height, width;
  bool maximum = true;  // `pictures` are of the maximum of the last two frames, else of the last
};

struct BatchOptions {
  int slots = 1, threads = 1;
  Settings settings = {};
  int mode = 0, difficulty = 0;
  bool stopOnLifeLoss = false;  // a step ends with the act in which a life is lost
  std::optional<PictureShape> picture = std::nullopt;
};

// Where results go: row s belongs to slot s; null = not wanted.
struct Outputs {
  int32_t* rewards = nullptr;
  int32_t* lives = nullptr;
  uint8_t* terminated = nullptr;
  uint8_t* truncated = nullptr;
  uint8_t* lifeLost = nullptr;  // 1: the step left fewer lives than it found, but some
  int32_t* frameNumbers = nullptr;
  int32_t* episodeFrameNumbers = nullptr;
  uint8_t* ram = nullptr;       // N x 128
  uint8_t* screens = nullptr;   // N x height x 160 palette indices
  uint8_t* greys = nullptr;     // N x height x 160
  uint8_t* rgb = nullptr;       // N x height x 160 x 3
  uint8_t* frames = nullptr;    // N x frameRows x picture: one of each act, oldest first; the last fills the rest
  uint8_t* pictures = nullptr;  // N x picture: of the last frame, or the last two (not after a reset)
  int repeats = 1;              // acts of the same action in a step
  int frameRows = 1;            // at least `repeats`
  int render = 0;               // last frames of the step to draw though nothing above shows them: for measuring
};

class Batch {
 public:
  // Null when the cartridge does not fit; `problem` then says why.
  static std::unique_ptr<Batch> make(std::span<const uint8_t> rom, const Game& game, const BatchOptions& options,
                                     std::string* problem);

  ~Batch();

  int slots() const { return static_cast<int>(environments_.size()); }
  const Machine& machine() const { return *machine_; }
  const Game& game() const { return *game_; }
  Environment& slot(int index) { return *environments_[static_cast<size_t>(index)]; }
  // Memory it holds, about; `pixels`: once all screens were looked at.
  int64_t bytes(bool pixels) const;
  int pictureSize() const { return preprocess_ ? preprocess_->size() : 0; }

  // From a slot's next reset on.
  void setMode(std::span<const int32_t> slots, int mode);
  void setDifficulty(std::span<const int32_t> slots, int difficulty);
  // Each slot named, in its own mode and difficulty: the ROM loaded anew with its seed (`load`), one more reset (`reset`).
  // False if a mode was not reached.
  bool load(std::span<const int32_t> slots, const uint32_t* seeds, bool reset);
  bool reset(std::span<const int32_t> slots);
  void seed(std::span<const int32_t> slots, const uint32_t* seeds);
  // One action a slot; negative: the slot stays as it is, with reward 0.
  void step(const int32_t* actions, const Outputs& outputs);
  void observe(std::span<const int32_t> slots, const Outputs& outputs);

  // States, one behind the other: see state.h. `bytes` has room for them.
  void save(std::span<const int32_t> slots, bool generator, std::span<uint8_t> bytes);
  const char* check(std::span<const uint8_t> bytes) const;
  // Record i goes into slots[i].
  void restore(std::span<const std::span<const uint8_t>> records, std::span<const int32_t> slots);

 private:
  struct Scratch;  // of one thread: two grey screens
  Batch(std::unique_ptr<const Machine> machine, const Game& game, const BatchOptions& options);
  void act(int slot, int action, const Outputs& outputs, Scratch& scratch);
  void write(int slot, const Outputs& outputs, Scratch& scratch);
  bool loadAndReset(Environment& environment, uint32_t seed, bool reset);
  void makeTemplates(std::span<const int32_t> slots);
  void repeatFrame(int slot, int done, const Outputs& outputs);
  static void leave(int slot, const Outputs& outputs);
  const uint8_t* greyScreen(Environment& environment, bool previous, uint8_t* room);

  std::unique_ptr<const Machine> machine_;
  const Game* game_;
  BatchOptions options_;
  std::vector<std::unique_ptr<Environment>> environments_;
  // What loading the ROM, and one more reset, always come to: the seed matters only where a mode procedure draws numbers.
  // Null where it does. Those that were started: by mode and difficulty.
  std::unique_ptr<Environment> loaded_;
  std::map<std::pair<int, int>, std::unique_ptr<Environment>> started_;
  std::unique_ptr<Preprocess> preprocess_;
  std::vector<std::unique_ptr<Scratch>> scratches_;
  parallel::ThreadPool pool_;
};

}  // namespace trellis::atari
