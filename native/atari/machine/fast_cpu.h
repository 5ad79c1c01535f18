// The interpreter for everything ordinary: code in the cartridge, run from the decoded program with the processor's registers
// in local variables. What is rare (code elsewhere, bank switches, odd opcodes) it hands to the plain one, instruction by
// instruction.
#pragma once

#include "atari/machine/program.h"
#include "atari/machine/tia.h"

namespace trellis::atari {

// Runs until the frame has ended. False: the frame did not end, or could have met the limit of instructions, which are not
// counted here; the core is then worthless, and the frame has to be run again by the plain interpreter.
bool runFast(Core& core, const Cartridge& cartridge, const Program& program, Tia& tia);

}  // namespace trellis::atari
