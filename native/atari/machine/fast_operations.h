// What the fast interpreter's handlers do, as fragments of its one function; they use its local variables: a, x, y, carry,
// zn (zero and negative, see core.h), value, target, cycle, and cpu, core, tia. Included by fast_cpu.cc only.
#pragma once

#include "atari/machine/arithmetic.h"

// Reading operations: `value` was read.
#define OP_LDA zn = a = value
#define OP_LDX zn = x = value
#define OP_LDY zn = y = value
#define OP_LAX zn = x = a = value
#define OP_AND zn = a = a & value
#define OP_ORA zn = a = a | value
#define OP_EOR zn = a = a ^ value
#define OP_CMP carry = a >= value, zn = (a - value) & 0xFF
#define OP_CPX carry = x >= value, zn = (x - value) & 0xFF
#define OP_CPY carry = y >= value, zn = (y - value) & 0xFF
#define OP_BIT cpu.overflow = (value >> 6) & 1, zn = (value & 0x80) << 8 | (a & value)
#define OP_NOP (void)value
#define TRELLIS_ADD(sum)                    \
  do {                                      \
    const Sum added = sum;                  \
    zn = a = added.value;                   \
    carry = added.carry;                    \
    cpu.overflow = added.overflow;          \
  } while (0)
#define OP_ADC                                                                                     \
  if (TRELLIS_UNLIKELY(cpu.decimal))                                                               \
    TRELLIS_ADD(addDecimal(static_cast<uint8_t>(a), static_cast<uint8_t>(value), static_cast<int>(carry))); \
  else                                                                                             \
    TRELLIS_ADD(addBinary(static_cast<uint8_t>(a), static_cast<uint8_t>(value), static_cast<int>(carry)))
#define OP_SBC                                                                                     \
  if (TRELLIS_UNLIKELY(cpu.decimal))                                                               \
    TRELLIS_ADD(subtractDecimal(static_cast<uint8_t>(a), static_cast<uint8_t>(value), static_cast<int>(carry))); \
  else                                                                                             \
    TRELLIS_ADD(subtractBinary(static_cast<uint8_t>(a), static_cast<uint8_t>(value), static_cast<int>(carry)))
#define BYTE static_cast<uint8_t>(value)

// Stores of BYTE to TIA registers; the time is in the core.
#define TIA_VBLANK tia.writeVblank(BYTE)
#define TIA_NUSIZ0 tia.writeSize(0, BYTE)
#define TIA_NUSIZ1 tia.writeSize(1, BYTE)
#define TIA_COLUP0 tia.writeColour(kColourPlayer0, BYTE)
#define TIA_COLUP1 tia.writeColour(kColourPlayer1, BYTE)
#define TIA_COLUPF tia.writeColour(kColourPlayfield, BYTE)
#define TIA_COLUBK tia.writeColour(kColourBackground, BYTE)
#define TIA_CTRLPF tia.writeControl(BYTE)
#define TIA_REFP0 tia.writeReflect(0, BYTE)
#define TIA_REFP1 tia.writeReflect(1, BYTE)
#define TIA_PF0 tia.writePlayfield0(BYTE)
#define TIA_PF1 tia.writePlayfield1(BYTE)
#define TIA_PF2 tia.writePlayfield2(BYTE)
#define TIA_RESP0 tia.strobePlayer(0)
#define TIA_RESP1 tia.strobePlayer(1)
#define TIA_RESM0 tia.strobeMissile(0)
#define TIA_RESM1 tia.strobeMissile(1)
#define TIA_RESBL tia.strobeBallPosition()
#define TIA_GRP0 tia.writeGraphics0(BYTE)
#define TIA_GRP1 tia.writeGraphics1(BYTE)
#define TIA_ENAM0 tia.writeMissileOn(0, BYTE)
#define TIA_ENAM1 tia.writeMissileOn(1, BYTE)
#define TIA_ENABL tia.writeBallOn(BYTE)
#define TIA_HMP0 tia.writeMotion(kPlayer0, BYTE)
#define TIA_HMP1 tia.writeMotion(kPlayer1, BYTE)
#define TIA_HMM0 tia.writeMissile0Motion(BYTE)
#define TIA_HMM1 tia.writeMotion(kMissile1, BYTE)
#define TIA_HMBL tia.writeMotion(kBall, BYTE)
#define TIA_VDELP0 tia.writePlayerDelay(0, BYTE)
#define TIA_VDELP1 tia.writePlayerDelay(1, BYTE)
#define TIA_VDELBL tia.writeBallDelay(BYTE)
#define TIA_RESMP0 tia.writeMissileLock(0, BYTE)
#define TIA_RESMP1 tia.writeMissileLock(1, BYTE)
#define TIA_HMOVE tia.strobeHmove()
#define TIA_HMCLR tia.clearMotion()
#define TIA_CXCLR tia.clearCollisions()
#define TIA_WSYNC          \
  tia.writeWsync();        \
  cycle = core.cycle
