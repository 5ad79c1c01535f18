// Saved states as bytes: everything that determines an environment's future and what it shows now. Position-independent,
// little-endian, with a version, the cartridge's MD5, the game, and a checksum; not portable to big-endian machines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "atari/environment.h"

namespace trellis::atari {

// Bytes of the environment's state as it is now; `generator`: with the sticky-action generator; `more`: bytes that a batch
// adds at the end.
size_t stateSize(Environment& environment, bool generator, size_t more = 0);
// An upper bound of stateSize for any state of this machine.
size_t maximumStateSize(const Machine& machine);
// Writes the state; returns its size, or 0 when `bytes` is too small.
size_t saveState(Environment& environment, bool generator, std::span<uint8_t> bytes,
                 std::span<const uint8_t> more = {});
// What was added to a state that has passed checkState.
std::span<const uint8_t> addedTo(std::span<const uint8_t> bytes);

// Why a state cannot be restored here (static text), or null if it can: any bytes may be given.
const char* checkState(const Environment& environment, std::span<const uint8_t> bytes);
// The bytes must have passed checkState on an environment of the same machine and game. A state without generator leaves the
// environment's own alone.
void restoreState(Environment& environment, std::span<const uint8_t> bytes);

// Makes the checksum fit again after bytes were changed: for tests of what lies behind it.
void resealState(std::span<uint8_t> bytes);

// Whether a core read from somewhere can be run without harm: every field within its range.
bool plausible(const Core& core, const Machine& machine);

}  // namespace trellis::atari
