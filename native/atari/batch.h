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
#include "atari/pictures.h"
#include "atari/state.h"
#include "parallel/thread_pool.h"

namespace trellis::atari {

struct BatchOptions {
  int slots = 1, threads = 1;
  Settings settings = {};
  int mode = 0, difficulty = 0;
  bool endOnLifeLoss = false;  // a step ends with the act in which a life is lost, and has then terminated
  std::optional<PictureShape> picture = std::nullopt;
};

// What a step is to do besides its actions, and where results go: row s belongs to slot s; null = not wanted.
struct Outputs {
  int32_t* rewards = nullptr;
  int32_t* lives = nullptr;
  uint8_t* terminated = nullptr;  // 1: the game is over, or the step lost a life and that is to end it
  uint8_t* truncated = nullptr;   // 1: cut by its length, or by a lost life as in the library
  uint8_t* lifeLost = nullptr;    // 1: the step left fewer lives than it found, and the game goes on
  int32_t* modes = nullptr;       // those of the next reset, which are the present ones unless they were set since
  int32_t* difficulties = nullptr;
  int32_t* frameNumbers = nullptr;
  int32_t* episodeFrameNumbers = nullptr;
  uint8_t* ram = nullptr;             // N x 128
  uint8_t* screens = nullptr;         // N x height x 160 palette indices
  uint8_t* greys = nullptr;           // N x height x 160
  uint8_t* rgb = nullptr;             // N x height x 160 x 3
  uint8_t* frames = nullptr;          // N x frameRows x picture: one of each act, oldest first; the last fills the rest
  uint8_t* pictures = nullptr;        // N x stack x picture: of the last frame, or the last two (not after a reset)
  uint8_t* audio = nullptr;           // N x kAudioSamples: of the last act
  int acts = 1;                       // acts of the same action in a step,
  const int32_t* actsEach = nullptr;  // or those of each slot
  const float* strengths = nullptr;   // how far each slot's paddle is turned, 0 … 1; null: 1
  int frameRows = 1;                  // at least `acts`
  int render = 0;                     // last frames of the step to draw though nothing above shows them: for measuring
};

// What happened to a slot: none, or its game did not come to its mode.
enum class Fault : uint8_t { none = 0, modeNotReached = 3 };

class Batch {
 public:
  // Null when the cartridge does not fit; `problem` then says why.
  static std::unique_ptr<Batch> make(std::span<const uint8_t> rom, const Game& game, const BatchOptions& options,
                                     std::string* problem);

  ~Batch();

  int threads() const { return pool_.threads(); }
  int slots() const { return static_cast<int>(environments_.size()); }
  const Machine& machine() const { return *machine_; }
  const Game& game() const { return *game_; }
  Environment& slot(int index) { return *environments_[static_cast<size_t>(index)]; }
  // Memory it holds, about; `pixels`: once all screens were looked at.
  int64_t bytes(bool pixels) const;
  int pictureSize() const { return pictures_ ? pictures_->size() : 0; }
  size_t stackBytes() const { return pictures_ ? pictures_->stackBytes() : 0; }

  // A mode from a slot's next reset on, a difficulty from its next frame on.
  void setMode(std::span<const int32_t> slots, int mode);
  void setDifficulty(std::span<const int32_t> slots, int difficulty);
  // Each slot named, in its own mode and difficulty: the ROM loaded anew with its seed (`load`), one more reset (`reset`).
  // faults [slots()]: whether it did not reach its mode, 0 for the others. Returns how many did not.
  int load(std::span<const int32_t> slots, const uint32_t* seeds, bool reset, uint8_t* faults);
  int reset(std::span<const int32_t> slots, uint8_t* faults);
  // The present screens are the first of their episodes: pictures are of nothing that was before.
  void restartPictures(std::span<const int32_t> slots);
  void seed(std::span<const int32_t> slots, const uint32_t* seeds);
  // One action a slot; negative: the slot stays as it is, with reward 0.
  void step(const int32_t* actions, const Outputs& outputs);
  void observe(std::span<const int32_t> slots, const Outputs& outputs);

  // States, one behind the other: see state.h. `bytes` has room for them.
  void save(std::span<const int32_t> slots, bool generator, std::span<uint8_t> bytes);
  size_t stateSize(int slot, bool generator) { return atari::stateSize(this->slot(slot), generator, stackBytes()); }
  const char* check(std::span<const uint8_t> bytes) const;
  // Record i goes into slots[i].
  void restore(std::span<const std::span<const uint8_t>> records, std::span<const int32_t> slots);

 private:
  Batch(std::unique_ptr<const Machine> machine, const Game& game, const BatchOptions& options);
  void act(int slot, int action, const Outputs& outputs, Pictures::Room& room);
  void write(int slot, const Outputs& outputs, Pictures::Room& room);
  template <class Start>
  int begin(std::span<const int32_t> slots, uint8_t* faults, Start&& start);
  bool loadAndReset(Environment& environment, uint32_t seed, bool reset);
  void restack(int slot, Pictures::Room& room);
  void drawPicture(Environment& environment, uint8_t* out, Pictures::Room& room);
  void makeTemplates(std::span<const int32_t> slots);
  void repeatFrame(int slot, int done, const Outputs& outputs);
  static void leave(int slot, const Outputs& outputs);

  std::unique_ptr<const Machine> machine_;
  const Game* game_;
  BatchOptions options_;
  std::vector<std::unique_ptr<Environment>> environments_;
  // What loading the ROM, and one more reset, always come to: the seed matters only where a mode procedure draws numbers.
  // Null where it does. Those that were started: by mode and difficulty.
  std::unique_ptr<Environment> loaded_;
  std::map<std::pair<int, int>, std::unique_ptr<Environment>> started_;
  std::unique_ptr<Pictures> pictures_;
  std::vector<std::unique_ptr<Pictures::Room>> rooms_;
  parallel::ThreadPool pool_;
};

}  // namespace trellis::atari
