// The display processor chip: eight data fetchers over 2K of display data, a random number generator, three-voice music.
#include <algorithm>
#include <cmath>

#include "atari/machine/cartridge.h"

namespace trellis::atari::dpc {
namespace {

constexpr double kMusicClocksPerCycle = 15750.0 / 1193191.66666667;

// Brings the fetchers in music mode up to now: each counts down from its top, its flag is high above the bottom.
void playMusic(DpcState& state, uint32_t cycle) {
  const double clocks =
      static_cast<double>(static_cast<int32_t>(cycle - state.lastCycle)) * kMusicClocksPerCycle + state.fraction;
  state.lastCycle = cycle;
  const double whole = std::floor(clocks);
  state.fraction = clocks - whole;
  if (!(whole >= 1 && whole < 2147483648.0)) return;
  const int steps = static_cast<int>(whole);
  for (int i = 5; i < 8; ++i) {
    if (!state.musicMode[i - 5]) continue;
    const int period = state.top[i] + 1;
    int low = state.counter[i] & 0xFF;
    if (state.top[i] != 0) {
      low -= steps % period;
      if (low < 0) low += period;
    } else {
      low = 0;
    }
    if (low <= state.bottom[i]) state.flag[i] = 0;
    else if (low <= state.top[i]) state.flag[i] = 0xFF;
    state.counter[i] = static_cast<uint16_t>((state.counter[i] & 0x700) | low);
  }
}

uint8_t amplitude(const DpcState& state) {
  constexpr uint8_t kAmplitudes[8] = {0x0, 0x4, 0x5, 0x9, 0x6, 0xA, 0xB, 0xF};
  int voices = 0;
  for (int i = 0; i < 3; ++i)
    if (state.musicMode[i] && state.flag[5 + i]) voices |= 1 << i;
  return kAmplitudes[voices];
}

}  // namespace

void clock(DpcState& state) {
  const uint8_t r = state.random;
  const int bit = ~((r >> 7) ^ (r >> 5) ^ (r >> 4) ^ (r >> 3)) & 1;
  state.random = static_cast<uint8_t>((r << 1) | bit);
}

uint8_t read(DpcState& state, int offset, const uint8_t* display, uint32_t cycle) {
  const int i = offset & 7, function = (offset >> 3) & 7;
  const uint8_t low = static_cast<uint8_t>(state.counter[i]);
  if (low == state.top[i]) state.flag[i] = 0xFF;
  else if (low == state.bottom[i]) state.flag[i] = 0;
  uint8_t value = 0;
  switch (function) {
    case 0:
      if (i < 4) {
        value = state.random;
      } else {
        playMusic(state, cycle);
        value = amplitude(state);
      }
      break;
    case 1:
      value = display[2047 - (state.counter[i] & 0x7FF)];
      break;
    case 2:
      value = display[2047 - (state.counter[i] & 0x7FF)] & state.flag[i];
      break;
    case 7:
      value = state.flag[i];
      break;
    default:
      break;
  }
  if (i < 5 || !state.musicMode[i - 5]) state.counter[i] = (state.counter[i] - 1) & 0x7FF;
  return value;
}

void write(DpcState& state, int offset, uint8_t value) {
  const int i = offset & 7;
  const bool music = i >= 5 && state.musicMode[i - 5];
  switch ((offset >> 3) & 7) {
    case 0:
      state.top[i] = value;
      state.flag[i] = 0;
      break;
    case 1:
      state.bottom[i] = value;
      break;
    case 2:
      state.counter[i] = static_cast<uint16_t>((state.counter[i] & 0x700) | (music ? state.top[i] : value));
      break;
    case 3:
      state.counter[i] = static_cast<uint16_t>(((value & 7) << 8) | (state.counter[i] & 0xFF));
      if (i >= 5) state.musicMode[i - 5] = (value >> 4) & 1;
      break;
    case 6:
      state.random = 1;
      break;
    default:
      break;
  }
}

}  // namespace trellis::atari::dpc
