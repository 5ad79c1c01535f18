// The 13 address lines of the 6507: which chip an access goes to.
#pragma once

#include "atari/machine/cartridge.h"
#include "atari/machine/core.h"
#include "atari/machine/riot.h"

namespace trellis::atari {

// TiaType: read(address, bus) and write(address, value); the tests have a second one.
template <class TiaType>
class Bus {
 public:
  Bus(Core& core, const Cartridge& cartridge, TiaType& tia) : core_(core), cartridge_(cartridge), tia_(tia) {}

  uint32_t& cycle() { return core_.cycle; }

  uint8_t read(uint16_t address) {
    uint8_t value;
    if (address & 0x1000) value = cartridge_.read(core_, address);
    else if (!(address & 0x80)) value = tia_.read(address, core_.cpu.bus);
    else if (!(address & 0x200)) value = core_.riot.ram[address & 0x7F];
    else value = riot::read(core_.riot, core_.inputs, address, core_.cycle);
    core_.cpu.bus = value;
    core_.cpu.lastAccessWasRead = 1;
    return value;
  }

  void write(uint16_t address, uint8_t value) {
    if (address & 0x1000) cartridge_.write(core_, address, value);
    else if (!(address & 0x80)) tia_.write(address, value);
    else if (!(address & 0x200)) core_.riot.ram[address & 0x7F] = value;
    else riot::write(core_.riot, address, value, core_.cycle);
    core_.cpu.bus = value;
    core_.cpu.lastAccessWasRead = 0;
  }

 private:
  Core& core_;
  const Cartridge& cartridge_;
  TiaType& tia_;
};

}  // namespace trellis::atari
