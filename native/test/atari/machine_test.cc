// The engine against the plain machine: same program, same inputs; after every frame the same RAM, registers, time and
// picture.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "atari/machine/console.h"
#include "atari/machine/frame.h"
#include "test/atari/reference_tia.h"

namespace trellis::atari::test {
namespace {

using Random = std::mt19937;

uint8_t byteOf(Random& random) { return static_cast<uint8_t>(random()); }

// One pass through a bank: stores of anything to the TIA, waits for the line's end, reads of every kind, short branches; then
// again from the start. A frame ends about every other pass. Some banks are plain garbage instead.
class ProgramWriter {
 public:
  ProgramWriter(Random& random, uint8_t* bank, size_t size) : random_(random), bank_(bank), size_(size) {}

  void write() {
    for (size_t i = 0; i < size_; ++i) bank_[i] = byteOf(random_);
    const bool garbage = random_() % 6 == 0;
    if (!garbage) {
      at_ = size_ >= 4096 ? 0x100 : 0;
      const size_t end = size_ - 64, frameEnd = at_ + random_() % (end - at_);
      bool ended = false;
      while (at_ < end) {
        if (!ended && at_ >= frameEnd) {
          put({0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, 0xA9, 0x00, 0x85, 0x01});
          ended = true;
        }
        instruction();
      }
      put({0xD8, 0xA2, 0xFF, 0x9A, 0x4C, 0x00, static_cast<uint8_t>(size_ >= 4096 ? 0xF1 : 0xF8)});
    }
    bank_[size_ - 4] = garbage ? byteOf(random_) : 0;
    bank_[size_ - 3] = garbage ? 0xF3 : size_ >= 4096 ? 0xF1 : 0xF8;
  }

 private:
  void put(std::initializer_list<uint8_t> bytes) {
    for (const uint8_t byte : bytes) bank_[at_++] = byte;
  }
  template <size_t n>
  uint8_t one(const uint8_t (&list)[n]) {
    return list[random_() % n];
  }
  // Any register but those that end the frame or the picture, which come seldom.
  uint8_t tiaRegister() {
    const uint8_t reg = random_() % 0x2D;
    return reg < 2 && random_() % 400 ? 0x1B + reg : reg;
  }

  void instruction() {
    constexpr uint8_t kImplied[] = {0xEA, 0xE8, 0xC8, 0xCA, 0x88, 0x0A, 0x4A, 0x2A, 0x6A, 0x48, 0x68, 0x08, 0xAA,
                                    0xA8, 0x8A, 0x98, 0x18, 0x38, 0x9A, 0xBA, 0xF8, 0xD8, 0xB8, 0x28, 0x1A};
    constexpr uint8_t kImmediate[] = {0xA9, 0xA2, 0xA0, 0x69, 0xE9, 0x29, 0x49, 0x09,
                                      0xC9, 0xE0, 0xC0, 0x0B, 0x4B, 0xCB, 0x6B};
    constexpr uint8_t kZeroPage[] = {0xA5, 0xA6, 0xA4, 0x65, 0xE5, 0x25, 0x45, 0x05, 0xC5, 0xE4, 0xC4, 0x24,
                                     0x85, 0x86, 0x84, 0x06, 0x26, 0x46, 0x66, 0xE6, 0xC6, 0xA7, 0xC7, 0xE7,
                                     0x07, 0x87, 0xB5, 0xB4, 0xB6, 0x95, 0x94, 0x96, 0x36, 0xF6, 0xD5, 0x75,
                                     0xB1, 0x91, 0xD1, 0x71, 0xA1, 0x81, 0xB7, 0x04, 0x14};
    constexpr uint8_t kAbsolute[] = {0xAD, 0xAE, 0xAC, 0x8D, 0x8E, 0x2C, 0x6D, 0xCD, 0xBD, 0xB9, 0xBE, 0xBC, 0x9D,
                                     0x99, 0x7D, 0xD9, 0xEE, 0x0E, 0x1E, 0x0C, 0x1C, 0xBF, 0xAF, 0x9B, 0xBB};
    constexpr uint8_t kBranches[] = {0x10, 0x30, 0x50, 0x70, 0x90, 0xB0, 0xD0, 0xF0};
    const auto kind = random_() % 100;
    if (kind < 9) put({0x85, 0x02});
    else if (kind < 50) put({one({0x85, 0x86, 0x84}), tiaRegister()});
    else if (kind < 62) put({one(kImplied)});
    else if (kind < 72) put({one(kImmediate), byteOf(random_)});
    else if (kind < 87)
      put({one(kZeroPage), static_cast<uint8_t>(random_() % 6 ? 0x80 | byteOf(random_) : tiaRegister())});
    else if (kind < 90) put({one(kAbsolute), static_cast<uint8_t>(0x80 | (random_() & 0x1F)), 0x02});
    else if (kind < 94)
      put({one(kAbsolute), byteOf(random_), static_cast<uint8_t>(random_() % 5 ? 0xF0 | (random_() & 15) : 0x00)});
    else if (kind < 98) put({one(kBranches), 2, 0x85, tiaRegister()});
    else if (kind == 98) put({0xA2, static_cast<uint8_t>(random_() % 9), 0xCA, one({0xD0, 0x10}), 0xFD});
    else
      put({0xA9, static_cast<uint8_t>(random_() % 40), 0x8D, static_cast<uint8_t>(0x94 + random_() % 3), 0x02, 0xAD,
           0x84, 0x02, one({0xD0, 0x10}), 0xFB});
  }

