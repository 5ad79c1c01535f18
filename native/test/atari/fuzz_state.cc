// Saved states, anything in them changed and their checksum made right again: refused, or restored and played without
// harm, and then such as can be saved and restored once more.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "atari/state.h"

using namespace trellis::atari;

namespace {

// A little program of stores, so that restored chips are used: everything of the TIA, timer, RAM and bank switches.
std::vector<uint8_t> program(size_t size, bool ram) {
  std::vector<uint8_t> rom(size);
  for (size_t i = 0; i + 10 < size; i += 10) {
    const auto n = static_cast<uint8_t>(i / 10);
    const uint8_t lines[10] = {0xA9,
                               static_cast<uint8_t>(n * 37),
                               0x85,
                               static_cast<uint8_t>(n % 0x2D),
                               0xAD,
                               static_cast<uint8_t>(n % 7 ? n % 16 : 0x84),
                               static_cast<uint8_t>(n % 7 ? 0 : 2),
                               0x85,
                               static_cast<uint8_t>(n % 5 ? 2 : 0x80 + n % 128),
                               0xEA};
    std::copy(lines, lines + 10, rom.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const size_t bank = std::min<size_t>(size, 4096);
  for (size_t end = bank; end <= size; end += bank) {
    if (ram) std::fill_n(rom.begin() + static_cast<std::ptrdiff_t>(end - bank), 256, uint8_t{0});
    // From each bank's end into the next one, and on from its start.
    const uint8_t jump[8] = {0xAD, static_cast<uint8_t>(0xF6 + end / bank % 4), 0xFF, 0x85, 0x02, 0x4C, 0, 0xF1};
    std::copy(jump, jump + 8, rom.begin() + static_cast<std::ptrdiff_t>(end - 24));
    rom[end - 4] = 0, rom[end - 3] = 0xF1;
  }
  if (size > 5000) rom[5000] = 0x77;  // the halves differ
  return rom;
}

// A machine, and an environment a few frames old with screens, sound and a generator in all of its forms.
struct Tried {
  Tried(const char* id, size_t size, bool ram, Settings settings)
      : machine(*Cartridge::load(program(size, ram)), findGame(id)->console), fresh(machine, *findGame(id), settings) {
    for (int i = 0; i < 5; ++i) fresh.act(i % 5, 1);
  }
  Machine machine;
  Environment fresh;
};

// Games of one mode: others seek theirs for thousands of frames in a program that has none.
Tried& choose(unsigned number) {
  static Tried games[] = {
      {"qbert", 8192, false, {}},
      {"enduro", 2048, false, {.frameSkip = 2, .colourAveraging = true}},
      {"kaboom", 4096, false, {.audio = true}},
      {"montezuma_revenge", 8192, true, {.truncateOnLifeLoss = true, .audio = true}},
      {"seaquest", 16384, true, {.maximumFramesPerEpisode = 100}},
      {"pitfall2", 10495, false, {.audio = true}},
  };
  return games[number % std::size(games)];
}

// Bytes that numbers are cut off at.
void put(std::vector<uint8_t>& bytes, size_t at, uint8_t how) {
  constexpr uint32_t kEdges[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0, 1, 0x7F, 0xFF, 0x7FC00000};
  const uint32_t edge = kEdges[how % 8];
  std::memcpy(bytes.data() + at, &edge, std::min<size_t>(4, bytes.size() - at));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 5) return 0;
  const uint8_t kind = data[0], ways = data[1];
  Tried& game = choose(kind);
  Environment environment(game.fresh);
  if (ways & 1) environment.screen();
  std::vector<uint8_t> bytes(maximumStateSize(game.machine));
  bytes.resize(saveState(environment, ways & 2, bytes));
  // The rest changes bytes of a good state, the header's first fields too; where the address's top bit is set, whole words.
  for (size_t i = 2; i + 3 <= size; i += 3) {
    const size_t at = ((data[i] & 0x7Fu) << 8 | data[i + 1]) % bytes.size();
    if (data[i] & 0x80) put(bytes, at & ~size_t{3}, data[i + 2]);
    else bytes[at] ^= data[i + 2];
  }
  if (ways % 16 == 4) bytes.assign(data + 2, data + size);
  if (ways % 8 != 6) resealState(bytes);
  if (checkState(environment, bytes)) return 0;
  restoreState(environment, bytes);
  if (ways & 16) environment.screen();
  for (int i = 0; i < 3; ++i) environment.act(ways & 32 ? 2 + i : i, i % 2);
  environment.console().previousScreen();
  environment.screen();
  if (ways & 128) environment.resetGame();
  std::vector<uint8_t> again(maximumStateSize(game.machine));
  again.resize(saveState(environment, true, again));
  if (checkState(game.fresh, again)) std::abort();
  return 0;
}
