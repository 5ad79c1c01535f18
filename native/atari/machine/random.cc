#include "atari/machine/random.h"

#include <array>
#include <cstring>

namespace trellis::atari {
namespace {

constexpr uint32_t kMachineSeed = 4753849;
constexpr uint32_t kTabled = 4096;

uint32_t temper(Mersenne& generator, uint32_t skip) {
  for (uint32_t i = 0; i < skip; ++i) generator.next();
  return generator.next();
}

const std::array<uint32_t, kTabled>& firstDraws() {
  static const auto table = [] {
    std::array<uint32_t, kTabled> draws;
    Mersenne generator;
    generator.seed(kMachineSeed);
    for (auto& draw : draws) draw = generator.next();
    return draws;
  }();
  return table;
}

}  // namespace

uint32_t machineDraw(uint32_t index) {
  if (index < kTabled) return firstDraws()[index];
  // Beyond the table only after thousands of resets: go on from where this thread's last such draw was, if it can.
  thread_local Mersenne generator;
  thread_local bool seeded = false;
  if (!seeded || generator.draws() > index) {
    generator.seed(kMachineSeed);
    seeded = true;
  }
  return temper(generator, index - static_cast<uint32_t>(generator.draws()));
}

void Mersenne::seed(uint32_t seed) {
  seed_ = seed;
  draws_ = 0;
  index_ = kWords;
  words_[0] = seed;
  for (uint32_t i = 1; i < kWords; ++i) words_[i] = 1812433253u * (words_[i - 1] ^ (words_[i - 1] >> 30)) + i;
}

void Mersenne::seek(uint32_t seed, uint64_t draws) {
  this->seed(seed);
  draws_ = draws;
  if (draws == 0) return;
  const uint64_t refills = (draws - 1) / kWords + 1;
  for (uint64_t i = 0; i < refills; ++i) refill();
  index_ = static_cast<uint32_t>(draws - (refills - 1) * kWords);
}

bool Mersenne::valid(const uint8_t* bytes) {
  Mersenne read;
  std::memcpy(&read, bytes, sizeof read);
  return read.index_ <= kWords;
}

void Mersenne::refill() {
  constexpr uint32_t kShift = 397, kUpper = 0x80000000u, kLower = 0x7FFFFFFFu, kMatrix = 0x9908B0DFu;
  const auto mix = [](uint32_t upper, uint32_t lower) {
    const uint32_t y = (upper & kUpper) | (lower & kLower);
    return (y >> 1) ^ ((0u - (lower & 1)) & kMatrix);
  };
  for (uint32_t i = 0; i < kWords - kShift; ++i) words_[i] = words_[i + kShift] ^ mix(words_[i], words_[i + 1]);
  for (uint32_t i = kWords - kShift; i < kWords - 1; ++i)
    words_[i] = words_[i + kShift - kWords] ^ mix(words_[i], words_[i + 1]);
  words_[kWords - 1] = words_[kShift - 1] ^ mix(words_[kWords - 1], words_[0]);
  index_ = 0;
}

}  // namespace trellis::atari
