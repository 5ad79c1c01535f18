// The RIOT (6532): 128 bytes of RAM, an interval timer, and the ports of the sockets and the console's switches.
#pragma once

#include "atari/machine/core.h"

namespace trellis::atari::riot {

// After a system reset; the timer starts somewhere in 25..99.
inline void reset(RiotState& riot, uint32_t draw) {
  riot.timer = static_cast<uint8_t>(25 + draw % 75);
  riot.timerShift = 6;
  riot.timerWasRead = 0;
  riot.timerSetCycle = riot.timerReadCycle = 0;
  riot.directionA = 0;
}

inline void rebase(RiotState& riot, uint32_t cycles) {
  riot.timerSetCycle -= cycles;
  riot.timerReadCycle -= cycles;
}

// Timer value as a signed number: negative once it has run out.
inline int32_t timerLeft(const RiotState& riot, uint32_t cycle) {
  const uint32_t elapsed = cycle - 1 - riot.timerSetCycle;
  return static_cast<int32_t>(riot.timer - (elapsed >> riot.timerShift) - 1);
}

// What INTIM reads. Once the timer has run out it counts single cycles, and its first reading is remembered.
inline uint8_t readTimer(RiotState& riot, uint32_t cycle) {
  const int32_t left = timerLeft(riot, cycle);
  if (left >= 0) return static_cast<uint8_t>(left);
  const uint32_t elapsed = cycle - 1 - riot.timerSetCycle;
  const uint32_t total = static_cast<uint32_t>(riot.timer) << riot.timerShift;
  const int32_t since = static_cast<int32_t>(total - elapsed - 1);
  if (since <= -2 && !riot.timerWasRead) {
    riot.timerWasRead = 1;
    riot.timerReadCycle = cycle;
  }
  if (!riot.timerWasRead) return static_cast<uint8_t>(since);
  const uint32_t expiry = riot.timerSetCycle + total;
  return static_cast<uint8_t>(riot.timer - (elapsed >> riot.timerShift) - (riot.timerReadCycle - expiry));
}

inline uint8_t read(RiotState& riot, const InputState& inputs, uint16_t address, uint32_t cycle) {
  switch (address & 7) {
    case 0:
      return inputs.portA;
    case 1:
      return riot.directionA;
    case 2:
      return inputs.switches;
    case 3:
      return 0;
    case 4:
    case 6:
      return readTimer(riot, cycle);
    default:
      return timerLeft(riot, cycle) < 0 && !riot.timerWasRead ? 0x80 : 0;
  }
}

inline void write(RiotState& riot, uint16_t address, uint8_t value, uint32_t cycle) {
  if ((address & 0x14) == 0x14) {
    constexpr uint8_t kShifts[4] = {0, 3, 6, 10};
    riot.timer = value;
    riot.timerShift = kShifts[address & 3];
    riot.timerSetCycle = cycle;
    riot.timerWasRead = 0;
  } else if ((address & 7) == 1 && !(address & 4)) {
    riot.directionA = value;
  }
}

}  // namespace trellis::atari::riot
