// Longer than other files: every opcode's handler is a label of one function, so that each can jump to the next.
#include "atari/machine/fast_cpu.h"

#include <cstddef>

#include "atari/machine/bus.h"
#include "atari/machine/fast_bodies.h"
#include "atari/machine/plain_cpu.h"

// One handler follows another without a common dispatcher where the compiler can jump to labels held in a table. (Clang can,
// but takes minutes: it has each of so many jumps lead to every label.)
#if defined(__GNUC__) && !defined(__clang__)
#define TRELLIS_THREADED 1
#define TRELLIS_HANDLER(name) handle_##name:
#define TRELLIS_DISPATCH goto* kLabels[at->handler]
#else
#define TRELLIS_THREADED 0
#define TRELLIS_HANDLER(name) case k##name:
#define TRELLIS_DISPATCH goto dispatch
#endif
#if defined(__GNUC__)
#define TRELLIS_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define TRELLIS_UNLIKELY(condition) (condition)
#endif

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
#if TRELLIS_THREADED
#define TRELLIS_LABEL(name) &&handle_##name,
#define TRELLIS_OTHER_LABEL(kind, op, way) &&handle_##op##way,
#define TRELLIS_READ_LABEL(op, way) &&handle_##op##way,
#define TRELLIS_READ_LABELS(op) TRELLIS_READ_WAYS(TRELLIS_READ_LABEL, op)
#define TRELLIS_TIA_LABELS(reg) &&handle_STA##reg, &&handle_STX##reg, &&handle_STY##reg,
#define TRELLIS_MODIFY_LABELS(op) &&handle_##op##Ram, &&handle_##op##RamX,
#define TRELLIS_BRANCH_LABELS(op) &&handle_##op##Forward, &&handle_##op##Back,
#define TRELLIS_PAIR_LABEL(kind1, op1, way1, kind2, op2, way2) &&handle_##op1##way1##_##op2##way2,
#define TRELLIS_TRIPLE_LABEL(kind1, op1, way1, kind2, op2, way2, kind3, op3, way3) \
  &&handle_##op1##way1##_##op2##way2##_##op3##way3,
  static const void* const kLabels[] = {
      TRELLIS_ODD_HANDLERS(TRELLIS_LABEL) TRELLIS_OTHERS(TRELLIS_OTHER_LABEL)
          TRELLIS_READ_OPERATIONS(TRELLIS_READ_LABELS) TRELLIS_TIA_STORES(TRELLIS_TIA_LABELS)
              TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_LABELS) TRELLIS_BRANCHES(TRELLIS_BRANCH_LABELS)
                  TRELLIS_PAIRS(TRELLIS_PAIR_LABEL) TRELLIS_TRIPLES(TRELLIS_TRIPLE_LABEL)};
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
  const uint32_t plainSize = plainBanks ? quietSize : 0;

  const Decoded* at = nullptr;
  const Decoded* code = nullptr;
  const uint8_t* rom = nullptr;
  uint32_t base = 0, cycle = 0, a = 0, x = 0, y = 0, zn = 0, carry = 0;
  uint32_t value = 0, address = 0, target = 0;

