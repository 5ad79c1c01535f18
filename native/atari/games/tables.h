// The tables of games, by kind, and what their rules share.
#pragma once

#include "atari/games/game.h"

namespace trellis::atari {

std::span<const Game> paperGames();
std::span<const Game> livesGamesOfModes();
std::span<const Game> livesGames();
std::span<const Game> scoreOnlyGames();
std::span<const Game> oddActionGames();
std::span<const Game> oddBoardGames();

// A number of decimal digits, one a byte, lowest first; a digit of 10 is a blank.
inline int blankedDigits(Memory m, int address, int count) {
  int value = 0;
  for (int i = count - 1; i >= 0; --i) value = 10 * value + (m.low(address + i) == 10 ? 0 : m.low(address + i));
  return value;
}

// Reward and stored score from a newly read score.
inline void payChange(GameState& state, int score) {
  state.reward = score - state.score;
  state.score = score;
}

// Holds SELECT `frames` at a time until `reached()`; false after kMaximumPresses.
template <class Reached>
bool pressUntil(ModeDriver& driver, int frames, Reached reached) {
  for (int presses = 0; !reached(); ++presses) {
    if (presses == kMaximumPresses) return false;
    driver.pressSelect(frames);
  }
  return true;
}

}  // namespace trellis::atari
