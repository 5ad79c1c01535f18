// The games: what turns the machine's RAM into score, reward, lives and end of episode. One `Game` describes one
// cartridge; all of them are constant tables. Semantics are those of ale-py 0.12.1.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace trellis::atari {

// Joystick actions of player A (codes of the Arcade Learning Environment), and the console's RESET switch.
enum Action : int {
  kNoop = 0,
  kFire,
  kUp,
  kRight,
  kLeft,
  kDown,
  kUpRight,
  kUpLeft,
  kDownRight,
  kDownLeft,
  kUpFire,
  kRightFire,
  kLeftFire,
  kDownFire,
  kUpRightFire,
  kUpLeftFire,
  kDownRightFire,
  kDownLeftFire,
  kReset = 40
};

// A view of what games read: the 128 bytes of RIOT RAM and, where the cartridge has some, its own RAM (else null).
// Addresses are those of the zero page ($80-$FF); only the low seven bits count.
struct Memory {
  const uint8_t* ram;
  const uint8_t* cartridgeRam = nullptr;

  int operator[](int address) const { return ram[address & 0x7F]; }
  int low(int address) const { return (*this)[address] & 15; }
  int high(int address) const { return (*this)[address] >> 4; }
  int signedByte(int address) const { return static_cast<int8_t>((*this)[address]); }
  // Packed decimal numbers of one, two and three bytes, lowest first. Digits are not checked: A-F count 10-15.
  int decimal(int address) const { return 10 * high(address) + low(address); }
  int decimal(int lo, int hi) const { return decimal(lo) + 100 * low(hi) + 1000 * high(hi); }
  int decimal(int lo, int mid, int hi) const { return decimal(lo, mid) + 10000 * low(hi) + 100000 * high(hi); }
};

// What a game remembers from frame to frame; part of the simulator state.
struct GameState {
  int32_t reward;   // of the last frame
  int32_t score;    // as last read; the next reward is measured against it
  int32_t lives;    // what the environment reports
  int32_t counter;  // the lives field behind it, for games that follow it from frame to frame
  uint8_t terminal;
  uint8_t started;  // or another flag of the game
  uint8_t unused[2];
  int32_t extra[5];  // named by the game that uses them
};
static_assert(std::is_trivially_copyable_v<GameState> && sizeof(GameState) == 40);

// What a game may do to the console while it brings it to a mode. Made by the environment.
class ModeDriver {
 public:
  virtual ~ModeDriver() = default;
  // The memory as it is now.
  virtual Memory memory() = 0;
  virtual GameState& state() = 0;
  // Holds SELECT for some frames without game steps, then one NOOP frame with one; both frame counters go up by 1.
  virtual void pressSelect(int frames) = 0;
  // Four frames with RESET held, a game step after each.
  virtual void softReset() = 0;
  // A full act of the environment: sticky actions, frame skip, frame counters, refused when the episode is over.
  virtual void act(Action action) = 0;
  // Whether acts are refused because the episode is over: loops that wait for an act's effect must give up.
  virtual bool over() = 0;
  // A raw draw from the environment's (sticky-action) generator.
  virtual uint32_t draw() = 0;
};

// Properties of the console that belong to one cartridge image (by its MD5); a ROM with another MD5 has the defaults.
struct ConsoleProperties {
  int yStart = 34;           // first scan line shown
  int height = 210;          // lines shown; 210 becomes 250 when the cartridge is found to be PAL
  bool leftPaddles = false;  // else a joystick
  bool rightPaddles = false;
  bool swapPaddles = false;
  bool swapPorts = false;
  bool hmoveBlanks = true;
  bool leftDifficultyA = false;  // switches until the environment first sets them
  bool rightDifficultyA = false;
};

// Emulated once per reset, one frame each time.
struct StartingAction {
  Action action;
  int frames;
};

enum class Lives {
  alive,     // 1, and 0 when terminal
  counted,   // a counter in RAM, and 0 when terminal
  raw,       // a counter in RAM even when terminal
  constant,  // always initialLives
};