#define TRELLIS_SAVE()                                                       \
  do {                                                                       \
    cpu.pc = static_cast<uint16_t>(base + static_cast<uint32_t>(at - code)); \
    cpu.a = static_cast<uint8_t>(a);                                         \
    cpu.x = static_cast<uint8_t>(x);                                         \
    cpu.y = static_cast<uint8_t>(y);                                         \
    cpu.zeroNegative = static_cast<uint16_t>(zn);                            \
    cpu.carry = static_cast<uint8_t>(carry);                                 \
    core.cycle = cycle;                                                      \
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
#if TRELLIS_THREADED
  TRELLIS_DISPATCH;
#else
dispatch:
  switch (at->handler) {
#endif

  TRELLIS_HANDLER(Plain) { goto handle_plain; }

// --- Each kind of instruction by itself ---------------------------------------------------------------------------------
#define TRELLIS_SINGLE(kind, op, way) \
  TRELLIS_HANDLER(op##way) { TRELLIS_##kind(op, way) TRELLIS_DISPATCH; }
#define TRELLIS_READ_WAY(op, way) TRELLIS_SINGLE(READ, op, way)
#define TRELLIS_READ_HANDLERS(op) TRELLIS_READ_WAYS(TRELLIS_READ_WAY, op)
  TRELLIS_READ_OPERATIONS(TRELLIS_READ_HANDLERS)
#define TRELLIS_TIA_HANDLERS(reg) \
  TRELLIS_SINGLE(TIA, STA, reg) TRELLIS_SINGLE(TIA, STX, reg) TRELLIS_SINGLE(TIA, STY, reg)
  TRELLIS_TIA_STORES(TRELLIS_TIA_HANDLERS)
#define TRELLIS_MODIFY_HANDLERS(op) TRELLIS_SINGLE(MODIFY, op, Ram) TRELLIS_SINGLE(MODIFY, op, RamX)
  TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_HANDLERS)
#define TRELLIS_BRANCH_HANDLERS(op) TRELLIS_SINGLE(BRANCH, op, Forward) TRELLIS_SINGLE(BRANCH, op, Back)
  TRELLIS_BRANCHES(TRELLIS_BRANCH_HANDLERS)
  TRELLIS_OTHERS(TRELLIS_SINGLE)

// --- Several instructions at once ---------------------------------------------------------------------------------------
#define TRELLIS_PAIR(kind1, op1, way1, kind2, op2, way2) \
  TRELLIS_HANDLER(op1##way1##_##op2##way2) { TRELLIS_##kind1(op1, way1) TRELLIS_##kind2(op2, way2) TRELLIS_DISPATCH; }
  TRELLIS_PAIRS(TRELLIS_PAIR)
#define TRELLIS_TRIPLE(kind1, op1, way1, kind2, op2, way2, kind3, op3, way3)                           \
  TRELLIS_HANDLER(op1##way1##_##op2##way2##_##op3##way3) {                                             \
    TRELLIS_##kind1(op1, way1) TRELLIS_##kind2(op2, way2) TRELLIS_##kind3(op3, way3) TRELLIS_DISPATCH; \
  }
  TRELLIS_TRIPLES(TRELLIS_TRIPLE)

tia_store:  // `value` to TIA register `address`; the instruction is done
  core.cycle = cycle;
  cpu.lastAccessWasRead = 1;
  tia.write(static_cast<int>(address), static_cast<uint8_t>(value));
  cycle = core.cycle;
  if (TRELLIS_UNLIKELY(core.stop)) goto finished;
  TRELLIS_DISPATCH;

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

handle_plain:  // the instruction at `at`, not begun
  TRELLIS_SAVE();
  if (cycle > limit) return false;
  plain.step();
  if (core.stop) return true;
  if (cpu.halted) return false;
  goto enter;

  // --- Jumps --------------------------------------------------------------------------------------------------------------
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
#define TRELLIS_CALL()                                     \
  do {                                                     \
    value = cpu.sp;                                        \
    if (value < 0x81) goto handle_plain;                   \
    address = base + static_cast<uint32_t>(at - code) + 2; \
    ram[value] = static_cast<uint8_t>(address >> 8);       \
    ram[value - 1] = static_cast<uint8_t>(address);        \
    cpu.sp = static_cast<uint8_t>(value - 2);              \
    target = at->operand;                                  \
    cycle += 6;                                            \
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
land_far
    :  // perhaps another bank. Jumps out of the cartridge are the plain interpreter's: code there may see the data bus.
  TRELLIS_SAVE();
  cpu.pc = static_cast<uint16_t>(target);
  if (cycle > limit) return false;
  goto enter;

// --- Waits for the timer ------------------------------------------------------------------------------------------------
#define TRELLIS_TIMER_HANDLER(name, reg) \
  TRELLIS_HANDLER(name) {                \
    TRELLIS_TIMER_LOOP(reg)              \
    TRELLIS_DISPATCH;                    \
  }
  TRELLIS_TIMER_HANDLER(TimerLoopA, a)
  TRELLIS_TIMER_HANDLER(TimerLoopX, x)
  TRELLIS_TIMER_HANDLER(TimerLoopY, y)

#if !TRELLIS_THREADED
  default:
    return false;
}
#endif

finished :  // by a store; `at` is behind it
            TRELLIS_SAVE();
return cycle <= limit;  // a skipped wait can have gone beyond it
}

}  // namespace trellis::atari