#define TIA_VSYNC       \
  tia.writeVsync(BYTE); \
  if (core.stop) goto finished

// Operations that change a byte, `value`.
#define MODIFY_ASL carry = value >> 7, zn = value = (value << 1) & 0xFF
#define MODIFY_LSR carry = value & 1, zn = value = value >> 1
#define MODIFY_ROL target = value >> 7, zn = value = ((value << 1) | carry) & 0xFF, carry = target
#define MODIFY_ROR target = value & 1, zn = value = value >> 1 | carry << 7, carry = target
#define MODIFY_INC zn = value = (value + 1) & 0xFF
#define MODIFY_DEC zn = value = (value - 1) & 0xFF
#define MODIFY_DCP value = (value - 1) & 0xFF, OP_CMP
#define MODIFY_ISB          \
  value = (value + 1) & 0xFF; \
  OP_SBC
#define TRELLIS_STATUS()                                                                                     \
  ((zn & 0x8080 ? 0x80u : 0u) | static_cast<uint32_t>(cpu.overflow) << 6 | 0x30u |                           \
   static_cast<uint32_t>(cpu.decimal) << 3 | static_cast<uint32_t>(cpu.interrupt) << 2 |                     \
   ((zn & 0xFF) == 0 ? 2u : 0u) | carry)
#define TRELLIS_SET_STATUS(status)                         \
  do {                                                     \
    zn = ((status) & 0x80) << 8 | ((status) & 2 ? 0 : 1);  \
    cpu.overflow = (status) >> 6 & 1;                      \
    cpu.decimal = (status) >> 3 & 1;                       \
    cpu.interrupt = (status) >> 2 & 1;                     \
    carry = (status) & 1;                                  \
  } while (0)

// One-byte instructions of two cycles.
#define IMPLIED_INX zn = x = (x + 1) & 0xFF
#define IMPLIED_INY zn = y = (y + 1) & 0xFF
#define IMPLIED_DEX zn = x = (x - 1) & 0xFF
#define IMPLIED_DEY zn = y = (y - 1) & 0xFF
#define IMPLIED_TAX zn = x = a
#define IMPLIED_TAY zn = y = a
#define IMPLIED_TXA zn = a = x
#define IMPLIED_TYA zn = a = y
#define IMPLIED_TSX zn = x = cpu.sp
#define IMPLIED_TXS cpu.sp = static_cast<uint8_t>(x)
#define IMPLIED_CLC carry = 0
#define IMPLIED_SEC carry = 1
#define IMPLIED_CLD cpu.decimal = 0
#define IMPLIED_SED cpu.decimal = 1
#define IMPLIED_CLI cpu.interrupt = 0
#define IMPLIED_SEI cpu.interrupt = 1
#define IMPLIED_CLV cpu.overflow = 0
#define IMPLIED_NOP1 (void)0
// Undocumented ones with an immediate operand, `value`.
#define IMMEDIATE_ANC zn = a = a & value, carry = a >> 7
#define IMMEDIATE_ASR a &= value, carry = a & 1, zn = a = a >> 1
#define IMMEDIATE_SBX target = a & x, carry = target >= value, zn = x = (target - value) & 0xFF

// Conditions of the branches.
#define IF_BCC !carry
#define IF_BCS carry
#define IF_BNE (zn & 0xFF) != 0
#define IF_BEQ (zn & 0xFF) == 0
#define IF_BPL !(zn & 0x8080)
#define IF_BMI (zn & 0x8080)
#define IF_BVC !cpu.overflow
#define IF_BVS cpu.overflow
