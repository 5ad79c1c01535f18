// The 6507, one instruction at a time through a bus: every access in its order, all odd cases included. The fast
// interpreter hands its rare cases to this one and is tested against it. Long because it is one table of instructions.
//
// Timing is the original's: an instruction's cycles are counted when its opcode is fetched, those of crossed pages and taken
// branches when they are found out; so all its accesses see the time at its end.
#pragma once

#include "atari/machine/arithmetic.h"
#include "atari/machine/core.h"
#include "atari/machine/opcodes.h"

namespace trellis::atari {

inline uint8_t packStatus(const CpuState& cpu) {
  return static_cast<uint8_t>((cpu.zeroNegative & 0x8080 ? 0x80 : 0) | cpu.overflow << 6 | 0x30 | cpu.decimal << 3 |
                              cpu.interrupt << 2 | ((cpu.zeroNegative & 0xFF) == 0) << 1 | cpu.carry);
}

inline void unpackStatus(CpuState& cpu, uint8_t status) {
  cpu.zeroNegative = static_cast<uint16_t>((status & 0x80) << 8 | (status & 2 ? 0 : 1));
  cpu.overflow = status >> 6 & 1;
  cpu.decimal = status >> 3 & 1;
  cpu.interrupt = status >> 2 & 1;
  cpu.carry = status & 1;
}

// Bus: uint8_t read(uint16_t), void write(uint16_t, uint8_t), uint32_t& cycle().
template <class Bus>
class PlainCpu {
 public:
  PlainCpu(CpuState& cpu, Bus& bus) : cpu_(cpu), bus_(bus) {}

  void reset() {
    cpu_ = {};
    cpu_.sp = 0xFF;
    cpu_.zeroNegative = 1;
    const uint8_t low = bus_.read(0xFFFC);
    cpu_.pc = static_cast<uint16_t>(low | bus_.read(0xFFFD) << 8);
  }

  void step() {
    const Opcode opcode = kOpcodes[fetch()];
    bus_.cycle() += opcode.cycles;
    execute(opcode);
  }

 private:
  uint8_t fetch() { return bus_.read(cpu_.pc++); }
  uint16_t fetchWord() {
    const uint8_t low = fetch();
    return static_cast<uint16_t>(low | fetch() << 8);
  }
  uint16_t readWord(uint16_t low, uint16_t high) {
    const uint8_t first = bus_.read(low);
    return static_cast<uint16_t>(first | bus_.read(high) << 8);
  }
  void push(uint8_t value) { bus_.write(static_cast<uint16_t>(0x100 + cpu_.sp--), value); }
  uint8_t pull() { return bus_.read(static_cast<uint16_t>(0x100 + ++cpu_.sp)); }
  void peekStack() { bus_.read(static_cast<uint16_t>(0x100 + cpu_.sp)); }

  uint16_t indexed(uint16_t base, uint8_t index, bool slow) {
    const auto address = static_cast<uint16_t>(base + index);
    if (slow && ((base ^ address) & 0xFF00)) ++bus_.cycle();
    return address;
  }

  // Address of the operand; `slow`: crossing a page takes a cycle more.
  uint16_t address(Mode mode, bool slow) {
    switch (mode) {
      case Mode::immediate:
        return cpu_.pc++;
      case Mode::zeroPage:
        return fetch();
      case Mode::zeroPageX:
        return static_cast<uint8_t>(fetch() + cpu_.x);
      case Mode::zeroPageY:
        return static_cast<uint8_t>(fetch() + cpu_.y);
      case Mode::absolute:
        return fetchWord();
      case Mode::absoluteX:
        return indexed(fetchWord(), cpu_.x, slow);
      case Mode::absoluteY:
        return indexed(fetchWord(), cpu_.y, slow);
      case Mode::indirect: {
        const uint16_t pointer = fetchWord();
        return readWord(pointer, static_cast<uint16_t>((pointer & 0xFF00) | ((pointer + 1) & 0xFF)));
      }
      case Mode::indirectX: {
        const uint8_t pointer = static_cast<uint8_t>(fetch() + cpu_.x);
        return readWord(pointer, static_cast<uint16_t>(pointer + 1));  // no wrap into the zero page
      }
      case Mode::indirectY: {
        const uint8_t pointer = fetch();
        return indexed(readWord(pointer, static_cast<uint16_t>(pointer + 1)), cpu_.y, slow);
      }
      default:
        return 0;
    }
  }

