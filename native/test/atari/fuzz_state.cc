// Any bytes as a saved state, their checksum made to fit: refused, or restored and run without harm.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "atari/state.h"

using namespace trellis::atari;

namespace {

// A little program of stores, so that restored chips are used.
std::vector<uint8_t> program() {
  std::vector<uint8_t> rom(8192);
  for (size_t i = 0; i + 8 < rom.size(); i += 8) {
    const uint8_t lines[8] = {0xA9, static_cast<uint8_t>(i * 37), 0x85, static_cast<uint8_t>(i / 8 % 0x2D), 0xA5,
                              static_cast<uint8_t>(i / 8 % 16), 0x85, 0x02};
    std::copy(lines, lines + 8, rom.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const size_t end : {size_t{4096}, size_t{8192}}) {
    rom[end - 16] = 0x4C, rom[end - 15] = 0, rom[end - 14] = 0xF0;
    rom[end - 4] = 0, rom[end - 3] = 0xF0;
  }
  rom[5000] = 0x77;  // the halves differ
  return rom;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Machine machine(*Cartridge::load(program()), {});
  static const Environment fresh(machine, *findGame("qbert"), {});
  Environment environment(fresh);
  std::vector<uint8_t> bytes(maximumStateSize(machine));
  bytes.resize(saveState(environment, size % 2, bytes));
  // Pairs of the input change bytes of a good state; the header's first fields too.
  for (size_t i = 0; i + 3 <= size; i += 3) bytes[(data[i] << 8 | data[i + 1]) % bytes.size()] ^= data[i + 2];
  if (size % 5 == 0) bytes.assign(data, data + size);
  if (size % 7 != 0) resealState(bytes);
  if (checkState(environment, bytes)) return 0;
  restoreState(environment, bytes);
  environment.screen();
  for (int i = 0; i < 3; ++i) environment.act(i, i % 2);
  environment.console().previousScreen();
  environment.screen();
  environment.resetGame();
  return 0;
}
