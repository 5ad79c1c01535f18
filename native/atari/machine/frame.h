// What the console does around the processor: system reset, the begin and end of a frame. Shared by the engine and by the
// plain machine of the tests, which differ in their TIA.
#pragma once

#include "atari/machine/bus.h"
#include "atari/machine/plain_cpu.h"
#include "atari/machine/random.h"

namespace trellis::atari {

// Everything to its start but RAM, and whether a frame is pending.
template <class TiaType>
void systemReset(Core& core, const Cartridge& cartridge, TiaType& tia) {
  cartridge.rebase(core, core.cycle);
  core.cycle = core.frameStartCycle = 0;
  riot::reset(core.riot, machineDraw(core.draws++));
  tia.reset();
  core.lastLines = 0;
  cartridge.reset(core);
  Bus<TiaType> bus(core, cartridge, tia);
  PlainCpu<Bus<TiaType>>(core.cpu, bus).reset();
}

// Power: RAM and timer are filled from the machine's generator.
template <class TiaType>
void powerOn(Core& core, const Cartridge& cartridge, TiaType& tia) {
  core = {};
  for (uint8_t& byte : core.riot.ram) byte = static_cast<uint8_t>(machineDraw(core.draws++));
  riot::reset(core.riot, machineDraw(core.draws++));
  tia.reset();
  cartridge.powerOn(core);
}

template <class TiaType>
void beginFrame(Core& core, const Cartridge& cartridge, TiaType& tia) {
  core.buffer ^= 1;
  core.greyed = 0;
  const uint32_t past = core.cycle - core.cycle % kCyclesPerLine;
  core.cycle -= past;
  core.frameStartCycle = core.cycle;
  riot::rebase(core.riot, past);
  cartridge.rebase(core, past);
  tia.startFrame(past);
}

// The frame's instructions, counted. It may stay unfinished.
template <class TiaType>
void runPlain(Core& core, const Cartridge& cartridge, TiaType& tia, int instructions) {
  Bus<TiaType> bus(core, cartridge, tia);
  PlainCpu<Bus<TiaType>> cpu(core.cpu, bus);
  for (int i = 0; i < instructions && !core.stop && !core.cpu.halted; ++i) cpu.step();
}

// An unfinished frame shows grey from the present line on.
inline void greyOut(const Core& core, const Geometry& geometry, uint8_t* pixels) {
  const int first = static_cast<int>(core.cycle / kCyclesPerLine) - geometry.yStart;
  for (int row = first > 0 ? first : 0; row < geometry.height; ++row)
    for (int x = 0; x < kScreenWidth; ++x) {
      uint8_t& pixel = pixels[row * kScreenWidth + x];
      pixel = (pixel & 15) >> 1;
    }
}

}  // namespace trellis::atari