  Random& random_;
  uint8_t* bank_;
  size_t size_, at_ = 0;
};

std::vector<uint8_t> makeProgram(Random& random, size_t size) {
  std::vector<uint8_t> rom(size);
  for (size_t bank = 0; bank < size; bank += 4096) {
    const size_t length = std::min<size_t>(4096, size - bank);
    if (length == 4096 || size == 2048) ProgramWriter(random, rom.data() + bank, length).write();
  }
  for (size_t i = size & ~size_t{2047}; size > 4096 && i < size; ++i) rom[i] = byteOf(random);
  return rom;
}

class PlainMachine {
 public:
  PlainMachine(const Cartridge& cartridge, const Geometry& geometry)
      : cartridge_(cartridge), geometry_(geometry), tia_(core, geometry_) {
    powerOn(core, cartridge_, tia_);
    systemReset(core, cartridge_, tia_);
  }
  void frame() {
    if (!core.frameUnfinished) beginFrame(core, cartridge_, tia_);
    core.frameUnfinished = 1;
    core.stop = 0;
    runPlain(core, cartridge_, tia_, kInstructionsPerFrame);
    if (!core.frameUnfinished) {
      core.lastLines = static_cast<int32_t>(core.cycle / kCyclesPerLine);
    } else if (!core.greyed) {
      greyOut(core, geometry_, tia_.pixels(core.buffer).data());
      core.greyed = 1;
    }
  }
  int collisions() const { return tia_.collisions(); }
  const uint8_t* screen() { return tia_.pixels(core.buffer).data(); }

  Core core;