  uint8_t load(Mode mode) { return bus_.read(address(mode, true)); }
  void flags(uint8_t value) { cpu_.zeroNegative = value; }
  void set(uint8_t& target, uint8_t value) { flags(target = value); }
  void apply(Sum sum) {
    cpu_.carry = sum.carry;
    cpu_.overflow = sum.overflow;
    set(cpu_.a, sum.value);
  }
  void add(uint8_t m) { apply(cpu_.decimal ? addDecimal(cpu_.a, m, cpu_.carry) : addBinary(cpu_.a, m, cpu_.carry)); }
  void subtract(uint8_t m) {
    apply(cpu_.decimal ? subtractDecimal(cpu_.a, m, cpu_.carry) : subtractBinary(cpu_.a, m, cpu_.carry));
  }
  void compare(uint8_t reg, uint8_t m) {
    cpu_.carry = reg >= m;
    flags(static_cast<uint8_t>(reg - m));
  }
  void branch(bool taken) {
    const auto offset = static_cast<int8_t>(fetch());
    if (!taken) return;
    const auto target = static_cast<uint16_t>(cpu_.pc + offset);
    bus_.cycle() += (target ^ cpu_.pc) & 0xFF00 ? 2 : 1;
    cpu_.pc = target;
  }

  uint8_t shifted(Operation operation, uint8_t m) {
    const uint8_t in = cpu_.carry;
    switch (operation) {
      case Operation::ASL:
      case Operation::SLO:
        cpu_.carry = m >> 7;
        return static_cast<uint8_t>(m << 1);
      case Operation::ROL:
      case Operation::RLA:
        cpu_.carry = m >> 7;
        return static_cast<uint8_t>(m << 1 | in);
      case Operation::LSR:
      case Operation::SRE:
        cpu_.carry = m & 1;
        return m >> 1;
      case Operation::ROR:
      case Operation::RRA:
        cpu_.carry = m & 1;
        return static_cast<uint8_t>(m >> 1 | in << 7);
      case Operation::DEC:
      case Operation::DCP:
        return static_cast<uint8_t>(m - 1);
      default:
        return static_cast<uint8_t>(m + 1);
    }
  }

  // Reads, changes and writes; the undocumented ones then use the result.
  void modify(Opcode opcode) {
    if (opcode.mode == Mode::accumulator) return set(cpu_.a, shifted(opcode.operation, cpu_.a));
    const uint16_t where = address(opcode.mode, false);
    const uint8_t result = shifted(opcode.operation, bus_.read(where));
    bus_.write(where, result);
    switch (opcode.operation) {
      case Operation::SLO:
        return set(cpu_.a, cpu_.a | result);
      case Operation::RLA:
        return set(cpu_.a, cpu_.a & result);
      case Operation::SRE:
        return set(cpu_.a, cpu_.a ^ result);
      case Operation::RRA:
        return add(result);
      case Operation::DCP:
        return compare(cpu_.a, result);
      case Operation::ISB:
        return subtract(result);
      default:
        return flags(result);
    }
  }

  void store(Opcode opcode) {
    const uint16_t where = address(opcode.mode, false);
    const auto high = static_cast<uint8_t>((where >> 8) + 1);
    uint8_t value = 0;
    switch (opcode.operation) {
      case Operation::STA:
        value = cpu_.a;
        break;
      case Operation::STX:
        value = cpu_.x;
        break;
      case Operation::STY:
        value = cpu_.y;
        break;
      case Operation::SAX:
        value = cpu_.a & cpu_.x;
        break;
      case Operation::SHA:
        value = cpu_.a & cpu_.x & high;
        break;
      case Operation::SHX:
        value = cpu_.x & high;
        break;
      case Operation::SHY:
        value = cpu_.y & high;
        break;
      default:
        cpu_.sp = cpu_.a & cpu_.x;
        value = cpu_.sp & high;
        break;
    }
    bus_.write(where, value);
  }

