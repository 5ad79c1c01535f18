#include "atari/batch.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "atari/palette.h"
#include "atari/state.h"

namespace trellis::atari {

struct Batch::Scratch {
  uint8_t grey[2][kMaximumRows * kScreenWidth];
};

std::unique_ptr<Batch> Batch::make(std::span<const uint8_t> rom, const Game& game, const BatchOptions& options,
                                   std::string* problem) {
  auto cartridge = Cartridge::load(rom, problem);
  if (!cartridge) return nullptr;
  const Game* known = findGameByMd5(cartridge->md5());
  auto machine = std::make_unique<Machine>(std::move(*cartridge), known ? known->console : ConsoleProperties{});
  return std::unique_ptr<Batch>(new Batch(std::move(machine), game, options));
}

Batch::Batch(std::unique_ptr<const Machine> machine, const Game& game, const BatchOptions& options)
    : machine_(std::move(machine)), game_(&game), options_(options), pool_(options.threads) {
  const int height = machine_->geometry().height;
  if (options.picture)
    preprocess_ = std::make_unique<Preprocess>(height, options.picture->height, options.picture->width);
  for (int i = 0; i < pool_.threads(); ++i) scratches_.push_back(std::make_unique<Scratch>());
  environments_.resize(static_cast<size_t>(options.slots));
  for (auto& environment : environments_) {
    if (environments_[0] && &environment != &environments_[0]) {
      environment = std::make_unique<Environment>(*environments_[0]);  // all alike as yet
    } else {
      environment = std::make_unique<Environment>(*machine_, game, options.settings);
    }
    environment->setMode(options.mode);
    environment->setDifficulty(options.difficulty);
  }
}

int64_t Batch::bytes(bool pixels) const {
  const auto slot = static_cast<int64_t>(sizeof(Environment)) + (pixels ? 2 * kMaximumRows * kScreenWidth : 0);
  return slots() * slot + pool_.threads() * static_cast<int64_t>(sizeof(Scratch)) +
         static_cast<int64_t>(sizeof(Machine));
}

void Batch::setMode(std::span<const int32_t> slots, int mode) {
  for (const int32_t s : slots) slot(s).setMode(mode);
}

void Batch::setDifficulty(std::span<const int32_t> slots, int difficulty) {
  for (const int32_t s : slots) slot(s).setDifficulty(difficulty);
}

void Batch::makeTemplates(std::span<const int32_t> slots) {
  if (!loaded_) {
    auto fresh = std::make_unique<Environment>(*machine_, *game_, options_.settings);
    if (fresh->generator().draws() != 0) return;
    loaded_ = std::move(fresh);
  }
  for (const int32_t s : slots) {
    const EnvironmentFields& fields = slot(s).fields();
    const auto [entry, missing] = started_.try_emplace({fields.mode, fields.difficulty});
    if (!missing) continue;
    auto started = std::make_unique<Environment>(*loaded_);
    started->setMode(fields.mode);
    started->setDifficulty(fields.difficulty);
    if (started->resetGame() && started->generator().draws() == 0) entry->second = std::move(started);
  }
}

Batch::~Batch() = default;

bool Batch::loadAndReset(Environment& environment, uint32_t seed, bool reset) {
  const int mode = environment.fields().mode, difficulty = environment.fields().difficulty;
  if (reset) {
    const auto started = started_.find({mode, difficulty});
    if (started != started_.end() && started->second) {
      environment.restart(*started->second, seed);
      return true;
    }
  }
  if (loaded_) environment.restart(*loaded_, seed);
  else environment.loadRom(seed);
  environment.setMode(mode);
  environment.setDifficulty(difficulty);
  return !reset || environment.resetGame();
}

bool Batch::load(std::span<const int32_t> slots, const uint32_t* seeds, bool reset) {
  makeTemplates(slots);
  std::atomic<bool> reached{true};
  pool_.run(static_cast<int64_t>(slots.size()), [&](int64_t i, int) {
    if (!loadAndReset(slot(slots[static_cast<size_t>(i)]), seeds[i], reset)) reached = false;
  });
  return reached;
}

bool Batch::reset(std::span<const int32_t> slots) {
  std::atomic<bool> reached{true};
  pool_.run(static_cast<int64_t>(slots.size()), [&](int64_t i, int) {
    if (!slot(slots[static_cast<size_t>(i)]).resetGame()) reached = false;
  });
  return reached;
}

void Batch::seed(std::span<const int32_t> slots, const uint32_t* seeds) {
  for (size_t i = 0; i < slots.size(); ++i) slot(slots[i]).seed(seeds[i]);
}

const uint8_t* Batch::greyScreen(Environment& environment, bool previous, uint8_t* room) {
  const auto& greys = palette(machine_->geometry().pal).grey;
  const uint8_t* screen = previous ? environment.console().previousScreen() : environment.screen();
  const int size = environment.screenHeight() * kScreenWidth;
  for (int i = 0; i < size; ++i) room[i] = greys[screen[i]];
  return room;
}

// Frames wanted only as small pictures are drawn in grey into the thread's own memory and shrunk from there.
void Batch::act(int index, int action, const Outputs& outputs, Scratch& scratch) {
  Environment& environment = slot(index);
  const auto& greys = palette(machine_->geometry().pal).grey;
  const bool wholeScreens = outputs.screens || outputs.greys || outputs.rgb || options_.settings.colourAveraging;
  const bool pictures = preprocess_ && outputs.pictures, frames = preprocess_ && outputs.frames;
  const bool small = (pictures || frames) && !wholeScreens && options_.settings.frameSkip == 1;
  const bool maximum = preprocess_ && options_.picture->maximum;
  // Frames at the end of the step that are looked at.
  const int looked = std::max(outputs.render, (pictures && maximum) || options_.settings.colourAveraging ? 2 : 1);
  const int size = pictureSize();
  const int32_t livesBefore = environment.lives();
  int32_t reward = 0;
  bool filled[2] = {false, false};  // scratch: the last frame and the one before, in turns
  bool lost = false;
  int i = 0;
  while (i < outputs.repeats && !(lost && options_.stopOnLifeLoss)) {
    const int left = outputs.repeats - 1 - i, room = i & 1;
    Target target{scratch.grey[room], greys.data()};
    const bool toTarget = small && (frames || left < looked);
    const bool looksAtAll = wholeScreens || pictures || frames || outputs.render > 0;
    const int render = toTarget || !looksAtAll ? 0 : left < looked ? looked - left : frames;
    reward = static_cast<int32_t>(static_cast<uint32_t>(reward) +
                                  static_cast<uint32_t>(environment.act(action, render, toTarget ? &target : nullptr)));
    filled[room] = target.filled;
    lost = environment.lives() < livesBefore && environment.lives() > 0;
    ++i;
    if (!frames) continue;
    const uint8_t* grey = target.filled ? scratch.grey[room] : greyScreen(environment, false, scratch.grey[room]);
    preprocess_->shrink(grey, nullptr, outputs.frames + (static_cast<size_t>(index) * outputs.frameRows + i - 1) * size);
  }
  if (frames) repeatFrame(index, i, outputs);
  if (outputs.rewards) outputs.rewards[index] = reward;
  if (outputs.lifeLost) outputs.lifeLost[index] = lost;
  Outputs rest = outputs;
  rest.rewards = nullptr;
  rest.lifeLost = nullptr;
  rest.frames = nullptr;
  const int last = (i - 1) & 1;
  if (pictures && filled[last] && (!maximum || (filled[last ^ 1] && i > 1))) {
    preprocess_->shrink(scratch.grey[last], maximum ? scratch.grey[last ^ 1] : nullptr, outputs.pictures + static_cast<size_t>(index) * size);
    rest.pictures = nullptr;
  }
  write(index, rest, scratch);
}

// The last of `done` frames in the rest of the slot's rows.
void Batch::repeatFrame(int index, int done, const Outputs& outputs) {
  const auto size = static_cast<size_t>(pictureSize());
  uint8_t* first = outputs.frames + static_cast<size_t>(index) * static_cast<size_t>(outputs.frameRows) * size;
  const uint8_t* last = first + static_cast<size_t>(done - 1) * size;
  for (int row = done; row < outputs.frameRows; ++row) std::memcpy(first + static_cast<size_t>(row) * size, last, size);
}

void Batch::write(int index, const Outputs& outputs, Scratch& scratch) {
  Environment& environment = slot(index);
  const auto s = static_cast<size_t>(index);
  const size_t screenSize = static_cast<size_t>(environment.screenHeight()) * kScreenWidth;
  if (outputs.rewards) outputs.rewards[s] = 0;
  if (outputs.lifeLost) outputs.lifeLost[s] = 0;
  if (outputs.lives) outputs.lives[s] = environment.lives();
  if (outputs.terminated) outputs.terminated[s] = environment.terminated();
  if (outputs.truncated) outputs.truncated[s] = environment.truncated();
  if (outputs.frameNumbers) outputs.frameNumbers[s] = environment.frameNumber();
  if (outputs.episodeFrameNumbers) outputs.episodeFrameNumbers[s] = environment.episodeFrameNumber();
  if (outputs.ram) std::memcpy(outputs.ram + s * 128, environment.ram().data(), 128);
  const Palette& colours = palette(machine_->geometry().pal);
  if (outputs.screens) std::memcpy(outputs.screens + s * screenSize, environment.screen(), screenSize);
  if (outputs.greys) {
    const uint8_t* screen = environment.screen();
    for (size_t i = 0; i < screenSize; ++i) outputs.greys[s * screenSize + i] = colours.grey[screen[i]];
  }
  if (outputs.rgb) {
    const uint8_t* screen = environment.screen();
    uint8_t* rgb = outputs.rgb + s * screenSize * 3;
    for (size_t i = 0; i < screenSize; ++i) {
      const uint32_t colour = colours.rgb[screen[i]];
      rgb[3 * i] = static_cast<uint8_t>(colour >> 16);
      rgb[3 * i + 1] = static_cast<uint8_t>(colour >> 8);
      rgb[3 * i + 2] = static_cast<uint8_t>(colour);
    }
  }
  if (!preprocess_ || (!outputs.frames && !outputs.pictures)) return;
  const auto size = static_cast<size_t>(pictureSize());
  const uint8_t* now = greyScreen(environment, false, scratch.grey[0]);
  if (outputs.frames) {
    preprocess_->shrink(now, nullptr, outputs.frames + s * static_cast<size_t>(outputs.frameRows) * size);
    repeatFrame(index, 1, outputs);
  }
  if (outputs.pictures) {
    const uint8_t* before = environment.fields().fresh || !options_.picture->maximum ? nullptr : greyScreen(environment, true, scratch.grey[1]);
    preprocess_->shrink(now, before, outputs.pictures + s * size);
  }
}

// Nothing was done: the slot's other rows stay as they are.
void Batch::leave(int index, const Outputs& outputs) {
  if (outputs.rewards) outputs.rewards[index] = 0;
  if (outputs.lifeLost) outputs.lifeLost[index] = 0;
}

void Batch::step(const int32_t* actions, const Outputs& outputs) {
  pool_.run(slots(), [&](int64_t index, int worker) {
    const int s = static_cast<int>(index);
    if (actions[index] >= 0) act(s, actions[index], outputs, *scratches_[static_cast<size_t>(worker)]);
    else leave(s, outputs);
  });
}

void Batch::observe(std::span<const int32_t> slots, const Outputs& outputs) {
  pool_.run(static_cast<int64_t>(slots.size()), [&](int64_t i, int worker) {
    write(slots[static_cast<size_t>(i)], outputs, *scratches_[static_cast<size_t>(worker)]);
  });
}

void Batch::save(std::span<const int32_t> slots, bool generator, std::span<uint8_t> bytes) {
  for (const int32_t s : slots) bytes = bytes.subspan(saveState(slot(s), generator, bytes));
}

const char* Batch::check(std::span<const uint8_t> bytes) const { return checkState(*environments_[0], bytes); }

void Batch::restore(std::span<const std::span<const uint8_t>> records, std::span<const int32_t> slots) {
  for (size_t i = 0; i < slots.size(); ++i) restoreState(slot(slots[i]), records[i]);
}

}  // namespace trellis::atari