 private:
  const Cartridge& cartridge_;
  Geometry geometry_;
  ReferenceTia tia_;
};

void copyStart(Console& console, PlainMachine& plain) {
  // Both from the plain machine's power-on: the engine's own went through the detection of PAL.
  Core& core = console.core();
  core.riot = plain.core.riot;
  core.cpu = plain.core.cpu;
  core.cartridge = plain.core.cartridge;
  core.draws = plain.core.draws;
  core.frameUnfinished = 0;
}

struct Parameters {
  size_t size;
  int programs;
};
class EngineAgainstPlain : public testing::TestWithParam<Parameters> {};

TEST_P(EngineAgainstPlain, SameFrames) {
  for (int seed = 0; seed < GetParam().programs; ++seed) {
    Random random(static_cast<uint32_t>(seed * 7919) + static_cast<uint32_t>(GetParam().size));
    auto cartridge = Cartridge::load(makeProgram(random, GetParam().size));
    if (!cartridge) continue;  // garbage can look like a scheme that is not supported
    const Machine machine(*cartridge, ConsoleProperties{.leftPaddles = random() % 4 == 0});
    Console console(machine);
    PlainMachine plain(machine.cartridge(), machine.geometry());
    console.reset();
    copyStart(console, plain);
    const int32_t paddles[2] = {300000, 408823};
    for (int frame = 0; frame < 12; ++frame) {
      const int action = static_cast<int>(random() % 18);
      plain.core.inputs = console.core().inputs = makeInputs(machine.properties(), action, paddles, {});
      plain.frame();
      console.frame(random() % 2);
      const Core &a = plain.core, &b = console.core();
      const std::string where = "program " + std::to_string(seed) + ", frame " + std::to_string(frame);
      ASSERT_EQ(0, std::memcmp(a.riot.ram, b.riot.ram, 128)) << where;
      ASSERT_EQ(a.cycle, b.cycle) << where;
      ASSERT_EQ(a.cpu.pc, b.cpu.pc) << where;
      ASSERT_EQ(a.cpu.a, b.cpu.a) << where;
      ASSERT_EQ(a.cpu.sp, b.cpu.sp) << where;
      ASSERT_EQ(packStatus(a.cpu), packStatus(b.cpu)) << where;
      ASSERT_EQ(a.frameUnfinished, b.frameUnfinished) << where;
      ASSERT_EQ(plain.collisions(), b.tia.collisions) << where;
      if (random() % 3 == 0) continue;  // some pictures are only looked at later
      const int size = machine.geometry().height * kScreenWidth;
      ASSERT_EQ(0, std::memcmp(plain.screen(), console.screen(), static_cast<size_t>(size))) << where;
    }
  }
}

// The generated programs are worth something: they show pictures, and objects collide.
TEST(GeneratedPrograms, ShowPictures) {
  int coloured = 0, collided = 0, tall = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    auto cartridge = Cartridge::load(makeProgram(random, 4096));
    if (!cartridge) continue;
    const Machine machine(*cartridge, {});
    Console console(machine);
    for (int frame = 0; frame < 4; ++frame) console.frame(true);
    const uint8_t* screen = console.screen();
    const std::set<uint8_t> colours(screen, screen + machine.geometry().height * kScreenWidth);
    coloured += colours.size() > 8;
    collided += console.core().tia.collisions != 0;
    tall += console.core().lastLines > 120;
  }
  EXPECT_GE(coloured, 20);
  EXPECT_GE(collided, 10);
  EXPECT_GE(tall, 20);
}

TEST(DisplayProcessor, PlaysMusicFromTheResetOn) {
  const std::vector<uint8_t> rom(10495, 0xEA);
  const auto cartridge = Cartridge::load(rom);
  ASSERT_TRUE(cartridge);
  Core core{};
  cartridge->powerOn(core);
  core.cartridge.dpc.lastCycle = 4000;
  core.cartridge.dpc.fraction = 0.5;
  cartridge->rebase(core, 19000);  // as a system reset does it
  cartridge->reset(core);
  EXPECT_EQ(core.cartridge.dpc.lastCycle, 0u);
  EXPECT_EQ(core.cartridge.dpc.fraction, 0);
}

INSTANTIATE_TEST_SUITE_P(Sizes, EngineAgainstPlain,
                         testing::Values(Parameters{4096, 300}, Parameters{2048, 60}, Parameters{8192, 60},
                                         Parameters{16384, 30}, Parameters{10495, 30}),
                         [](const auto& info) { return "bytes" + std::to_string(info.param.size); });

}  // namespace
}  // namespace trellis::atari::test
