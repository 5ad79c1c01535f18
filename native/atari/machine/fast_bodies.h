// The instructions of the fast interpreter, each as a fragment of its one function; see fast_operations.h. A body leaves `at`
// behind the instruction, or leaves the handler altogether; so bodies can be put one after the other. Included by fast_cpu.cc
// only.
#pragma once

#include "atari/machine/fast_operations.h"

// --- Reading operations: READ(operation, way), the ways as in fast_handlers.h -------------------------------------------
#define TRELLIS_READ(op, way) WAY_##way(op)
#define WAY_Imm(op)    \
  value = at->operand; \
  cycle += 2;          \
  OP_##op;             \
  at += 2;
#define WAY_Const(op)  \
  value = at->operand; \
  cycle += 4;          \
  OP_##op;             \
  at += 3;
#define WAY_Ram(op)         \
  value = ram[at->operand]; \
  cycle += 3;               \
  OP_##op;                  \
  at += 2;
// A read outside RAM needs the time; a TIA read also what is left on the bus.
#define TRELLIS_ZERO_PAGE_READ(op, index)                                             \
  cycle += 4;                                                                         \
  address = (at->operand + (index)) & 0xFF;                                           \
  if (address & 0x80) {                                                               \
    value = ram[address];                                                             \
  } else {                                                                            \
    core.cycle = cycle;                                                               \
    value = tia.read(static_cast<int>(address), static_cast<uint8_t>(at->operand));   \
  }                                                                                   \
  OP_##op;                                                                            \
  at += 2;
#define WAY_RamX(op) TRELLIS_ZERO_PAGE_READ(op, x)
#define WAY_RamY(op) TRELLIS_ZERO_PAGE_READ(op, y)
#define WAY_Tia(op)                                                 \
  cycle += 3;                                                       \
  core.cycle = cycle;                                               \
  value = tia.read(at->operand, static_cast<uint8_t>(at->operand)); \
  OP_##op;                                                          \
  at += 2;
#define TRELLIS_ROM_READ(op, index)                       \
  cycle += 4 + (((at->operand & 0xFF) + (index)) >> 8);   \
  value = rom[(at->operand + (index)) & 0xFFF];           \
  OP_##op;                                                \
  at += 3;
#define WAY_RomX(op) TRELLIS_ROM_READ(op, x)
#define WAY_RomY(op) TRELLIS_ROM_READ(op, y)
// Anywhere; a read of the cartridge can have changed the bank.
#define TRELLIS_FAR_READ(op, length)                   \
  core.cycle = cycle;                                  \
  value = bus.read(static_cast<uint16_t>(address));    \
  OP_##op;                                             \
  at += length;                                        \
  if (banked && (address & 0x1000)) {                  \
    TRELLIS_SAVE();                                    \
    goto enter;                                        \
  }
#define TRELLIS_BUS_READ(op, index)                       \
  address = (at->operand + (index)) & 0xFFFF;             \
  cycle += 4 + (((at->operand & 0xFF) + (index)) >> 8);   \
  cpu.bus = static_cast<uint8_t>(at->operand >> 8);       \
  TRELLIS_FAR_READ(op, 3)
#define WAY_BusX(op) TRELLIS_BUS_READ(op, x)
#define WAY_BusY(op) TRELLIS_BUS_READ(op, y)
#define WAY_RamIndY(op)                                                                 \
  target = ram[at->operand] | static_cast<uint32_t>(ram[at->operand + 1]) << 8;         \
  cycle += 5 + (((target & 0xFF) + y) >> 8);                                            \
  address = (target + y) & 0xFFFF;                                                      \
  if ((address & 0x1FFF) - quietFrom < plainSize) {                                     \
    value = rom[address & 0xFFF];                                                       \
    OP_##op;                                                                            \
    at += 2;                                                                            \
  } else if ((address & 0x1280) == 0x80) {                                              \
    value = core.riot.ram[address & 0x7F];                                              \
    OP_##op;                                                                            \
    at += 2;                                                                            \
  } else {                                                                              \
    cpu.bus = static_cast<uint8_t>(target >> 8);                                        \
    TRELLIS_FAR_READ(op, 2)                                                             \
  }
