// The sound of the TIA: two voices, each a divider that clocks a 4-bit and a 5-bit shift register, which its control register
// joins in sixteen ways. Measured on the original, which makes kAudioSamples clocks of sound at the end of each act, all with
// the registers as they then are; how many frames the act had does not matter.
#pragma once

#include <cstdint>

namespace trellis::atari {

inline constexpr int kAudioSamples = 512;  // of an act
inline constexpr int kVoices = 2;

// Registers as stored, in the order of their addresses: AUDC0, AUDC1, AUDF0, AUDF1, AUDV0, AUDV1.
struct AudioRegisters {
  uint8_t control[kVoices], divisor[kVoices], volume[kVoices];
};
static_assert(sizeof(AudioRegisters) == 6);

// Of one voice; as at power-on.
struct AudioVoice {
  uint8_t divider = 0, shift4 = 1, shift5 = 1, unused = 0;
};

// What is to be known of the last act's sound: enough to make it again.
struct AudioState {
  AudioVoice before[kVoices], after[kVoices];
  AudioRegisters registers = {};  // it was made with these
  uint8_t made = 0;               // 0: there was no act yet
  uint8_t unused = 0;
};

// Makes the next act's sound, unheard.
void makeSound(AudioState& state, const AudioRegisters& registers);
// The sound of the last act: kAudioSamples unsigned bytes, silence is 128; all 0 before the first act.
void writeSound(const AudioState& state, uint8_t* samples);
bool plausible(const AudioState& state);

}  // namespace trellis::atari
