// The seven games of the paper (Table 1): beam_rider, breakout, enduro, pong, qbert, seaquest, space_invaders.
#include "atari/games/tables.h"

namespace trellis::atari {
namespace {

// The counter of lives drops when the ship explodes, but counts only once the explosion is over.
int beamRiderLives(Memory m, int previous) {
  const int lives = m[0x85] + 1;
  return lives == previous - 1 && m[0x8C] != 1 ? previous : lives;
}

// The lives byte is 0 until the first game has started.
void breakoutStep(Memory m, GameState& state) {
  payChange(state, m.decimal(0xCD) + 100 * m.low(0xCC));
  state.counter = m[0xB9];
  if (state.counter == 5) state.started = 1;
  state.terminal = state.started && state.counter == 0;
}

// Cars passed: 200 on the first day, 300 on each later one. RAM holds those still to pass.
int enduroScore(Memory m) {
  const int day = m[0xAD];
  if (day == 0) return 0;
  const int toPass = m.decimal(0xAB, 0xAC);
  return day == 1 ? 200 - toPass : 300 - toPass + 200 + 300 * (day - 2);
}

enum QbertField { kLastLives };

// RAM counts down through 0 to -1 and shows -2 at the end. The reported lives only ever fall.
void qbertStep(Memory m, GameState& state) {
  const int lives = m.signedByte(0x88);
  state.terminal = lives == -2 || (lives == 2 && state.extra[kLastLives] == -1);
  if (state.extra[kLastLives] - 1 == lives) --state.counter;
  state.extra[kLastLives] = lives;
  if (state.terminal) {
    state.reward = 0;
  } else {
    payChange(state, m.decimal(0xDB, 0xDA, 0xD9));
  }
}

constexpr Game kGames[] = {
    {.id = "beam_rider",
     .name = "Beam Rider",
     .md5 = "79ab4123a83dc11d468fb2108ea09e2e",
     .score = [](Memory m) { return m.decimal(0x89, 0x8A, 0x8B); },
     .livesKind = Lives::counted,
     .initialLives = 3,
     .lives = beamRiderLives,
     .terminal = [](Memory m, int, int) { return m[0x85] == 0xFF; },
     .minimalActions = list<0, 1, 2, 3, 4, 6, 7, 11, 12>,
     .starting = {{kRight, 1}},
     .difficulties = list<0, 1>},
    {.id = "breakout",
     .name = "Breakout",
     .md5 = "f34f08e5eb96e500e851a80be3277a56",
     .console = {.leftPaddles = true},
     .livesKind = Lives::counted,
     .initialLives = 5,
     .oddStep = breakoutStep,
     .minimalActions = list<0, 1, 3, 4>,
     .difficulties = list<0, 1>,
     .modes = range<0, 44, 4>,
     .selectFrames = 1,
     .inMode = [](Memory m, int mode) { return m[0xB2] == mode; }},
    {.id = "enduro",
     .name = "Enduro",
     .md5 = "94b92a882f6dbaa6993a46e2dcc58402",
     .score = enduroScore,
     .livesKind = Lives::constant,
     .initialLives = 0,
     .terminal = [](Memory m, int, int) { return m[0xAF] == 0xFF; },
     .minimalActions = list<0, 1, 3, 4, 5, 8, 9, 11, 12>,
     .starting = {{kFire, 1}}},
    {.id = "pong",
     .name = "Pong",
     .md5 = "60e0ea3cbe0913d39803477945e9e5ec",
     .console = {.leftPaddles = true, .rightPaddles = true, .swapPaddles = true},
     .score = [](Memory m) { return m[0x8E] - m[0x8D]; },
     .livesKind = Lives::constant,
     .initialLives = 0,
     .terminal = [](Memory m, int, int) { return m[0x8D] == 21 || m[0x8E] == 21; },
     .minimalActions = list<0, 1, 3, 4, 11, 12>,
     .difficulties = list<0, 1, 2, 3>,
     .modes = list<0, 1>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0x96] == mode; }},
    {.id = "qbert",
     .name = "Q*bert",
     .md5 = "484b0076816a104875e00467d431c2d2",
     .console = {.yStart = 40},
     .livesKind = Lives::counted,
     .initialLives = 4,
     .oddStep = qbertStep,
     .oddReset = [](GameState& state) { state.extra[kLastLives] = 2; },
     .minimalActions = range<0, 5>,
     .difficulties = list<0, 1>},
    {.id = "seaquest",
     .name = "Seaquest",
     .md5 = "240bfbac5163af4df5ae713985386f92",
     .score = [](Memory m) { return m.decimal(0xBA, 0xB9, 0xB8); },
     .livesKind = Lives::counted,
     .initialLives = 4,
     .lives = [](Memory m, int) { return m[0xBB] + 1; },
     .terminal = [](Memory m, int, int) { return m[0xA3] != 0; },
     .difficulties = list<0, 1>},
    {.id = "space_invaders",
     .name = "Space Invaders",
     .md5 = "72ffbef6504b75e69ee1045af9075f66",
     .score = [](Memory m) { return m.decimal(0xE8, 0xE6); },
     .livesKind = Lives::counted,
     .initialLives = 3,
     .lives = [](Memory m, int) { return m[0xC9]; },
     .terminal = [](Memory m, int lives, int) { return (m[0x98] & 0x80) != 0 || lives == 0; },
     .reward = [](int change) { return change < 0 ? change + 10000 : change; },
     .minimalActions = list<0, 1, 3, 4, 11, 12>,
     .difficulties = list<0, 1>,
     .modes = range<0, 15>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0xDC] == mode; }},
};

}  // namespace

std::span<const Game> paperGames() { return kGames; }

}  // namespace trellis::atari
