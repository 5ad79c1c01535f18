#include "atari/batch.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "atari/palette.h"
#include "atari/state.h"

namespace trellis::atari {

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
  const PictureShape shape = options.picture.value_or(PictureShape{});
  if (options.picture)
    pictures_ = std::make_unique<Pictures>(height, palette(machine_->geometry().pal), shape, options.slots);
  for (int i = 0; i < pool_.threads(); ++i) rooms_.push_back(std::make_unique<Pictures::Room>(shape));
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
  const auto slot =
      static_cast<int64_t>(sizeof(Environment) + stackBytes()) + (pixels ? 2 * kMaximumRows * kScreenWidth : 0);
  return slots() * slot + pool_.threads() * static_cast<int64_t>(sizeof(Pictures::Room)) +
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

template <class Start>
int Batch::begin(std::span<const int32_t> slots, uint8_t* faults, Start&& start) {
  std::fill_n(faults, this->slots(), static_cast<uint8_t>(Fault::none));
  std::atomic<int> missed{0};
  pool_.run(static_cast<int64_t>(slots.size()), [&](int64_t i, int worker) {
    const int32_t s = slots[static_cast<size_t>(i)];
    if (!start(slot(s), i)) {
      faults[s] = static_cast<uint8_t>(Fault::modeNotReached);
      ++missed;
    }
    restack(s, *rooms_[static_cast<size_t>(worker)]);
  });
  return missed;
}

int Batch::load(std::span<const int32_t> slots, const uint32_t* seeds, bool reset, uint8_t* faults) {
  makeTemplates(slots);
  return begin(slots, faults,
               [&](Environment& environment, int64_t i) { return loadAndReset(environment, seeds[i], reset); });
}

int Batch::reset(std::span<const int32_t> slots, uint8_t* faults) {
  return begin(slots, faults, [](Environment& environment, int64_t) { return environment.resetGame(); });
}

void Batch::seed(std::span<const int32_t> slots, const uint32_t* seeds) {
  for (size_t i = 0; i < slots.size(); ++i) slot(slots[i]).seed(seeds[i]);
}

void Batch::restartPictures(std::span<const int32_t> slots) {
  pool_.run(static_cast<int64_t>(slots.size()), [&](int64_t i, int worker) {
    const int s = slots[static_cast<size_t>(i)];
    slot(s).fields().fresh = 1;
    restack(s, *rooms_[static_cast<size_t>(worker)]);
  });
}

// An episode's first picture, on nothing but black ones.
void Batch::restack(int index, Pictures::Room& room) {
  if (stackBytes() > 0) drawPicture(slot(index), pictures_->push(index, true), room);
}

void Batch::drawPicture(Environment& environment, uint8_t* out, Pictures::Room& room) {
  const bool one = environment.fields().fresh || !options_.picture->maximum;
  const uint8_t* before = one ? nullptr : pictures_->shaded(environment.console().previousScreen(), room.screen[1]);
  pictures_->shrink(pictures_->shaded(environment.screen(), room.screen[0]), before, out, room);
}

// Frames wanted only as small pictures are drawn into the thread's own memory and shrunk from there.
void Batch::act(int index, int action, const Outputs& outputs, Pictures::Room& room) {
  Environment& environment = slot(index);
  const bool wholeScreens = outputs.screens || outputs.greys || outputs.rgb || options_.settings.colourAveraging;
  const bool pictures = pictures_ && outputs.pictures, frames = pictures_ && outputs.frames;
  const bool small = (pictures || frames) && !wholeScreens && options_.settings.frameSkip == 1;
  const bool maximum = pictures_ && options_.picture->maximum;
  // Frames at the end of the step that are looked at.
  const int looked = std::max(outputs.render, (pictures && maximum) || options_.settings.colourAveraging ? 2 : 1);
  const int size = pictureSize(), acts = outputs.actsEach ? outputs.actsEach[index] : outputs.acts;
  const float strength = outputs.strengths ? outputs.strengths[index] : 1;
  const int32_t livesBefore = environment.lives();
  int32_t reward = 0;
  bool filled[2] = {false, false};  // the room's screens: the last frame and the one before, in turns
  bool lost = false;
  int i = 0;
  while (i < acts && !(lost && options_.endOnLifeLoss)) {
    const int left = acts - 1 - i, turn = i & 1;
    Target target{room.screen[turn], pictures_ ? pictures_->shades() : nullptr};
    const bool toTarget = small && (frames || left < looked);
    const bool looksAtAll = wholeScreens || pictures || frames || outputs.render > 0;
    const int render = toTarget || !looksAtAll ? 0 : left < looked ? looked - left : frames;
    const int32_t gained = environment.act(action, render, toTarget ? &target : nullptr, strength);
    reward = static_cast<int32_t>(static_cast<uint32_t>(reward) + static_cast<uint32_t>(gained));
    filled[turn] = target.filled;
    lost = environment.lives() < livesBefore && environment.lives() > 0 && !environment.terminated();
    ++i;
    if (!frames) continue;
    const uint8_t* now = target.filled ? room.screen[turn] : pictures_->shaded(environment.screen(), room.screen[turn]);
    pictures_->shrink(now, nullptr, outputs.frames + (static_cast<size_t>(index) * outputs.frameRows + i - 1) * size,
                      room);
  }
  if (frames) repeatFrame(index, i, outputs);
  if (outputs.rewards) outputs.rewards[index] = reward;
  if (outputs.lifeLost) outputs.lifeLost[index] = lost;
  Outputs rest = outputs;
  rest.rewards = nullptr;
  rest.lifeLost = nullptr;
  rest.frames = nullptr;
  if (outputs.terminated) outputs.terminated[index] = environment.terminated() || (lost && options_.endOnLifeLoss);
  rest.terminated = nullptr;
  if (pictures) {
    const bool stacked = stackBytes() > 0;
    uint8_t* out = stacked ? pictures_->push(index, false) : outputs.pictures + static_cast<size_t>(index) * size;
    const int last = (i - 1) & 1;
    if (filled[last] && (!maximum || (filled[last ^ 1] && i > 1)))
      pictures_->shrink(room.screen[last], maximum ? room.screen[last ^ 1] : nullptr, out, room);
    else drawPicture(environment, out, room);
    if (!stacked) rest.pictures = nullptr;
  }
  write(index, rest, room);
}

// The last of `done` frames in the rest of the slot's rows.
void Batch::repeatFrame(int index, int done, const Outputs& outputs) {
  const auto size = static_cast<size_t>(pictureSize());
  uint8_t* first = outputs.frames + static_cast<size_t>(index) * static_cast<size_t>(outputs.frameRows) * size;
  const uint8_t* last = first + static_cast<size_t>(done - 1) * size;
  for (int row = done; row < outputs.frameRows; ++row) std::memcpy(first + static_cast<size_t>(row) * size, last, size);
}

void Batch::write(int index, const Outputs& outputs, Pictures::Room& room) {
  Environment& environment = slot(index);
  const auto s = static_cast<size_t>(index);
  const size_t screenSize = static_cast<size_t>(environment.screenHeight()) * kScreenWidth;
  if (outputs.rewards) outputs.rewards[s] = 0;
  if (outputs.lifeLost) outputs.lifeLost[s] = 0;
  if (outputs.lives) outputs.lives[s] = environment.lives();
  if (outputs.terminated) outputs.terminated[s] = environment.terminated();
  if (outputs.truncated) outputs.truncated[s] = environment.truncated();
  if (outputs.modes) outputs.modes[s] = environment.fields().mode;
  if (outputs.difficulties) outputs.difficulties[s] = environment.fields().difficulty;
  if (outputs.audio) writeSound(environment.fields().audio, outputs.audio + s * kAudioSamples);
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
  if (!pictures_) return;
  const auto size = static_cast<size_t>(pictureSize());
  if (outputs.frames) {
    const uint8_t* now = pictures_->shaded(environment.screen(), room.screen[0]);
    pictures_->shrink(now, nullptr, outputs.frames + s * static_cast<size_t>(outputs.frameRows) * size, room);
    repeatFrame(index, 1, outputs);
  }
  if (!outputs.pictures) return;
  if (const size_t all = stackBytes(); all > 0)
    std::memcpy(outputs.pictures + s * all, pictures_->stack(index).data(), all);
  else drawPicture(environment, outputs.pictures + s * size, room);
}

// Nothing was done: the slot's other rows stay as they are.
void Batch::leave(int index, const Outputs& outputs) {
  if (outputs.rewards) outputs.rewards[index] = 0;
  if (outputs.lifeLost) outputs.lifeLost[index] = 0;
}

void Batch::step(const int32_t* actions, const Outputs& outputs) {
  pool_.run(slots(), [&](int64_t index, int worker) {
    const int s = static_cast<int>(index);
    if (actions[index] >= 0) act(s, actions[index], outputs, *rooms_[static_cast<size_t>(worker)]);
    else leave(s, outputs);
  });
}

void Batch::observe(std::span<const int32_t> slots, const Outputs& outputs) {
  pool_.run(static_cast<int64_t>(slots.size()), [&](int64_t i, int worker) {
    write(slots[static_cast<size_t>(i)], outputs, *rooms_[static_cast<size_t>(worker)]);
  });
}

void Batch::save(std::span<const int32_t> slots, bool generator, std::span<uint8_t> bytes) {
  for (const int32_t s : slots) {
    const std::span<const uint8_t> stack = pictures_ ? pictures_->stack(s) : std::span<uint8_t>{};
    bytes = bytes.subspan(saveState(slot(s), generator, bytes, stack));
  }
}

const char* Batch::check(std::span<const uint8_t> bytes) const {
  if (const char* problem = checkState(*environments_[0], bytes)) return problem;
  const size_t stack = stackBytes();
  return stack > 0 && addedTo(bytes).size() != stack ? "a state without a stack of pictures like this batch's"
                                                     : nullptr;
}

void Batch::restore(std::span<const std::span<const uint8_t>> records, std::span<const int32_t> slots) {
  for (size_t i = 0; i < slots.size(); ++i) {
    restoreState(slot(slots[i]), records[i]);
    if (stackBytes() > 0) std::copy_n(addedTo(records[i]).data(), stackBytes(), pictures_->stack(slots[i]).data());
  }
}

}  // namespace trellis::atari
