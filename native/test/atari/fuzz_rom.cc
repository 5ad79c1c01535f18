// Any bytes as a cartridge: loads or is refused, runs a few frames in bounded time, and the engine agrees with the plain
// interpreter about them.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "atari/machine/console.h"
#include "atari/machine/frame.h"
#include "test/atari/reference_tia.h"

using namespace trellis::atari;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 16) return 0;
  constexpr size_t kSizes[] = {2048, 4096, 8192, 16384, 10495, 10240};
  std::vector<uint8_t> rom(kSizes[data[0] % 6]);
  // The input over and over; the vectors point into it.
  for (size_t i = 0; i < rom.size(); ++i) rom[i] = data[1 + i % (size - 1)];
  for (size_t bank = 0; bank + 2048 <= rom.size(); bank += rom.size() < 4096 ? 2048 : 4096) {
    const size_t end = std::min<size_t>(bank + 4096, rom.size());
    rom[end - 3] |= 0x10;
  }
  const auto cartridge = Cartridge::load(rom);
  if (!cartridge) return 0;
  const Machine machine(*cartridge, ConsoleProperties{.leftPaddles = (data[1] & 1) != 0});
  Console console(machine);
  Core plain = console.core();
  test::ReferenceTia tia(plain, machine.geometry());
  systemReset(plain, machine.cartridge(), tia);
  console.reset();
  plain.frameUnfinished = console.core().frameUnfinished = 0;
  for (int frame = 0; frame < 3; ++frame) {
    if (!plain.frameUnfinished) beginFrame(plain, machine.cartridge(), tia);
    plain.frameUnfinished = 1;
    plain.stop = 0;
    runPlain(plain, machine.cartridge(), tia, kInstructionsPerFrame);
    if (!plain.frameUnfinished) plain.lastLines = static_cast<int32_t>(plain.cycle / kCyclesPerLine);
    console.frame(data[frame] & 2);
    const Core& core = console.core();
    if (std::memcmp(plain.riot.ram, core.riot.ram, 128) != 0 || plain.cycle != core.cycle ||
        plain.cpu.pc != core.cpu.pc || plain.frameUnfinished != core.frameUnfinished ||
        tia.collisions() != core.tia.collisions)
      std::abort();
    if (!plain.frameUnfinished &&
        std::memcmp(tia.pixels(plain.buffer).data(), console.screen(),
                    static_cast<size_t>(machine.geometry().height) * kScreenWidth) != 0 &&
        frame == 0)
      std::abort();
  }
  return 0;
}
