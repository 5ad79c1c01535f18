// Action games whose rules do not fit the common form.
#include "atari/games/tables.h"

#include <algorithm>

namespace trellis::atari {
namespace {

// --- Adventure: win with the chalice, or be eaten.
void adventureStep(Memory m, GameState& state) {
  const bool won = m[0xB9] == 0x12;
  if (won) state.reward = 1;
  state.terminal = won || m[0xE0] == 2;
}

bool adventureMode(int mode, ModeDriver& driver) {
  for (int presses = 0; ((driver.memory()[0xDD] >> 1) & 3) != mode; ++presses) {
    if (presses == kMaximumPresses) return false;
    driver.pressSelect(2 + static_cast<int>(driver.draw() % 256));
    driver.act(kNoop);
  }
  driver.softReset();
  return true;
}

// --- Chopper Command: a lives byte of 0 means the end only once the game runs.
void chopperCommandStep(Memory m, GameState& state) {
  payChange(state, 100 * m.decimal(0xEE, 0xEC));
  state.counter = m.low(0xE4);
  if (m[0xC2] & 1) state.started = 1;
  state.terminal = state.started && state.counter == 0;
}

// --- Dark Chambers: a level, score or health that falls means a new game. Terminal stays.
enum DarkChambersField { kLevel };

void darkChambersStep(Memory m, GameState& state) {
  state.reward = 0;
  const int level = m[0xD5];
  if (level < state.extra[kLevel]) {
    state.terminal = 1;
    return;
  }
  state.extra[kLevel] = level;
  const int score = 10 * m.decimal(0xCC, 0xCF);
  if (score < state.score) {
    state.terminal = 1;
  } else {
    payChange(state, score);
  }
  if ((m[0xCA] & 0x1F) == 0) state.terminal = 1;
}

// --- Demon Attack: `started` marks the frame after a change of mode, when the bytes look like the end of a game.
void demonAttackStep(Memory m, GameState& state) {
  const bool title = m[0x81] == 0xAB && m[0x83] == 0xCD && m[0x85] == 0xEA;
  payChange(state, title ? 0 : m.decimal(0x85, 0x83, 0x81));
  state.counter = m[0xF2] + 1;
  state.terminal = m[0xF2] == 0 && m[0xF1] == 0xBD && !state.started;
  state.started = 0;
}

bool demonAttackMode(int mode, ModeDriver& driver) {
  if (!pressUntil(driver, 1, [&] { return driver.memory()[0xEA] == mode; })) return false;
  driver.state().started = 1;
  driver.softReset();
  return true;
}

// --- Double Dunk: modes are the four switches of an option menu.
bool actUntil(ModeDriver& driver, Action action, auto reached) {
  for (int acts = 0; !reached(); ++acts) {
    if (acts == kMaximumPresses || driver.over()) return false;
    driver.act(action);
    driver.act(kNoop);
  }
  return true;
}

bool doubleDunkMode(int mode, ModeDriver& driver) {
  const auto nextLine = [&driver] {
    const int line = driver.memory()[0xB0];
    return actUntil(driver, kDown, [&] { return driver.memory()[0xB0] != line; });
  };
  const auto set = [&driver](int bit, bool on) {
    return actUntil(driver, on ? kRight : kLeft, [&] { return ((driver.memory()[0x80] & bit) != 0) == on; });
  };
  driver.pressSelect(1);
  const bool reached = nextLine() && nextLine() && set(0x08, mode & 1) && nextLine() && set(0x10, mode & 2) &&
                       nextLine() && set(0x04, mode & 4) && nextLine() && set(0x20, mode & 8);
  if (!reached) return false;
  driver.softReset();
  driver.act(kUpFire);
  driver.act(kNoop);
  return true;
}

// --- Haunted House: a match costs 1, leaving with the urn pays 100.
enum HauntedHouseField { kMatches };

void hauntedHouseStep(Memory m, GameState& state) {
  const int matches = m.decimal(0x82);
  const bool out = m[0x99] == 0x44;
  state.reward = (matches != state.extra[kMatches] ? -1 : 0) + (out ? 100 : 0);
  state.extra[kMatches] = matches;
  state.counter = m[0x96];
  state.terminal = out || state.counter == 0;
}

// --- Klax keeps its numbers in the cartridge's RAM.
int klaxByte(Memory m, int address) { return m.cartridgeRam ? m.cartridgeRam[address] : 0; }

void klaxStep(Memory m, GameState& state) {
  const uint8_t digits[] = {static_cast<uint8_t>(klaxByte(m, 0x34)), static_cast<uint8_t>(klaxByte(m, 0x35)),
                            static_cast<uint8_t>(klaxByte(m, 0x36))};
  payChange(state, Memory{digits}.decimal(0, 1, 2));
  const int misses = klaxByte(m, 0x6E);
  const int allowed = klaxByte(m, 0x69);
  int blocks = 0;
  for (int i = 0; i < 25; ++i) {
    const int cell = m[0xB3 + i];
    if (cell != 0 && cell != 2 && cell != 6 && cell != 10 && cell != 14) ++blocks;
  }
  state.terminal = (allowed > 0 && misses == allowed) || (m[0xA8] == 4 && blocks == 25) || klaxByte(m, 0x1D) == 0x99;
}

// --- River Raid: the lives byte is $58 before the first life and again after the last one, $59.
enum RiverRaidField { kLivesByte };

void riverRaidReset(GameState& state) { state.extra[kLivesByte] = 0x58; }

void riverRaidStep(Memory m, GameState& state) {
  const auto digit = [m](int address) { return (m[address] & 7) == 0 && m[address] <= 72 ? m[address] >> 3 : 0; };
  int score = 0;
  for (int address = 0xCD; address <= 0xD7; address += 2) score = 10 * score + digit(address);
  payChange(state, score);
  const int lives = m[0xC0];
  state.terminal = lives == 0x58 && state.extra[kLivesByte] == 0x59;
  state.extra[kLivesByte] = lives;
  state.counter = lives == 0x58 ? 4 : lives == 0x59 ? 1 : (lives >> 3) + 1;
}

// --- Stargunner: the lives byte counts from the first frame it is 5.
void starGunnerStep(Memory m, GameState& state) {
  payChange(state, 100 * blankedDigits(m, 0x83, 4));
  if (m[0x87] == 5) state.started = 1;
  state.counter = state.started ? m.low(0x87) : 5;
  state.terminal = m[0x87] == 0;
}

// --- Superman: the seconds saved of 5999 when all is done.
void supermanStep(Memory m, GameState& state) {
  state.terminal = (m[0x9F] & 0x40) != 0 && m[0x80] == 0xAC && m[0x81] == 0xF2;
  state.reward = state.terminal ? 5999 - (60 * m.decimal(0xE3) + m.decimal(0xE2)) : 0;
}

// --- Tetris: the score is forgotten at the end.
void tetrisStep(Memory m, GameState& state) {
  payChange(state, m.decimal(0xF1, 0xF2));
  state.reward = std::max(state.reward, 0);
  state.terminal = (m[0xF3] & 0x80) != 0;
  if (state.terminal) state.score = 0;
}

// --- Word Zapper: words left to spell; nothing changes while the clock shows 0.
void wordZapperStep(Memory m, GameState& state) {
  if (m.decimal(0xCF) <= 0) return;
  payChange(state, 2 - m.signedByte(0xDC));
  state.terminal = state.score == 3 || m.decimal(0xDE) == 0;
}

constexpr Game kGames[] = {
    {.id = "adventure",
     .name = "Adventure",
     .md5 = "4b27f5397c442d25f0c418ccdacf1926",
     .livesKind = Lives::constant,
     .initialLives = 1,
     .oddStep = adventureStep,
     .difficulties = list<0, 1, 2, 3>,
     .modes = list<0, 1, 2>,
     .driveMode = adventureMode},
    {.id = "chopper_command",
     .name = "Chopper Command",
     .md5 = "c1cb228470a87beb5f36e90ac745da26",
     .livesKind = Lives::raw,
     .initialLives = 3,
     .oddStep = chopperCommandStep,
     .difficulties = list<0, 1>,
     .modes = list<0, 2>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0xE0] == mode; }},
    {.id = "darkchambers",
     .name = "Dark Chambers",
     .md5 = "106855474c69d08c8ffa308d47337269",
     .console = {.hmoveBlanks = false},
     .oddStep = darkChambersStep,
     .starting = {{kNoop, 486}}},
    {.id = "demon_attack",
     .name = "Demon Attack",
     .md5 = "f0e0addc07971561ab80d9abe1b8d333",
     .livesKind = Lives::counted,
     .initialLives = 4,
     .oddStep = demonAttackStep,
     .minimalActions = list<0, 1, 3, 4, 11, 12>,
     .difficulties = list<0, 1>,
     .modes = list<1, 3, 5, 7>,
     .driveMode = demonAttackMode},
    {.id = "double_dunk",
     .name = "Double Dunk",
     .md5 = "368d88a6c071caba60b4f778615aae94",
     .score = [](Memory m) { return m.decimal(0xF6) - m.decimal(0xF7); },
     .livesKind = Lives::constant,
     .initialLives = 0,
     .terminal = [](Memory m, int, int) { return (m.decimal(0xF6) >= 24 || m.decimal(0xF7) >= 24) && m[0xFE] == 0xE7; },
     .starting = {{kUpFire, 1}},
     .modes = range<0, 15>,
     .driveMode = doubleDunkMode},
    {.id = "haunted_house",
     .name = "Haunted House",
     .md5 = "f0a6e99f5875891246c3dbecbf2d2cea",
     .livesKind = Lives::counted,
     .initialLives = 9,
     .oddStep = hauntedHouseStep,
     .difficulties = list<0, 1>,
     .modes = range<0, 8>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0xCC] == mode; }},
    {.id = "klax",
     .name = "Klax",
     .md5 = "eed9eaf1a0b6a2b9bc4c8032cb43e3fb",
     .oddStep = klaxStep,
     .starting = {{kFire, 1}, {kNoop, 1}},
     .modes = list<0, 1, 2>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return klaxByte(m, 0x6A) == mode; }},
    {.id = "riverraid",
     .name = "River Raid",
     .md5 = "393948436d1f4cc3192410bb918f9724",
     .livesKind = Lives::counted,
     .initialLives = 4,
     .oddStep = riverRaidStep,
     .oddReset = riverRaidReset,
     .difficulties = list<0, 1>},
    {.id = "star_gunner",
     .name = "Stargunner",
     .md5 = "a3c1c70024d7aabb41381adbfb6d3b25",
     .livesKind = Lives::counted,
     .initialLives = 5,
     .oddStep = starGunnerStep,
     .modes = list<0, 1, 2, 3>,
     .selectFrames = 15,
     .inMode = [](Memory m, int mode) { return m[0xF4] == mode; }},
    {.id = "superman",
     .name = "Superman",
     .md5 = "a9531c763077464307086ec9a1fd057d",
     .oddStep = supermanStep,
     .difficulties = list<0, 1, 2, 3>},
    {.id = "tetris",
     .name = "Tetris",
     .md5 = "b0e1ee07fbc73493eac5651a52f90f00",
     .livesKind = Lives::constant,
     .initialLives = 0,
     .oddStep = tetrisStep,
     .minimalActions = list<0, 1, 3, 4, 5>},
    {.id = "word_zapper",
     .name = "Word Zapper",
     .md5 = "ec3beb6d8b5689e867bafb5d5f507491",
     .oddStep = wordZapperStep,
     .starting = {{kNoop, 486}, {kFire, 1}, {kNoop, 2}},
     .difficulties = list<0, 1, 2, 3>,
     .modes = range<0, 23>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0xDB] == mode; }},
};

}  // namespace

std::span<const Game> oddActionGames() { return kGames; }

}  // namespace trellis::atari
