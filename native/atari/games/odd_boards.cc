// Board, card and sports games whose rules do not fit the common form.
#include "atari/games/tables.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace trellis::atari {
namespace {

// --- Backgammon: counts of men per point, positive for the computer. Reward and terminal stay once set.
void backgammonStep(Memory m, GameState& state) {
  const auto computerOut = static_cast<int8_t>(m.signedByte(0x8E));
  const auto playerOut = static_cast<int8_t>(-m.signedByte(0x80));
  int8_t computerIn = 0;
  int8_t playerIn = 0;
  for (int address = 0x81; address <= 0x9B; ++address) {
    if (address == 0x8E) continue;
    const int men = m.signedByte(address);
    if (men > 0) computerIn = static_cast<int8_t>(computerIn + men);
    if (men < 0) playerIn = static_cast<int8_t>(playerIn - men);
  }
  if (computerIn + computerOut != 15 || playerIn + playerOut != 15) return;
  if (playerOut == 15) {
    state.reward = 1;
    state.terminal = 1;
  } else if (computerOut == 15) {
    state.reward = -1;
    state.terminal = 1;
  }
}

// --- Casino: chips. In the betting games a frame without play repeats the last reward.
void casinoStep(Memory m, GameState& state) {
  const int score = m.decimal(0x95, 0x8C);
  if (m[0xD4] == 3) {
    state.reward = score - state.score;
    state.terminal = score > 0 && m[0x9E] == 0xAA;
  } else {
    const bool off = (m[0xD3] & 0x80) != 0;
    if (!off) state.reward = score - state.score;
    state.terminal = score == 0 || (m.decimal(0x9E) > 0 && off);
  }
  state.score = score;
}

// A timer byte has run out when it steps from 255 to 0.
bool ranOut(int32_t& now, int value) {
  const int before = now;
  now = value;
  return now == 0 && before == 255;
}

// --- Hangman: a word ends with a point for one side, or with the clock.
enum HangmanField { kPlayer, kComputer, kHangmanTimer };

void hangmanReset(GameState& state) {
  state.extra[kPlayer] = state.extra[kComputer] = 0;
  state.extra[kHangmanTimer] = -1;
}

void hangmanStep(Memory m, GameState& state) {
  const int player = m.decimal(0xEB);
  const int computer = m.decimal(0xEC);
  state.reward = (player - state.extra[kPlayer]) - (computer - state.extra[kComputer]);
  state.extra[kPlayer] = player;
  state.extra[kComputer] = computer;
  const bool timeIsUp = ranOut(state.extra[kHangmanTimer], m[0xF1]);
  state.terminal = state.reward != 0 || timeIsUp;
}

// --- Miniature Golf: par less strokes at every hole. Terminal stays.
enum MiniatureGolfField { kHole, kPar, kHits, kLeft, kBase };

void miniatureGolfStep(Memory m, GameState& state) {
  auto& f = state.extra;
  const int left = m.decimal(0x87);
  const int par = m.decimal(0x88);
  const int hole = m.decimal(0xAF);
  state.reward = 0;
  if (hole != f[kHole]) {
    const int strokes = f[kLeft] + f[kHits] - f[kBase];
    if (strokes > 0) state.reward = f[kPar] - strokes;
    if (hole == 0) state.terminal = 1;
    f[kHole] = hole;
    f[kHits] = 0;
    f[kBase] = f[kLeft];
  }
  if (par != 0) {
    f[kPar] = par;
  } else {
    if (left < f[kLeft]) f[kHits] += f[kLeft];
    f[kLeft] = left;
  }
}

// --- Othello ends when the program has been idle for a while.
enum OthelloField { kIdle };

void othelloStep(Memory m, GameState& state) {
  payChange(state, m.decimal(0xCE) - m.decimal(0xD0));
  state.extra[kIdle] = m[0xC0] == 0 ? state.extra[kIdle] + 1 : 0;
  state.terminal = state.extra[kIdle] > 50;
}

// --- Tennis: the lead in games, or where that did not change, in points.
enum TennisField { kGamesLead, kPointsLead };

void tennisStep(Memory m, GameState& state) {
  const int mine = m[0xC7];
  const int theirs = m[0xC8];
  const int games = mine - theirs;
  const int points = m[0xC5] - m[0xC6];
  state.reward = games != state.extra[kGamesLead] ? games - state.extra[kGamesLead] : points - state.extra[kPointsLead];
  state.extra[kGamesLead] = games;
  state.extra[kPointsLead] = points;
  const int best = std::max(mine, theirs);
  state.terminal = (best >= 6 && std::abs(games) >= 2) || mine == 7 || theirs == 7;
}

// --- 3-D Tic-Tac-Toe: a row of four, or a full board. Terminal stays.
void ticTacToeStep(Memory m, GameState& state) {
  state.reward = 0;
  if (m[0xFF] == 0xF3 && m[0xFE] == 0x10) {
    state.terminal = 1;
    state.reward = m[0xE1] == 8 ? 1 : -1;
  }
  bool full = true;
  for (int address = 0x9A; address <= 0xD9; ++address) full = full && m[address] != 0;
  if (full) state.terminal = 1;
}

// --- Video Checkers: one side has no men left. In modes 11-19 the players are exchanged. Both stay once set.
enum VideoCheckersField { kReversed };

// The exchange of players outlives a reset; only a change of mode sets it.
void videoCheckersReset(GameState&) {}

void videoCheckersStep(Memory m, GameState& state) {
  int black = 0;
  int white = 0;
  for (int row = 0x80; row <= 0x9B; row += 9) {
    for (int address = row; address < row + 8; ++address) {
      black += m[address] == 0x10 || m[address] == 0x20;
      white += m[address] == 0x90 || m[address] == 0xA0;
    }
  }
  if (black != 0 && white != 0) return;
  const int whiteWins = black == 0 ? -1 : 1;
  state.reward = state.extra[kReversed] ? -whiteWins : whiteWins;
  state.terminal = 1;
}

bool videoCheckersMode(int mode, ModeDriver& driver) {
  const bool reversed = mode >= 11;
  driver.state().extra[kReversed] = reversed;
  return selectMode(driver, 1, reversed ? mode + 6 : mode, [](Memory m, int wanted) { return m[0xF6] == wanted; });
}

// --- Video Chess: checkmate. Terminal stays.
void videoChessStep(Memory m, GameState& state) {
  state.reward = 0;
  if (m[0xE1] != 0x82 || m[0xEE] > 1) return;
  state.reward = m[0xEE] == 0 ? 1 : -1;
  state.terminal = 1;
}

// --- Video Cube: faces of one colour. Modes are 100 times the cube, and 0, 1 or 2 for the kind of game.
enum VideoCubeField { kCube, kFaces, kVideoCubeTimer };

constexpr std::array<int16_t, 153> kVideoCubeModes = [] {
  std::array<int16_t, 153> modes{};
  for (int i = 0; i < 153; ++i) modes[i] = static_cast<int16_t>(100 * (i / 3) + i % 3);
  return modes;
}();

// The timer runs on through a reset.
void videoCubeReset(GameState& state) {
  state.extra[kCube] = 1;
  state.extra[kFaces] = 0;
}

void videoCubeStep(Memory m, GameState& state) {
  int faces = 0;
  for (int face = 0xA0; face < 0xA0 + 6 * 9; face += 9) {
    bool solved = true;
    for (int i = 1; i < 9; ++i) solved = solved && m[face + i] == m[face];
    faces += solved;
  }
  const bool timeIsUp = ranOut(state.extra[kVideoCubeTimer], m[0xDB]);
  state.reward = timeIsUp ? -1 : faces - state.extra[kFaces];
  state.extra[kFaces] = faces;
  state.terminal = timeIsUp || faces == 6;
}

bool videoCubeMode(int mode, ModeDriver& driver) {
  constexpr int kKinds[] = {0, 2, 8};
  if (mode >= 100) driver.state().extra[kCube] = mode / 100;
  const auto kind = [](Memory m, int wanted) { return (m[0xFB] & 0x1F) == wanted; };
  if (!selectMode(driver, 2, kKinds[mode % 100], kind)) return false;
  const int cube = driver.state().extra[kCube];
  for (int acts = 0; driver.memory().decimal(0x9F) != cube; ++acts) {
    if (acts == kMaximumPresses || driver.over()) return false;
    driver.act(kRight);
  }
  return true;
}

constexpr Game kGames[] = {
    {.id = "backgammon",
     .name = "Backgammon",
     .md5 = "8556b42aa05f94bc29ff39c39b11bff4",
     .console = {.leftPaddles = true},
     .oddStep = backgammonStep,
     .minimalActions = list<1, 3, 4>,
     .difficulties = list<3>,
     .selectFrames = 1,
     .inMode = [](Memory m, int) { return m[0xDC] == 3; },
     .paddleMaximum = 1000000},
    {.id = "casino",
     .name = "Casino",
     .md5 = "b816296311019ab69a21cb9e9e235d12",
     .console = {.leftPaddles = true},
     .oddStep = casinoStep,
     .minimalActions = list<0, 1, 2, 5>,
     .starting = {{kNoop, 60}, {kFire, 2}},
     .difficulties = list<0, 1, 2, 3>,
     .modes = list<0, 2, 3>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0xD4] == mode; }},
    {.id = "hangman",
     .name = "Hangman",
     .md5 = "f16c709df0a6c52f47ff52b9d95b7d8d",
     .oddStep = hangmanStep,
     .oddReset = hangmanReset,
     .difficulties = list<0, 1>,
     .modes = list<0, 1, 2, 3>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0xEE] == mode; }},
    {.id = "miniature_golf",
     .name = "Miniature Golf",
     .md5 = "df62a658496ac98a3aa4a6ee5719c251",
     .oddStep = miniatureGolfStep,
     .difficulties = list<0, 1>},
    {.id = "othello",
     .name = "Othello",
     .md5 = "113cd09c9771ac278544b7e90efe7df2",
     .oddStep = othelloStep,
     .minimalActions = range<0, 9>,
     .difficulties = list<0, 2>,
     .modes = list<0, 1, 2>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return ((m[0xDE] - 1) & 255) == mode; }},
    {.id = "tennis",
     .name = "Tennis",
     .md5 = "42cdd6a9e42a3639e190722b8ea3fc51",
     .livesKind = Lives::constant,
     .initialLives = 0,
     .oddStep = tennisStep,
     .difficulties = list<0, 1, 2, 3>,
     .modes = list<0, 2>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0x80] == mode; }},
    {.id = "tic_tac_toe_3d",
     .name = "3-D Tic-Tac-Toe",
     .md5 = "0db4f4150fecf77e4ce72ca4d04c052f",
     .oddStep = ticTacToeStep,
     .minimalActions = range<0, 9>,
     .difficulties = list<0, 2>,
     .modes = range<0, 8>,
     .selectFrames = 2,
     .inMode = [](Memory m, int mode) { return m[0x88] == mode; }},
    {.id = "video_checkers",
     .name = "Video Checkers",
     .md5 = "539d26b6e9df0da8e7465f0f5ad863b7",
     .oddStep = videoCheckersStep,
     .oddReset = videoCheckersReset,
     .minimalActions = list<1, 6, 7, 8, 9>,
     .modes = list<1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19>,
     .driveMode = videoCheckersMode},
    {.id = "video_chess",
     .name = "Video Chess",
     .md5 = "f0b7db930ca0e548c41a97160b9f6275",
     .oddStep = videoChessStep,
     .minimalActions = range<0, 9>,
     .modes = range<0, 4>,
     .selectFrames = 1,
     .inMode = [](Memory m, int mode) { return m[0xEA] == mode; }},
    {.id = "video_cube",
     .name = "Video Cube",
     .md5 = "3f540a30fdee0b20aed7288e4a5ea528",
     .oddStep = videoCubeStep,
     .oddReset = videoCubeReset,
     .starting = {{kNoop, 61}, {kFire, 1}, {kNoop, 2}},
     .difficulties = list<0, 1>,
     .modes = kVideoCubeModes,
     .driveMode = videoCubeMode},
};

}  // namespace

std::span<const Game> oddBoardGames() { return kGames; }

}  // namespace trellis::atari