#define WAY_Riot(op)                                                      \
  cycle += 4;                                                             \
  value = riot::read(core.riot, core.inputs, at->operand, cycle);         \
  OP_##op;                                                                \
  at += 3;
#define WAY_Io(op)                                  \
  cycle += 4;                                       \
  core.cycle = cycle;                               \
  cpu.bus = static_cast<uint8_t>(at->operand >> 8); \
  value = bus.read(at->operand);                    \
  OP_##op;                                          \
  at += 3;

// --- Stores: STORE(instruction, way), TIA(instruction, register) --------------------------------------------------------
#define STORED_STA a
#define STORED_STX x
#define STORED_STY y
#define STORED_SAX (a & x)
#define TRELLIS_STORE(op, way) STORE_##way(STORED_##op)
#define STORE_Ram(what)                          \
  ram[at->operand] = static_cast<uint8_t>(what); \
  cycle += 3;                                    \
  at += 2;
#define TRELLIS_INDEXED_STORE(what, index)       \
  address = (at->operand + (index)) & 0xFF;      \
  cycle += 4;                                    \
  at += 2;                                       \
  if (TRELLIS_UNLIKELY(!(address & 0x80))) {     \
    value = (what);                              \
    goto tia_store;                              \
  }                                              \
  ram[address] = static_cast<uint8_t>(what);
#define STORE_RamX(what) TRELLIS_INDEXED_STORE(what, x)
#define STORE_RamY(what) TRELLIS_INDEXED_STORE(what, y)
#define STORE_Io(what)                                 \
  cycle += 4;                                          \
  core.cycle = cycle;                                  \
  cpu.lastAccessWasRead = 1;                           \
  bus.write(at->operand, static_cast<uint8_t>(what));  \
  cycle = core.cycle;                                  \
  at += 3;                                             \
  if (TRELLIS_UNLIKELY(core.stop)) goto finished;
#define STORE_BusX(what)     \
  address = at->operand + x; \
  cycle += 5;                \
  at += 3;                   \
  goto bus_store;
#define STORE_BusY(what)     \
  address = at->operand + y; \
  cycle += 5;                \
  at += 3;                   \
  goto bus_store;
#define STORE_RamIndY(what)                                                                      \
  address = (ram[at->operand] | static_cast<uint32_t>(ram[at->operand + 1]) << 8) + y;           \
  cycle += 6;                                                                                    \
  at += 2;                                                                                       \
  if (TRELLIS_UNLIKELY((address & 0x1280) != 0x80)) goto bus_store;                              \
  core.riot.ram[address & 0x7F] = static_cast<uint8_t>(what);
#define STORE_Audio(what)                                        \
  value = (what);                                                \
  address = at->operand;                                         \
  cycle += 3;                                                    \
  at += 2;                                                       \
  if (TRELLIS_UNLIKELY(cycle >= lateCycle)) goto tia_store;      \
  tia.writeAudio(static_cast<int>(address), static_cast<uint8_t>(value));
#define STORE_Nothing(what)                 \
  cycle += 3;                               \
  at += 2;                                  \
  if (TRELLIS_UNLIKELY(cycle >= lateCycle)) { \
    address = AUDC0;                        \
    goto tia_store;                         \
  }
#define TRELLIS_TIA(op, reg)                  \
  value = STORED_##op;                        \
  cycle += 3;                                 \
  at += 2;                                    \
  core.cycle = cycle;                         \
  if (TRELLIS_UNLIKELY(cycle >= lateCycle)) { \
    address = reg;                            \
    goto tia_store;                           \
  }                                           \
  TIA_##reg;

// --- Operations that change a byte: MODIFY(operation, way), and A itself ------------------------------------------------
#define TRELLIS_MODIFY(op, way) MODIFIED_##way(op)
#define MODIFIED_Ram(op)                      \
  address = at->operand;                      \
  value = ram[address];                       \
  MODIFY_##op;                                \
  ram[address] = static_cast<uint8_t>(value); \
  cycle += 5;                                 \
  at += 2;
#define MODIFIED_RamX(op)                                  \
  address = (at->operand + x) & 0xFF;                      \
  if (TRELLIS_UNLIKELY(!(address & 0x80))) goto handle_plain; \
  value = ram[address];                                    \
  MODIFY_##op;                                             \
  ram[address] = static_cast<uint8_t>(value);              \
  cycle += 6;                                              \
  at += 2;