  void execute(Opcode opcode) {
    using enum Operation;
    const Mode mode = opcode.mode;
    switch (opcode.operation) {
      case ADC:
        return add(load(mode));
      case SBC:
        return subtract(load(mode));
      case AND:
        return set(cpu_.a, cpu_.a & load(mode));
      case ORA:
        return set(cpu_.a, cpu_.a | load(mode));
      case EOR:
        return set(cpu_.a, cpu_.a ^ load(mode));
      case LDA:
        return set(cpu_.a, load(mode));
      case LDX:
        return set(cpu_.x, load(mode));
      case LDY:
        return set(cpu_.y, load(mode));
      case LAX:
        return set(cpu_.a, cpu_.x = load(mode));
      case CMP:
        return compare(cpu_.a, load(mode));
      case CPX:
        return compare(cpu_.x, load(mode));
      case CPY:
        return compare(cpu_.y, load(mode));
      case BIT: {
        const uint8_t m = load(mode);
        cpu_.overflow = m >> 6 & 1;
        cpu_.zeroNegative = static_cast<uint16_t>((m & 0x80) << 8 | (cpu_.a & m));
        return;
      }
      case NOP:
        if (mode != Mode::implied) load(mode);
        return;
      case ASL:
      case ROL:
      case LSR:
      case ROR:
      case INC:
      case DEC:
      case SLO:
      case RLA:
      case SRE:
      case RRA:
      case DCP:
      case ISB:
        return modify(opcode);
      case STA:
      case STX:
      case STY:
      case SAX:
      case SHA:
      case SHX:
      case SHY:
      case SHS:
        return store(opcode);
      case BCC:
        return branch(!cpu_.carry);
      case BCS:
        return branch(cpu_.carry);
      case BNE:
        return branch((cpu_.zeroNegative & 0xFF) != 0);
      case BEQ:
        return branch((cpu_.zeroNegative & 0xFF) == 0);
      case BPL:
        return branch(!(cpu_.zeroNegative & 0x8080));
      case BMI:
        return branch(cpu_.zeroNegative & 0x8080);
      case BVC:
        return branch(!cpu_.overflow);
      case BVS:
        return branch(cpu_.overflow);
      case CLC:
        cpu_.carry = 0;
        return;
      case SEC:
        cpu_.carry = 1;
        return;
      case CLD:
        cpu_.decimal = 0;
        return;
      case SED:
        cpu_.decimal = 1;
        return;
      case CLI:
        cpu_.interrupt = 0;
        return;
      case SEI:
        cpu_.interrupt = 1;
        return;
      case CLV:
        cpu_.overflow = 0;
        return;
      case INX:
        return set(cpu_.x, static_cast<uint8_t>(cpu_.x + 1));
      case INY:
        return set(cpu_.y, static_cast<uint8_t>(cpu_.y + 1));
      case DEX:
        return set(cpu_.x, static_cast<uint8_t>(cpu_.x - 1));
      case DEY:
        return set(cpu_.y, static_cast<uint8_t>(cpu_.y - 1));
      case TAX:
        return set(cpu_.x, cpu_.a);
      case TAY:
        return set(cpu_.y, cpu_.a);
      case TXA:
        return set(cpu_.a, cpu_.x);
      case TYA:
        return set(cpu_.a, cpu_.y);
      case TSX:
        return set(cpu_.x, cpu_.sp);
      case TXS:
        cpu_.sp = cpu_.x;
        return;
      case PHA:
        return push(cpu_.a);
      case PHP:
        return push(packStatus(cpu_));
      case PLA:
        peekStack();
        return set(cpu_.a, pull());
      case PLP:
        peekStack();
        return unpackStatus(cpu_, pull());
      case JMP:
        cpu_.pc = address(mode, false);
        return;
      case JSR:
        return jumpToSubroutine();
      case RTS: {
        peekStack();
        const uint8_t low = pull();
        cpu_.pc = static_cast<uint16_t>(low | pull() << 8);
        fetch();
        return;
      }
      case RTI: {
        peekStack();
        unpackStatus(cpu_, pull());
        const uint8_t low = pull();
        cpu_.pc = static_cast<uint16_t>(low | pull() << 8);
        return;
      }
      case BRK: {
        fetch();
        push(static_cast<uint8_t>(cpu_.pc >> 8));
        push(static_cast<uint8_t>(cpu_.pc));
        push(packStatus(cpu_));
        cpu_.interrupt = 1;
        cpu_.pc = readWord(0xFFFE, 0xFFFF);
        return;
      }
      case HLT:
        cpu_.halted = 1;
        return;
      case ANC:
        set(cpu_.a, cpu_.a & load(mode));
        cpu_.carry = cpu_.a >> 7;
        return;
      case ASR:
        cpu_.a &= load(mode);
        return set(cpu_.a, shifted(LSR, cpu_.a));
      case ARR: {
        const RotatedAnd result = andRotate(cpu_.a, load(mode), cpu_.carry, cpu_.decimal);
        cpu_.a = result.value;
        cpu_.carry = result.carry;
        cpu_.overflow = result.overflow;
        cpu_.zeroNegative = static_cast<uint16_t>(result.negative << 15 | (result.zero != 0));
        return;
      }
      case ANE:
        return set(cpu_.a, (cpu_.a | 0xEE) & cpu_.x & load(mode));
      case LXA:
        return set(cpu_.a, cpu_.x = (cpu_.a | 0xEE) & load(mode));
      case SBX: {
        const uint8_t m = load(mode), both = cpu_.a & cpu_.x;
        cpu_.carry = both >= m;
        return set(cpu_.x, static_cast<uint8_t>(both - m));
      }
      case LAS:
        return set(cpu_.a, cpu_.x = cpu_.sp = cpu_.sp & load(mode));
    }
  }

  void jumpToSubroutine() {
    const uint8_t low = fetch();
    peekStack();
    push(static_cast<uint8_t>(cpu_.pc >> 8));
    push(static_cast<uint8_t>(cpu_.pc));
    cpu_.pc = static_cast<uint16_t>(low | bus_.read(cpu_.pc) << 8);
  }

  CpuState& cpu_;
  Bus& bus_;
};

}  // namespace trellis::atari
