// Reads and writes anywhere, of every kind of cartridge: inside memory, and the same again from a copy of the core.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "atari/machine/bus.h"
#include "atari/machine/console.h"
#include "atari/machine/tia.h"

using namespace trellis::atari;

namespace {

std::vector<uint8_t> image(int kind) {
  constexpr size_t kSizes[] = {2048, 4096, 8192, 8192, 8192, 8192, 16384, 16384, 10495};
  std::vector<uint8_t> rom(kSizes[kind]);
  for (size_t i = 0; i < rom.size(); ++i) rom[i] = static_cast<uint8_t>(i * 31 + (i >> 8));
  const bool superChip = kind == 3 || kind == 7;
  for (size_t bank = 0; superChip && bank < rom.size(); bank += 4096) std::memset(rom.data() + bank, 0, 256);
  constexpr uint8_t kE0[] = {0x8D, 0xE0, 0x1F}, kFe[] = {0x20, 0x00, 0xD0, 0xC6, 0xC5};
  if (kind == 4) std::memcpy(rom.data() + 500, kE0, sizeof kE0);
  if (kind == 5) std::memcpy(rom.data() + 500, kFe, sizeof kFe);
  return rom;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const auto cartridge = Cartridge::load(image(data[0] % 9));
  if (!cartridge) std::abort();
  Core core{};
  const Geometry geometry;
  uint32_t sums[2] = {};
  for (uint32_t& sum : sums) {
    core = {};
    cartridge->powerOn(core);
    cartridge->reset(core);
    Tia tia(core, geometry, nullptr);
    tia.reset();
    Bus<Tia> bus(core, *cartridge, tia);
    for (size_t i = 1; i + 3 <= size; i += 3) {
      const auto address = static_cast<uint16_t>(data[i] << 8 | data[i + 1]);
      core.cycle += 3;
      if (data[i + 2] & 1) bus.write(address, data[i + 2]);
      else sum = sum * 31 + bus.read(address);
      if (core.cartridge.bank >= cartridge->banks()) std::abort();
    }
  }
  if (sums[0] != sums[1]) std::abort();
  return 0;
}
