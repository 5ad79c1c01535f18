#include "atari/machine/audio.h"

#include <cstring>

namespace trellis::atari {
namespace {

constexpr int kSilence = 128, kStep = 4;  // of a sample; for each unit of volume

constexpr unsigned bitOf(unsigned value, int index) { return value >> index & 1; }

// Which of the voice's events clock the 4-bit register, and the bit that comes into it.
struct Voice {
  unsigned control, divisor, divider, shift4, shift5;

  Voice(const AudioVoice& voice, const AudioRegisters& registers, int index)
      : control(registers.control[index] & 15u),
        divisor(registers.divisor[index] & 31u),
        divider(voice.divider),
        shift4(voice.shift4),
        shift5(voice.shift5) {}

  AudioVoice state() const {
    return {static_cast<uint8_t>(divider), static_cast<uint8_t>(shift4), static_cast<uint8_t>(shift5), 0};
  }
  bool alwaysOn() const { return control == 0 || control == 11; }
  // Controls 0, 1, 4, 5, 11, 12 and 13 leave the 5-bit register alone.
  bool usesShift5() const { return (control & 2) != 0 ? control != 11 : control == 8 || control == 9; }

  void event() {
    const unsigned old5 = shift5;
    unsigned next5 = old5;
    if (usesShift5()) {
      // x^5 + x^3 + 1; noise of nine bits runs through both registers. All zeros would stay so: a one comes in.
      const unsigned in = control == 8 && (shift4 | old5) != 0 ? bitOf(old5, 4) ^ bitOf(shift4, 3)
                          : old5 == 0                          ? 1u
                                                               : bitOf(old5, 4) ^ bitOf(old5, 2);
      next5 = (old5 << 1 | in) & 31;
    }
    shift5 = next5;
    if (!alwaysOn()) {
      if ((control & 3) == 2 && (next5 & 15) != 8) return;     // twice in 31: after 13 and 18 events
      if ((control & 3) == 3 && bitOf(next5, 4) == 0) return;  // at random
    }
    switch (alwaysOn() ? 16 : control >> 2) {
      case 0: {  // x^4 + x^3 + 1
        const unsigned in = shift4 == 0 ? 1u : bitOf(shift4, 3) ^ bitOf(shift4, 2);
        shift4 = (shift4 << 1 | in) & 15;
        break;
      }
      case 1:
        shift4 = (shift4 << 1 | (~shift4 & 1)) & 15;
        break;  // a square wave
      case 2:
        shift4 = (shift4 << 1 | bitOf(control == 10 ? next5 : old5, 4)) & 15;
        break;
      case 3:  // a square wave of a third
        shift4 = ((~shift4 << 1 & 14) | (bitOf(shift4, 2) == 0 && (shift4 & 7) != 0)) & 15;
        break;
      default:
        shift4 = (shift4 << 1 | 1) & 15;
        break;  // volume alone
    }
  }

  unsigned clock() {
    if (++divider > divisor) {
      divider = 0;
      event();
    }
    return bitOf(shift4, 3);
  }
};

}  // namespace

void makeSound(AudioState& state, const AudioRegisters& registers) {
  state.registers = registers;
  state.made = 1;
  for (int i = 0; i < kVoices; ++i) {
    state.before[i] = state.after[i];
    Voice voice(state.before[i], registers, i);
    // A divider beyond a divisor that has become smaller has its event at once.
    int left = kAudioSamples;
    const int first = voice.divider >= voice.divisor ? 1 : static_cast<int>(voice.divisor + 1 - voice.divider);
    for (int next = first; next <= left; next = static_cast<int>(voice.divisor) + 1) {
      left -= next;
      voice.divider = 0;
      voice.event();
    }
    voice.divider += static_cast<unsigned>(left);
    state.after[i] = voice.state();
  }
}

void writeSound(const AudioState& state, uint8_t* samples) {
  if (!state.made) {
    std::memset(samples, 0, kAudioSamples);
    return;
  }
  Voice first(state.before[0], state.registers, 0), second(state.before[1], state.registers, 1);
  const unsigned loud0 = state.registers.volume[0] & 15u, loud1 = state.registers.volume[1] & 15u;
  for (int i = 0; i < kAudioSamples; ++i)
    samples[i] = static_cast<uint8_t>(kSilence + kStep * (first.clock() * loud0 + second.clock() * loud1));
}

bool plausible(const AudioState& state) {
  const auto possible = [](const AudioVoice& voice) {
    return voice.divider < 32 && voice.shift4 < 16 && voice.shift5 < 32;
  };
  bool good = state.made <= 1;
  for (int i = 0; i < kVoices; ++i) good = good && possible(state.before[i]) && possible(state.after[i]);
  return good;
}

}  // namespace trellis::atari
