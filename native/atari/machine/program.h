// A cartridge decoded for the fast interpreter: for every byte of every bank, the instruction that starts there as a handler
// number and its operand, with all that can be known beforehand worked out.
#pragma once

#include <cstdint>
#include <vector>

#include "atari/machine/cartridge.h"
#include "atari/machine/fast_handlers.h"
#include "atari/machine/opcodes.h"

namespace trellis::atari {

struct Decoded {
  uint16_t handler;
  uint16_t operand;  // an immediate or constant byte, an address, or (branches) nothing
  int16_t jump;      // branches: distance to the target, in entries
  uint8_t cycles;    // branches: cycles when taken
  uint8_t extra;
};
static_assert(sizeof(Decoded) == 8);

class Program {
 public:
  explicit Program(const Cartridge& cartridge);

  // Where code at `address` (bit 12 set) is found with the cartridge as it is now: the first entry of its bank, and the
  // address that entry has. Entry i stands for address base + i.
  struct Place {
    const Decoded* code;
    uint16_t base;
  };
  Place place(const CartridgeState& state, uint16_t address) const;

  // One bank of 4K fills the window and addresses differ only by it; else jumps have to look again where they land.
  bool plainBanks() const { return plainBanks_; }
  bool banked() const { return banked_; }
  // The present bank's bytes, and the part of the window that can be read without consequences.
  const uint8_t* rom(const CartridgeState& state) const { return image_ + (state.bank & 3) * 4096; }
  int quietFrom() const { return quietFrom_; }
  int quietTo() const { return quietTo_; }

 private:
  void decodeBank(int bank);
  Decoded decode(int bank, int offset) const;
  Decoded decodeRead(const Opcode& opcode, int bank, uint16_t operand, Decoded entry) const;
  Decoded decodeStore(const Opcode& opcode, uint16_t operand, Decoded entry) const;
  Decoded decodeJump(const Opcode& opcode, int offset, uint16_t operand, Decoded entry) const;
  void fuse(int bank, Decoded* code) const;
  void fuseLoop(Decoded* code) const;
  int lengthAt(int bank, int offset) const { return instructionLength(kOpcodes[byteAt(bank, offset)].mode); }
  uint8_t byteAt(int bank, int offset) const { return image_[bank * bankSize_ + offset]; }

  const uint8_t* image_;
  Mapper mapper_;
  int bankSize_, stride_;
  bool plainBanks_, banked_;
  int quietFrom_, quietTo_;
  std::vector<Decoded> entries_;
};

}  // namespace trellis::atari
