// Longer than other files: every opcode's handler is a label of one function, so that each can jump to the next.
#include "atari/machine/fast_cpu.h"

#include <cstddef>

#include "atari/machine/bus.h"
#include "atari/machine/fast_operations.h"
#include "atari/machine/plain_cpu.h"

// One handler follows another without a common dispatcher where the compiler can jump to labels held in a table.
#if defined(__GNUC__)
#define TRELLIS_HANDLER(name) handle_##name:
#define TRELLIS_DISPATCH goto *kLabels[at->handler]
#else
#define TRELLIS_HANDLER(name) case k##name:
#define TRELLIS_DISPATCH goto dispatch
#endif
#if defined(__GNUC__)
#define TRELLIS_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define TRELLIS_UNLIKELY(condition) (condition)
#endif
#define TRELLIS_NEXT(length) \
  do {                       \
    at += (length);          \
    TRELLIS_DISPATCH;        \
  } while (0)

namespace trellis::atari {
namespace {

// 25,000 instructions of at least 2 cycles; leaves room for all of a bank's code between two looks at the time.
constexpr uint32_t kUncountedCycles = 41000;

// Of a loop that reads the timer at `cycle` and then every `period` cycles: how many readings are sure to be non-zero (or, for
// a loop on the sign, to have bit 7 clear).
uint32_t turnsToSkip(const RiotState& riot, uint32_t cycle, uint32_t period, bool untilZero) {
  const int32_t left = riot::timerLeft(riot, cycle);
  const int32_t floor = untilZero ? 1 : 0;
  if (left < floor || (!untilZero && left > 127)) return 0;
  // The first cycle at which the reading is below `floor`.
  const uint32_t end = riot.timerSetCycle + 1 + (static_cast<uint32_t>(riot.timer - floor) << riot.timerShift);
  const int32_t rest = static_cast<int32_t>(end - cycle);
  return rest <= 0 ? 0 : (static_cast<uint32_t>(rest) + period - 1) / period;
}

}  // namespace

bool runFast(Core& core, const Cartridge& cartridge, const Program& program, Tia& tia) {
#if defined(__GNUC__)
#define TRELLIS_LABEL(name) &&handle_##name,
#define TRELLIS_READ_LABELS(op) TRELLIS_READ_WAYS(TRELLIS_LABEL, op)
#define TRELLIS_STORE_LABELS(reg) &&handle_STA_##reg, &&handle_STX_##reg, &&handle_STY_##reg,
#define TRELLIS_MODIFY_LABELS(op) &&handle_##op##Ram, &&handle_##op##RamX,
#define TRELLIS_BRANCH_LABELS(op) &&handle_##op##Forward, &&handle_##op##Back,
  static const void* const kLabels[] = {
      TRELLIS_OTHER_HANDLERS(TRELLIS_LABEL) TRELLIS_READ_OPERATIONS(TRELLIS_READ_LABELS)
      TRELLIS_TIA_STORES(TRELLIS_STORE_LABELS) TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_LABELS)
      TRELLIS_BRANCHES(TRELLIS_BRANCH_LABELS)};
#endif
  CpuState& cpu = core.cpu;
  // Indexed by zero-page addresses.
  uint8_t* const ram = reinterpret_cast<uint8_t*>(&core) + offsetof(Core, riot) + offsetof(RiotState, ram) - 0x80;
  static_assert(offsetof(Core, riot) + offsetof(RiotState, ram) >= 0x80);
  Bus<Tia> bus(core, cartridge, tia);
  PlainCpu<Bus<Tia>> plain(cpu, bus);
  const uint32_t lateCycle = tia.lateCycle(), limit = core.cycle + kUncountedCycles;
  const bool plainBanks = program.plainBanks(), banked = program.banked();
  const uint32_t quietFrom = static_cast<uint32_t>(program.quietFrom()) | 0x1000;
  const uint32_t quietSize = static_cast<uint32_t>(program.quietTo() - program.quietFrom());

