// The fast interpreter's handlers by name. A handler is an operation with its way of reaching the operand.
#pragma once

#include <cstdint>

namespace trellis::atari {

// Operations that read a byte, and the ways they do it:
//   Imm  the byte is in the program; Const  the same, by an absolute address in ROM
//   Ram  zero page RAM; RamX, RamY  indexed; Tia  a TIA register in the zero page
//   RomX, RomY  absolute indexed, in a part of the ROM where reading has no consequences
//   RamIndY  through a pointer in RAM; Io  absolute, outside the cartridge; BusX, BusY  absolute indexed, anywhere
#define TRELLIS_READ_OPERATIONS(X) X(LDA) X(LDX) X(LDY) X(LAX) X(ADC) X(SBC) X(AND) X(ORA) X(EOR) X(CMP) X(CPX) X(CPY) X(BIT) X(NOP)
#define TRELLIS_READ_WAYS(X, op) \
  X(op##Imm) X(op##Const) X(op##Ram) X(op##RamX) X(op##RamY) X(op##Tia) X(op##RomX) X(op##RomY) X(op##RamIndY) X(op##Io) \
  X(op##BusX) X(op##BusY)

// TIA registers that stores know by name; the rest do nothing but end a late frame.
#define TRELLIS_TIA_STORES(X) \
  X(VSYNC) X(VBLANK) X(WSYNC) X(NUSIZ0) X(NUSIZ1) X(COLUP0) X(COLUP1) X(COLUPF) X(COLUBK) X(CTRLPF) X(REFP0) X(REFP1) \
  X(PF0) X(PF1) X(PF2) X(RESP0) X(RESP1) X(RESM0) X(RESM1) X(RESBL) X(GRP0) X(GRP1) X(ENAM0) X(ENAM1) X(ENABL) \
  X(HMP0) X(HMP1) X(HMM0) X(HMM1) X(HMBL) X(VDELP0) X(VDELP1) X(VDELBL) X(RESMP0) X(RESMP1) X(HMOVE) X(HMCLR) X(CXCLR)

#define TRELLIS_MODIFY_OPERATIONS(X) X(ASL) X(LSR) X(ROL) X(ROR) X(INC) X(DEC) X(DCP) X(ISB)

// Branches: Forward, and Back, which looks whether the frame has become too long.
#define TRELLIS_BRANCHES(X) X(BCC) X(BCS) X(BNE) X(BEQ) X(BPL) X(BMI) X(BVC) X(BVS)

#define TRELLIS_OTHER_HANDLERS(X) \
  X(Plain) \
  X(STARam) X(STXRam) X(STYRam) X(SAXRam) X(STARamX) X(STYRamX) X(STXRamY) X(STAIo) X(STXIo) X(STYIo) X(STABusX) X(STABusY) \
  X(STARamIndY) X(STANothing) \
  X(ASLA) X(LSRA) X(ROLA) X(RORA) \
  X(INX) X(INY) X(DEX) X(DEY) X(TAX) X(TAY) X(TXA) X(TYA) X(TSX) X(TXS) X(CLC) X(SEC) X(CLD) X(SED) X(CLI) X(SEI) X(CLV) \
  X(NOP1) X(PHA) X(PHP) X(PLA) X(PLP) X(JMP) X(JMPFar) X(JMPIndirect) X(JSR) X(JSRFar) X(RTS) X(RTI) X(BRK) \
  X(ANC) X(ASR) X(SBX) \
  X(TimerLoopA) X(TimerLoopX) X(TimerLoopY) X(DEXLoop) X(DEYLoop)

#define TRELLIS_NAME(name) k##name,
#define TRELLIS_READ_NAMES(op) TRELLIS_READ_WAYS(TRELLIS_NAME, op)
#define TRELLIS_STORE_NAMES(reg) kSTA_##reg, kSTX_##reg, kSTY_##reg,
#define TRELLIS_MODIFY_NAMES(op) k##op##Ram, k##op##RamX,
#define TRELLIS_BRANCH_NAMES(op) k##op##Forward, k##op##Back,

enum Handler : uint16_t {
  TRELLIS_OTHER_HANDLERS(TRELLIS_NAME)
  TRELLIS_READ_OPERATIONS(TRELLIS_READ_NAMES)
  TRELLIS_TIA_STORES(TRELLIS_STORE_NAMES)
  TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_NAMES)
  TRELLIS_BRANCHES(TRELLIS_BRANCH_NAMES)
  kHandlers
};

}  // namespace trellis::atari
