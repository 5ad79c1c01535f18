// The generators of the original: mt19937. The machine's own has a fixed seed, so a position in it is all its state.
#pragma once

#include <cstdint>

namespace trellis::atari {

// Draw number `index` of the machine's generator: contents of RAM at power-on, timers and cartridge RAM at resets.
uint32_t machineDraw(uint32_t index);

// mt19937 that counts its draws: the environment's generator (sticky actions). Trivially copyable.
class Mersenne {
 public:
  void seed(uint32_t seed);
  uint32_t next() {
    ++draws_;
    if (index_ == kWords) refill();
    uint32_t y = words_[index_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
  }
  // In [0, 1).
  double nextDouble() { return next() / 4294967296.0; }
  // As if that many numbers had been drawn since seed().
  void seek(uint32_t seed, uint64_t draws);
  uint32_t firstSeed() const { return seed_; }
  uint64_t draws() const { return draws_; }
  // Whether sizeof(Mersenne) bytes can be taken over as a generator.
  static bool valid(const uint8_t* bytes);

 private:
  static constexpr int kWords = 624;
  void refill();

  uint64_t draws_ = 0;
  uint32_t seed_ = 0;
  uint32_t index_ = kWords;
  uint32_t words_[kWords] = {};
};

}  // namespace trellis::atari