#define MODIFIED_A(op) \
  value = a;           \
  MODIFY_##op;         \
  a = value;           \
  cycle += 2;          \
  ++at;

// --- One byte: IMPLIED(instruction, ); two bytes: IMMEDIATE(instruction, ) ----------------------------------------------
#define TRELLIS_IMPLIED(op, none) \
  IMPLIED_##op;                   \
  cycle += 2;                     \
  ++at;
#define TRELLIS_IMMEDIATE(op, none) \
  value = at->operand;              \
  IMMEDIATE_##op;                   \
  cycle += 2;                       \
  at += 2;

// --- The stack: STACK(instruction, ) ------------------------------------------------------------------------------------
#define TRELLIS_STACK(op, none) STACK_##op
#define TRELLIS_PUSH(what)                            \
  value = (what);                                     \
  cycle += 3;                                         \
  ++at;                                               \
  address = cpu.sp--;                                 \
  if (TRELLIS_UNLIKELY(!(address & 0x80))) goto tia_store; \
  ram[address] = static_cast<uint8_t>(value);
#define STACK_PHA TRELLIS_PUSH(a)
#define STACK_PHP TRELLIS_PUSH(TRELLIS_STATUS())
// The stack is read before it is moved, too.
#define TRELLIS_PULL()                                       \
  if (cpu.sp < 0x80 || cpu.sp == 0xFF) goto handle_plain;    \
  value = ram[++cpu.sp];                                     \
  cycle += 4;                                                \
  ++at;
#define STACK_PLA \
  TRELLIS_PULL()  \
  zn = a = value;
#define STACK_PLP \
  TRELLIS_PULL()  \
  TRELLIS_SET_STATUS(value);

// --- Branches: BRANCH(condition, Forward or Back); jumps ----------------------------------------------------------------
#define TRELLIS_BRANCH(op, way) BRANCH_##way(op)
#define BRANCH_Forward(op) \
  if (IF_##op) {           \
    cycle += at->cycles;   \
    at += at->jump;        \
    TRELLIS_DISPATCH;      \
  }                        \
  cycle += 2;              \
  at += 2;
#define BRANCH_Back(op)                                \
  if (IF_##op) {                                       \
    cycle += at->cycles;                               \
    if (TRELLIS_UNLIKELY(cycle > limit)) return false; \
    at += at->jump;                                    \
    TRELLIS_DISPATCH;                                  \
  }                                                    \
  cycle += 2;                                          \
  at += 2;
#define TRELLIS_LAND()                                 \
  do {                                                 \
    if (TRELLIS_UNLIKELY(cycle > limit)) return false; \
    base = target & 0xF000;                            \
    at = code + (target & 0xFFF);                      \
    TRELLIS_DISPATCH;                                  \
  } while (0)
#define TRELLIS_JUMP(op, none) \
  target = at->operand;        \
  cycle += 3;                  \
  TRELLIS_LAND();

// --- Loops that wait: turns that are sure to go round again are skipped; the last ones run as they are ------------------
#define TRELLIS_TIMER_LOOP(reg)                                                             \
  cycle += 4;                                                                               \
  cycle += turnsToSkip(core.riot, cycle, 4u + at->cycles, at->extra) * (4u + at->cycles);   \
  zn = reg = riot::readTimer(core.riot, cycle);                                             \
  at += 3;
#define TRELLIS_COUNT_LOOP(op, way) COUNT_##op
#define TRELLIS_COUNT(reg)                    \
  if (at->extra) {                            \
    value = (reg - 1) & 0xFF;                 \
    cycle += value * (2u + at->cycles);       \
    reg = 1;                                  \
  } else if (reg >= 1 && reg <= 0x80) {       \
    cycle += reg * (2u + at->cycles);         \
    reg = 0;                                  \
  }                                           \
  zn = reg = (reg - 1) & 0xFF;                \
  cycle += 2;                                 \
  ++at;
#define COUNT_DEX TRELLIS_COUNT(x)
#define COUNT_DEY TRELLIS_COUNT(y)
