// The fast interpreter's handlers by name. A handler is an instruction with its way of reaching the operand, or two or three of
// those that often follow one another.
#pragma once

#include <cstdint>

#include "atari/machine/fast_pairs.h"

namespace trellis::atari {

// Operations that read a byte, and the ways they do it:
//   Imm  the byte is in the program; Const  the same, by an absolute address in ROM
//   Ram  zero page RAM; RamX, RamY  indexed; Tia  a TIA register in the zero page
//   RomX, RomY  absolute indexed, in a part of the ROM where reading has no consequences
//   RamIndY  through a pointer in RAM; Riot  absolute, timer, sockets and switches; Io  absolute, elsewhere
//   BusX, BusY  absolute indexed, anywhere
#define TRELLIS_READ_OPERATIONS(X) X(LDA) X(LDX) X(LDY) X(LAX) X(ADC) X(SBC) X(AND) X(ORA) X(EOR) X(CMP) X(CPX) X(CPY) X(BIT) X(NOP)
#define TRELLIS_READ_WAYS(X, op) \
  X(op, Imm) X(op, Const) X(op, Ram) X(op, RamX) X(op, RamY) X(op, Tia) X(op, RomX) X(op, RomY) X(op, RamIndY) \
  X(op, Riot) X(op, Io) X(op, BusX) X(op, BusY)

// TIA registers that stores know by name; the rest do nothing but end a late frame.
#define TRELLIS_TIA_STORES(X) \
  X(VSYNC) X(VBLANK) X(WSYNC) X(NUSIZ0) X(NUSIZ1) X(COLUP0) X(COLUP1) X(COLUPF) X(COLUBK) X(CTRLPF) X(REFP0) X(REFP1) \
  X(PF0) X(PF1) X(PF2) X(RESP0) X(RESP1) X(RESM0) X(RESM1) X(RESBL) X(GRP0) X(GRP1) X(ENAM0) X(ENAM1) X(ENABL) \
  X(HMP0) X(HMP1) X(HMM0) X(HMM1) X(HMBL) X(VDELP0) X(VDELP1) X(VDELBL) X(RESMP0) X(RESMP1) X(HMOVE) X(HMCLR) X(CXCLR)

#define TRELLIS_MODIFY_OPERATIONS(X) X(ASL) X(LSR) X(ROL) X(ROR) X(INC) X(DEC) X(DCP) X(ISB)

// Branches: Forward, and Back, which looks whether the frame has become too long.
#define TRELLIS_BRANCHES(X) X(BCC) X(BCS) X(BNE) X(BEQ) X(BPL) X(BMI) X(BVC) X(BVS)

// The rest by kind (see fast_bodies.h), instruction and way.
#define TRELLIS_OTHERS(X) \
  X(STORE, STA, Ram) X(STORE, STX, Ram) X(STORE, STY, Ram) X(STORE, SAX, Ram) X(STORE, STA, RamX) X(STORE, STY, RamX) \
  X(STORE, STX, RamY) X(STORE, STA, Io) X(STORE, STX, Io) X(STORE, STY, Io) X(STORE, STA, BusX) X(STORE, STA, BusY) \
  X(STORE, STA, RamIndY) X(STORE, STA, Audio) X(STORE, STX, Audio) X(STORE, STY, Audio) X(STORE, STA, Nothing) X(MODIFY, ASL, A) X(MODIFY, LSR, A) X(MODIFY, ROL, A) X(MODIFY, ROR, A) \
  X(IMPLIED, INX, ) X(IMPLIED, INY, ) X(IMPLIED, DEX, ) X(IMPLIED, DEY, ) X(IMPLIED, TAX, ) X(IMPLIED, TAY, ) \
  X(IMPLIED, TXA, ) X(IMPLIED, TYA, ) X(IMPLIED, TSX, ) X(IMPLIED, TXS, ) X(IMPLIED, CLC, ) X(IMPLIED, SEC, ) \
  X(IMPLIED, CLD, ) X(IMPLIED, SED, ) X(IMPLIED, CLI, ) X(IMPLIED, SEI, ) X(IMPLIED, CLV, ) X(IMPLIED, NOP1, ) \
  X(IMMEDIATE, ANC, ) X(IMMEDIATE, ASR, ) X(IMMEDIATE, SBX, ) X(STACK, PHA, ) X(STACK, PHP, ) X(STACK, PLA, ) \
  X(STACK, PLP, ) X(JUMP, JMP, ) X(COUNT_LOOP, DEX, Loop) X(COUNT_LOOP, DEY, Loop)

// With handlers of their own in fast_cpu.cc.
#define TRELLIS_ODD_HANDLERS(X) \
  X(Plain) X(JMPFar) X(JMPIndirect) X(JSR) X(JSRFar) X(RTS) X(RTI) X(BRK) X(TimerLoopA) X(TimerLoopX) X(TimerLoopY)

enum Handler : uint16_t {
#define TRELLIS_NAME(name) k##name,
#define TRELLIS_OTHER_NAME(kind, op, way) k##op##way,
#define TRELLIS_READ_NAME(op, way) k##op##way,
#define TRELLIS_READ_NAMES(op) TRELLIS_READ_WAYS(TRELLIS_READ_NAME, op)
#define TRELLIS_TIA_NAMES(reg) kSTA##reg, kSTX##reg, kSTY##reg,
#define TRELLIS_MODIFY_NAMES(op) k##op##Ram, k##op##RamX,
#define TRELLIS_BRANCH_NAMES(op) k##op##Forward, k##op##Back,
#define TRELLIS_PAIR_NAME(kind1, op1, way1, kind2, op2, way2) k##op1##way1##_##op2##way2,
#define TRELLIS_TRIPLE_NAME(kind1, op1, way1, kind2, op2, way2, kind3, op3, way3) \
  k##op1##way1##_##op2##way2##_##op3##way3,
  TRELLIS_ODD_HANDLERS(TRELLIS_NAME)
  TRELLIS_OTHERS(TRELLIS_OTHER_NAME)
  TRELLIS_READ_OPERATIONS(TRELLIS_READ_NAMES)
  TRELLIS_TIA_STORES(TRELLIS_TIA_NAMES)
  TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_NAMES)
  TRELLIS_BRANCHES(TRELLIS_BRANCH_NAMES)
  TRELLIS_PAIRS(TRELLIS_PAIR_NAME)
  TRELLIS_TRIPLES(TRELLIS_TRIPLE_NAME)
  kHandlers
};

}  // namespace trellis::atari