  const Decoded* at = nullptr;
  const Decoded* code = nullptr;
  const uint8_t* rom = nullptr;
  uint32_t base = 0, cycle = 0, a = 0, x = 0, y = 0, zn = 0, carry = 0;
  uint32_t value = 0, address = 0, target = 0;

#define TRELLIS_SAVE()                                                 \
  do {                                                                 \
    cpu.pc = static_cast<uint16_t>(base + static_cast<uint32_t>(at - code)); \
    cpu.a = static_cast<uint8_t>(a);                                   \
    cpu.x = static_cast<uint8_t>(x);                                   \
    cpu.y = static_cast<uint8_t>(y);                                   \
    cpu.zeroNegative = static_cast<uint16_t>(zn);                      \
    cpu.carry = static_cast<uint8_t>(carry);                           \
    core.cycle = cycle;                                                \
  } while (0)

enter:
  // Registers from the core; code that is not in the cartridge goes instruction by instruction.
  while (!(cpu.pc & 0x1000)) {
    if (core.cycle > limit) return false;
    plain.step();
    if (core.stop) return true;
    if (cpu.halted) return false;
  }
  {
    const Program::Place place = program.place(core.cartridge, cpu.pc);
    code = place.code;
    base = place.base;
    if (!(base & 0x1000)) base |= 0x1000;
    rom = program.rom(core.cartridge);
    at = code + (cpu.pc - base);
  }
  cycle = core.cycle;
  a = cpu.a, x = cpu.x, y = cpu.y, zn = cpu.zeroNegative, carry = cpu.carry;
#if defined(__GNUC__)
  TRELLIS_DISPATCH;
#else
dispatch:
  switch (at->handler) {
#endif

  TRELLIS_HANDLER(Plain) { goto handle_plain; }

// --- Reading operations -------------------------------------------------------------------------------------------------

// A store or read outside RAM needs the time; a TIA read also what is left on the bus.
#define TRELLIS_ZERO_PAGE_READ(index)                                \
  do {                                                               \
    address = (at->operand + (index)) & 0xFF;                        \
    if (address & 0x80) {                                            \
      value = ram[address];                                          \
    } else {                                                         \
      core.cycle = cycle;                                            \
      value = tia.read(static_cast<int>(address), static_cast<uint8_t>(at->operand)); \
    }                                                                \
  } while (0)
#define TRELLIS_ROM_READ(index)                                         \
  do {                                                                  \
    cycle += 4 + (((at->operand & 0xFF) + (index)) >> 8);               \
    value = rom[(at->operand + (index)) & 0xFFF];                       \
  } while (0)
#define TRELLIS_BUS_READ(index, op)                                     \
  do {                                                                  \
    address = (at->operand + (index)) & 0xFFFF;                         \
    cycle += 4 + (((at->operand & 0xFF) + (index)) >> 8);               \
    core.cycle = cycle;                                                 \
    cpu.bus = static_cast<uint8_t>(at->operand >> 8);                   \
    value = bus.read(static_cast<uint16_t>(address));                   \
    op;                                                                 \
    at += 3;                                                            \
    if (banked && (address & 0x1000)) {                                 \
      TRELLIS_SAVE();                                                   \
      goto enter;                                                       \
    }                                                                   \
    TRELLIS_DISPATCH;                                                   \
  } while (0)

#define TRELLIS_READ_HANDLERS(op)                                             \
  TRELLIS_HANDLER(op##Imm) {                                                  \
    value = at->operand;                                                      \
    cycle += 2;                                                               \
    OP_##op;                                                                  \
    TRELLIS_NEXT(2);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##Const) {                                                \
    value = at->operand;                                                      \
    cycle += 4;                                                               \
    OP_##op;                                                                  \
    TRELLIS_NEXT(3);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##Ram) {                                                  \
    value = ram[at->operand];                                                 \
    cycle += 3;                                                               \
    OP_##op;                                                                  \
    TRELLIS_NEXT(2);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##RamX) {                                                 \
    cycle += 4;                                                               \
    TRELLIS_ZERO_PAGE_READ(x);                                                \
    OP_##op;                                                                  \
    TRELLIS_NEXT(2);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##RamY) {                                                 \
    cycle += 4;                                                               \
    TRELLIS_ZERO_PAGE_READ(y);                                                \
    OP_##op;                                                                  \
    TRELLIS_NEXT(2);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##Tia) {                                                  \
    cycle += 3;                                                               \
    core.cycle = cycle;                                                       \
    value = tia.read(at->operand, static_cast<uint8_t>(at->operand));         \
    OP_##op;                                                                  \
    TRELLIS_NEXT(2);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##RomX) {                                                 \
    TRELLIS_ROM_READ(x);                                                      \
    OP_##op;                                                                  \
    TRELLIS_NEXT(3);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##RomY) {                                                 \
    TRELLIS_ROM_READ(y);                                                      \
    OP_##op;                                                                  \
    TRELLIS_NEXT(3);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##RamIndY) {                                              \
    address = ram[at->operand] | static_cast<uint32_t>(ram[at->operand + 1]) << 8; \
    cycle += 5 + (((address & 0xFF) + y) >> 8);                               \
    target = address;                                                         \
    address = (address + y) & 0xFFFF;                                         \
    if (plainBanks && (address & 0x1FFF) - quietFrom < quietSize) {           \
      value = rom[address & 0xFFF];                                           \
    } else if ((address & 0x1280) == 0x80) {                                  \
      value = core.riot.ram[address & 0x7F];                                  \
    } else {                                                                  \
      core.cycle = cycle;                                                     \
      cpu.bus = static_cast<uint8_t>(target >> 8);                            \
      value = bus.read(static_cast<uint16_t>(address));                       \
      OP_##op;                                                                \
      at += 2;                                                                \
      if (banked && (address & 0x1000)) {                                     \
        TRELLIS_SAVE();                                                       \
        goto enter;                                                           \
      }                                                                       \
      TRELLIS_DISPATCH;                                                       \
    }                                                                         \
    OP_##op;                                                                  \
    TRELLIS_NEXT(2);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##Io) {                                                   \
    cycle += 4;                                                               \
    core.cycle = cycle;                                                       \
    cpu.bus = static_cast<uint8_t>(at->operand >> 8);                         \
    value = bus.read(at->operand);                                            \
    OP_##op;                                                                  \
    TRELLIS_NEXT(3);                                                          \
  }                                                                           \
  TRELLIS_HANDLER(op##BusX) { TRELLIS_BUS_READ(x, OP_##op); }                 \
  TRELLIS_HANDLER(op##BusY) { TRELLIS_BUS_READ(y, OP_##op); }
  TRELLIS_READ_OPERATIONS(TRELLIS_READ_HANDLERS)

// --- Stores -------------------------------------------------------------------------------------------------------------
#define TRELLIS_RAM_STORE(name, what)                   \
  TRELLIS_HANDLER(name) {                               \
    ram[at->operand] = static_cast<uint8_t>(what);      \
    cycle += 3;                                         \
    TRELLIS_NEXT(2);                                    \
  }
  TRELLIS_RAM_STORE(STARam, a)
  TRELLIS_RAM_STORE(STXRam, x)
  TRELLIS_RAM_STORE(STYRam, y)
  TRELLIS_RAM_STORE(SAXRam, a & x)

#define TRELLIS_INDEXED_STORE(name, what, index)                       \
  TRELLIS_HANDLER(name) {                                              \
    address = (at->operand + (index)) & 0xFF;                          \
    if (address & 0x80) {                                              \
      ram[address] = static_cast<uint8_t>(what);                       \
      cycle += 4;                                                      \
      TRELLIS_NEXT(2);                                                 \
    }                                                                  \
    value = (what);                                                    \
    cycle += 4;                                                        \
    at += 2;                                                           \
    goto tia_store;                                                    \
  }
  TRELLIS_INDEXED_STORE(STARamX, a, x)
  TRELLIS_INDEXED_STORE(STYRamX, y, x)
  TRELLIS_INDEXED_STORE(STXRamY, x, y)

tia_store:  // `value` to TIA register `address`; the instruction is done
  core.cycle = cycle;
  cpu.lastAccessWasRead = 1;
  tia.write(static_cast<int>(address), static_cast<uint8_t>(value));
  cycle = core.cycle;
  if (TRELLIS_UNLIKELY(core.stop)) goto finished;
  TRELLIS_DISPATCH;

#define TRELLIS_IO_STORE(name, what)                                     \
  TRELLIS_HANDLER(name) {                                                \
    cycle += 4;                                                          \
    core.cycle = cycle;                                                  \
    cpu.lastAccessWasRead = 1;                                           \
    bus.write(at->operand, static_cast<uint8_t>(what));                  \
    cycle = core.cycle;                                                  \
    at += 3;                                                             \
    if (TRELLIS_UNLIKELY(core.stop)) goto finished;                      \
    TRELLIS_DISPATCH;                                                    \
  }
  TRELLIS_IO_STORE(STAIo, a)
  TRELLIS_IO_STORE(STXIo, x)
  TRELLIS_IO_STORE(STYIo, y)

  TRELLIS_HANDLER(STABusX) {
    address = at->operand + x;
    cycle += 5;
    at += 3;
    goto bus_store;
  }
  TRELLIS_HANDLER(STABusY) {
    address = at->operand + y;
    cycle += 5;
    at += 3;
    goto bus_store;
  }
  TRELLIS_HANDLER(STARamIndY) {
    address = (ram[at->operand] | static_cast<uint32_t>(ram[at->operand + 1]) << 8) + y;
    cycle += 6;
    at += 2;
    if ((address & 0x1280) == 0x80) {
      core.riot.ram[address & 0x7F] = static_cast<uint8_t>(a);
      TRELLIS_DISPATCH;
    }
    goto bus_store;
  }
bus_store:  // A to `address`, anywhere; the instruction is done
  core.cycle = cycle;
  cpu.lastAccessWasRead = 1;
  bus.write(static_cast<uint16_t>(address), static_cast<uint8_t>(a));
  cycle = core.cycle;
  if (TRELLIS_UNLIKELY(core.stop)) goto finished;
  if (banked && (address & 0x1000)) {
    TRELLIS_SAVE();
    goto enter;
  }
  TRELLIS_DISPATCH;

// --- TIA stores ---------------------------------------------------------------------------------------------------------

#define TRELLIS_TIA_STORE(name, reg, what)                 \
  TRELLIS_HANDLER(name##_##reg) {                          \
    value = (what);                                        \
    cycle += 3;                                            \
    core.cycle = cycle;                                    \
    if (TRELLIS_UNLIKELY(cycle >= lateCycle)) {            \
      address = reg;                                       \
      at += 2;                                             \
      goto tia_store;                                      \
    }                                                      \
    TIA_##reg;                                             \
    TRELLIS_NEXT(2);                                       \
  }
#define TRELLIS_TIA_STORES_OF(reg) \
  TRELLIS_TIA_STORE(STA, reg, a) TRELLIS_TIA_STORE(STX, reg, x) TRELLIS_TIA_STORE(STY, reg, y)
  TRELLIS_TIA_STORES(TRELLIS_TIA_STORES_OF)
  TRELLIS_HANDLER(STANothing) {
    cycle += 3;
    at += 2;
    if (TRELLIS_UNLIKELY(cycle >= lateCycle)) {
      address = AUDC0;
      goto tia_store;
    }
    TRELLIS_DISPATCH;
  }

// --- Operations that change a byte --------------------------------------------------------------------------------------
#define TRELLIS_MODIFY_HANDLERS(op)                      \
  TRELLIS_HANDLER(op##Ram) {                             \
    address = at->operand;                               \
    value = ram[address];                                \
    MODIFY_##op;                                         \
    ram[address] = static_cast<uint8_t>(value);          \
    cycle += 5;                                          \
    TRELLIS_NEXT(2);                                     \
  }                                                      \
  TRELLIS_HANDLER(op##RamX) {                            \
    address = (at->operand + x) & 0xFF;                  \
    if (!(address & 0x80)) goto handle_plain;            \
    value = ram[address];                                \
    MODIFY_##op;                                         \
    ram[address] = static_cast<uint8_t>(value);          \
    cycle += 6;                                          \
    TRELLIS_NEXT(2);                                     \
  }
  TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_HANDLERS)
#define TRELLIS_ACCUMULATOR(op)  \
  TRELLIS_HANDLER(op##A) {       \
    value = a;                   \
    MODIFY_##op;                 \
    a = value;                   \
    cycle += 2;                  \
    TRELLIS_NEXT(1);             \
  }
  TRELLIS_ACCUMULATOR(ASL)
  TRELLIS_ACCUMULATOR(LSR)
  TRELLIS_ACCUMULATOR(ROL)
  TRELLIS_ACCUMULATOR(ROR)

handle_plain:  // the instruction at `at`, not begun
  TRELLIS_SAVE();
  if (cycle > limit) return false;
  plain.step();
  if (core.stop) return true;
  if (cpu.halted) return false;
  goto enter;

// --- One byte -----------------------------------------------------------------------------------------------------------
#define TRELLIS_IMPLIED(name, ...) \
  TRELLIS_HANDLER(name) {          \
    __VA_ARGS__;                   \
    cycle += 2;                    \
    TRELLIS_NEXT(1);               \
  }
  TRELLIS_IMPLIED(INX, zn = x = (x + 1) & 0xFF)
  TRELLIS_IMPLIED(INY, zn = y = (y + 1) & 0xFF)
  TRELLIS_IMPLIED(DEX, zn = x = (x - 1) & 0xFF)
  TRELLIS_IMPLIED(DEY, zn = y = (y - 1) & 0xFF)
  TRELLIS_IMPLIED(TAX, zn = x = a)
  TRELLIS_IMPLIED(TAY, zn = y = a)
  TRELLIS_IMPLIED(TXA, zn = a = x)
  TRELLIS_IMPLIED(TYA, zn = a = y)
  TRELLIS_IMPLIED(TSX, zn = x = cpu.sp)
  TRELLIS_IMPLIED(TXS, cpu.sp = static_cast<uint8_t>(x))
  TRELLIS_IMPLIED(CLC, carry = 0)
  TRELLIS_IMPLIED(SEC, carry = 1)
  TRELLIS_IMPLIED(CLD, cpu.decimal = 0)
  TRELLIS_IMPLIED(SED, cpu.decimal = 1)
  TRELLIS_IMPLIED(CLI, cpu.interrupt = 0)
  TRELLIS_IMPLIED(SEI, cpu.interrupt = 1)
  TRELLIS_IMPLIED(CLV, cpu.overflow = 0)
  TRELLIS_IMPLIED(NOP1, (void)0)

#define TRELLIS_IMMEDIATE(name, ...) \
  TRELLIS_HANDLER(name) {            \
    value = at->operand;             \
    __VA_ARGS__;                     \
    cycle += 2;                      \
    TRELLIS_NEXT(2);                 \
  }
  TRELLIS_IMMEDIATE(ANC, zn = a = a & value, carry = a >> 7)
  TRELLIS_IMMEDIATE(ASR, a &= value, carry = a & 1, zn = a = a >> 1)
  TRELLIS_IMMEDIATE(SBX, target = a & x, carry = target >= value, zn = x = (target - value) & 0xFF)

// --- Stack and jumps ----------------------------------------------------------------------------------------------------

  TRELLIS_HANDLER(PHA) {
    value = a;
    goto push;
  }
  TRELLIS_HANDLER(PHP) {
    value = TRELLIS_STATUS();
    goto push;
  }
push:
  cycle += 3;
  ++at;
  address = cpu.sp--;
  if (!(address & 0x80)) goto tia_store;
  ram[address] = static_cast<uint8_t>(value);
  TRELLIS_DISPATCH;
  TRELLIS_HANDLER(PLA) {
    if (cpu.sp < 0x80 || cpu.sp == 0xFF) goto handle_plain;  // the stack is read before it is moved, too
    zn = a = ram[++cpu.sp];
    cycle += 4;
    TRELLIS_NEXT(1);
  }
  TRELLIS_HANDLER(PLP) {
    if (cpu.sp < 0x80 || cpu.sp == 0xFF) goto handle_plain;
    value = ram[++cpu.sp];
    TRELLIS_SET_STATUS(value);
    cycle += 4;
    TRELLIS_NEXT(1);
  }

#define TRELLIS_LAND()                                     \
  do {                                                     \
    if (TRELLIS_UNLIKELY(cycle > limit)) return false;     \
    base = target & 0xF000;                                \
    at = code + (target & 0xFFF);                          \
    TRELLIS_DISPATCH;                                      \
  } while (0)
  TRELLIS_HANDLER(JMP) {
    target = at->operand;
    cycle += 3;
    TRELLIS_LAND();
  }
  TRELLIS_HANDLER(JMPFar) {
    target = at->operand;
    cycle += 3;
    goto land_far;
  }
  TRELLIS_HANDLER(JMPIndirect) {
    address = at->operand & 0x7F;
    target = core.riot.ram[address] | static_cast<uint32_t>(core.riot.ram[address + 1]) << 8;
    if (!(target & 0x1000)) goto handle_plain;
    cycle += 5;
    if (!plainBanks) goto land_far;
    TRELLIS_LAND();
  }
#define TRELLIS_CALL()                                                        \
  do {                                                                        \
    value = cpu.sp;                                                           \
    if (value < 0x81) goto handle_plain;                                      \
    address = base + static_cast<uint32_t>(at - code) + 2;                    \
    ram[value] = static_cast<uint8_t>(address >> 8);                          \
    ram[value - 1] = static_cast<uint8_t>(address);                           \
    cpu.sp = static_cast<uint8_t>(value - 2);                                 \
    target = at->operand;                                                     \
    cycle += 6;                                                               \
  } while (0)
  TRELLIS_HANDLER(JSR) {
    TRELLIS_CALL();
    TRELLIS_LAND();
  }
  TRELLIS_HANDLER(JSRFar) {
    TRELLIS_CALL();
    goto land_far;
  }
  TRELLIS_HANDLER(RTS) {
    value = cpu.sp;
    if (value < 0x80 || value > 0xFD) goto handle_plain;
    target = ram[value + 1] | static_cast<uint32_t>(ram[value + 2]) << 8;
    if ((target & 0x1FFF) - quietFrom >= quietSize) goto handle_plain;  // the byte there is read
    target = (target + 1) & 0xFFFF;
    if (!(target & 0x1000)) goto handle_plain;
    cpu.sp = static_cast<uint8_t>(value + 2);
    cycle += 6;
    if (!plainBanks) goto land_far;
    TRELLIS_LAND();
  }
  TRELLIS_HANDLER(RTI) {
    address = cpu.sp;
    if (address < 0x80 || address > 0xFC) goto handle_plain;
    target = ram[address + 2] | static_cast<uint32_t>(ram[address + 3]) << 8;
    if (!(target & 0x1000)) goto handle_plain;
    value = ram[address + 1];
    TRELLIS_SET_STATUS(value);
    cpu.sp = static_cast<uint8_t>(address + 3);
    cycle += 6;
    if (!plainBanks) goto land_far;
    TRELLIS_LAND();
  }
  TRELLIS_HANDLER(BRK) {
    value = cpu.sp;
    if (value < 0x82 || !plainBanks || quietSize < 0x1000 || !(rom[0xFFF] & 0x10)) goto handle_plain;
    address = base + static_cast<uint32_t>(at - code) + 2;
    ram[value] = static_cast<uint8_t>(address >> 8);
    ram[value - 1] = static_cast<uint8_t>(address);
    ram[value - 2] = static_cast<uint8_t>(TRELLIS_STATUS());
    cpu.sp = static_cast<uint8_t>(value - 3);
    cpu.interrupt = 1;
    target = rom[0xFFE] | static_cast<uint32_t>(rom[0xFFF]) << 8;
    cycle += 7;
    TRELLIS_LAND();
  }
land_far:  // perhaps another bank. Jumps out of the cartridge are the plain interpreter's: code there may see the data bus.
  TRELLIS_SAVE();
  cpu.pc = static_cast<uint16_t>(target);
  if (cycle > limit) return false;
  goto enter;

// --- Branches -----------------------------------------------------------------------------------------------------------
#define TRELLIS_BRANCH_HANDLERS(op)                          \
  TRELLIS_HANDLER(op##Forward) {                             \
    if (IF_##op) {                                           \
      cycle += at->cycles;                                   \
      at += at->jump;                                        \
      TRELLIS_DISPATCH;                                      \
    }                                                        \
    cycle += 2;                                              \
    TRELLIS_NEXT(2);                                         \
  }                                                          \
  TRELLIS_HANDLER(op##Back) {                                \
    if (IF_##op) {                                           \
      cycle += at->cycles;                                   \
      if (TRELLIS_UNLIKELY(cycle > limit)) return false;     \
      at += at->jump;                                        \
      TRELLIS_DISPATCH;                                      \
    }                                                        \
    cycle += 2;                                              \
    TRELLIS_NEXT(2);                                         \
  }
  TRELLIS_BRANCHES(TRELLIS_BRANCH_HANDLERS)

// --- Loops that wait ----------------------------------------------------------------------------------------------------
// Turns of the loop that are sure to go round again are skipped; the last ones run as they are.
#define TRELLIS_TIMER_LOOP(name, reg)                                                          \
  TRELLIS_HANDLER(name) {                                                                      \
    cycle += 4;                                                                                \
    cycle += turnsToSkip(core.riot, cycle, 4u + at->cycles, at->extra) * (4u + at->cycles);    \
    zn = reg = riot::readTimer(core.riot, cycle);                                              \
    TRELLIS_NEXT(3);                                                                           \
  }
  TRELLIS_TIMER_LOOP(TimerLoopA, a)
  TRELLIS_TIMER_LOOP(TimerLoopX, x)
  TRELLIS_TIMER_LOOP(TimerLoopY, y)
#define TRELLIS_COUNT_LOOP(name, reg)                                                          \
  TRELLIS_HANDLER(name) {                                                                      \
    if (at->extra) {                                                                           \
      value = (reg - 1) & 0xFF;                                                                \
      cycle += value * (2u + at->cycles);                                                      \
      reg = 1;                                                                                 \
    } else if (reg >= 1 && reg <= 0x80) {                                                      \
      cycle += reg * (2u + at->cycles);                                                        \
      reg = 0;                                                                                 \
    }                                                                                          \
    zn = reg = (reg - 1) & 0xFF;                                                               \
    cycle += 2;                                                                                \
    TRELLIS_NEXT(1);                                                                           \
  }
  TRELLIS_COUNT_LOOP(DEXLoop, x)
  TRELLIS_COUNT_LOOP(DEYLoop, y)

#if !defined(__GNUC__)
    default: return false;
  }
#endif

finished:  // by a store; `at` is behind it
  TRELLIS_SAVE();
  return cycle <= limit;  // a skipped wait can have gone beyond it
}

}  // namespace trellis::atari