namespace detail {
template <int... values>
inline constexpr int16_t kList[] = {static_cast<int16_t>(values)...};

template <int first, int step, int... indices>
constexpr std::span<const int16_t> range(std::integer_sequence<int, indices...>) {
  return kList<(first + step * indices)...>;
}
}  // namespace detail

// Constant lists for the tables: list<0, 2, 4>; range<0, 8, 4> is 0, 4, 8.
template <int... values>
inline constexpr std::span<const int16_t> list{detail::kList<values...>};
template <int first, int last, int step = 1>
inline constexpr std::span<const int16_t> range =
    detail::range<first, step>(std::make_integer_sequence<int, (last - first) / step + 1>());
inline constexpr std::span<const int16_t> kAllActions = range<0, 17>;

struct Game {
  std::string_view id;    // as in the Arcade Learning Environment: space_invaders
  std::string_view name;  // for people: Space Invaders
  std::string_view md5;   // of the cartridge image
  ConsoleProperties console = {};

  // The usual kind of game: numbers read from RAM each frame, in this order.
  int (*score)(Memory) = nullptr;
  Lives livesKind = Lives::alive;
  int initialLives = 1;  // after reset, and the measure of truncation on life loss
  // The lives counter, given the one before.
  int (*lives)(Memory, int previous) = nullptr;
  // End of the game, given this frame's lives counter (and score, where one is read).
  bool (*terminal)(Memory, int lives, int score) = nullptr;
  // Reward from the change of score; default the change itself.
  int (*reward)(int change) = nullptr;
  // At the end the reward is 0 and the score stays as it was.
  bool freezesScoreAtEnd = false;
  int initialScore = 0;

  // The odd kind: replaces all of the above but livesKind and initialLives; sets reward, score, counter, terminal.
  void (*oddStep)(Memory, GameState&) = nullptr;
  // Whatever reset does beyond the fields named by GameState (extra is left alone without it).
  void (*oddReset)(GameState&) = nullptr;

  std::span<const int16_t> minimalActions = kAllActions;
  std::span<const int16_t> legalActions = kAllActions;  // others act as NOOP
  StartingAction starting[3] = {};                      // until frames is 0
  std::span<const int16_t> difficulties = list<0>;
  std::span<const int16_t> modes = list<0>;  // the first is the default
  // The usual way to a mode: SELECT held selectFrames at a time until inMode holds, then a soft reset.
  int selectFrames = 0;
  bool (*inMode)(Memory, int mode) = nullptr;
  // Another way. False: the mode was not reached (only with a cartridge the game was not made for).
  bool (*driveMode)(int mode, ModeDriver&) = nullptr;
  int paddleMaximum = 790196;  // of the paddle positions; the least is 27450

  // The game's part of a reset. `state` must be zero-initialised before the first.
  void reset(GameState& state) const;
  // The game's part of a frame, after it was emulated.
  void step(Memory memory, GameState& state) const;
  // Brings the console to a listed mode. Does nothing in games with one mode. False: the mode was not reached.
  bool setMode(int mode, ModeDriver& driver) const;
  bool hasMode(int mode) const;
  bool hasDifficulty(int difficulty) const;
  bool isLegal(int action) const;
};

// Presses SELECT until `reached` holds, then a soft reset; false after kMaximumPresses.
inline constexpr int kMaximumPresses = 10000;
bool selectMode(ModeDriver& driver, int frames, int mode, bool (*reached)(Memory, int mode));

// The rules "homebrew", for cartridges of one's own: score in $80 (low) and $81 (high), the game is over while $82 is not
// 0. Found by findGame, not one of games().
const Game& homebrewGame();

// All games, sorted by id.
std::span<const Game* const> games();
// By id; `-`, `_` and case do not matter. Null if there is none.
const Game* findGame(std::string_view id);
// By the cartridge's MD5 in lower-case hexadecimal. Null if there is none.
const Game* findGameByMd5(std::string_view md5);

}  // namespace trellis::atari
