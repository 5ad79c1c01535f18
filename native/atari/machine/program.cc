#include "atari/machine/program.h"

#include <unordered_map>

#include "atari/machine/opcodes.h"
#include "atari/machine/tia_tables.h"

namespace trellis::atari {
namespace {

// Handlers of one reading operation, in the order of TRELLIS_READ_WAYS.
struct ReadHandlers {
  Handler imm, constant, ram, ramX, ramY, tia, romX, romY, ramIndirectY, riot, io, busX, busY;
};

#define TRELLIS_READ_HANDLER(op, way) k##op##way,
ReadHandlers readHandlers(Operation operation) {
  switch (operation) {
#define TRELLIS_READ_CASE(op) \
  case Operation::op:         \
    return {TRELLIS_READ_WAYS(TRELLIS_READ_HANDLER, op)};
    TRELLIS_READ_OPERATIONS(TRELLIS_READ_CASE)
    default:
      return {};
  }
}

bool isRead(Operation operation) {
  switch (operation) {
#define TRELLIS_IS_CASE(op) case Operation::op:
    TRELLIS_READ_OPERATIONS(TRELLIS_IS_CASE) return true;
    default:
      return false;
  }
}

// STA, STX, STY to a TIA register are numbered in turn.
int tiaStore(int reg) {
  switch (reg) {
#define TRELLIS_TIA_CASE(name) \
  case name:                   \
    return kSTA##name;
    TRELLIS_TIA_STORES(TRELLIS_TIA_CASE)
    default:
      return -1;
  }
}

// clang-format off
Handler impliedHandler(Operation operation) {
  switch (operation) {
#define TRELLIS_IMPLIED(op) case Operation::op: return k##op;
    TRELLIS_IMPLIED(INX) TRELLIS_IMPLIED(INY) TRELLIS_IMPLIED(DEX) TRELLIS_IMPLIED(DEY) TRELLIS_IMPLIED(TAX)
    TRELLIS_IMPLIED(TAY) TRELLIS_IMPLIED(TXA) TRELLIS_IMPLIED(TYA) TRELLIS_IMPLIED(TSX) TRELLIS_IMPLIED(TXS)
    TRELLIS_IMPLIED(CLC) TRELLIS_IMPLIED(SEC) TRELLIS_IMPLIED(CLD) TRELLIS_IMPLIED(SED) TRELLIS_IMPLIED(CLI)
    TRELLIS_IMPLIED(SEI) TRELLIS_IMPLIED(CLV) TRELLIS_IMPLIED(PHA) TRELLIS_IMPLIED(PHP) TRELLIS_IMPLIED(PLA)
    TRELLIS_IMPLIED(PLP) TRELLIS_IMPLIED(RTS) TRELLIS_IMPLIED(RTI) TRELLIS_IMPLIED(BRK)
    case Operation::NOP: return kNOP1;
    default: return kPlain;
  }
}
// clang-format on

Handler accumulatorHandler(Operation operation) {
  switch (operation) {
    case Operation::ASL:
      return kASLA;
    case Operation::LSR:
      return kLSRA;
    case Operation::ROL:
      return kROLA;
    case Operation::ROR:
      return kRORA;
    default:
      return kPlain;
  }
}

int modifyHandler(Operation operation) {
  switch (operation) {
#define TRELLIS_MODIFY_CASE(op) \
  case Operation::op:           \
    return k##op##Ram;
    TRELLIS_MODIFY_OPERATIONS(TRELLIS_MODIFY_CASE)
    default:
      return -1;
  }
}

int branchHandler(Operation operation) {
  switch (operation) {
#define TRELLIS_BRANCH_CASE(op) \
  case Operation::op:           \
    return k##op##Forward;
    TRELLIS_BRANCHES(TRELLIS_BRANCH_CASE)
    default:
      return -1;
  }
}

// What does both, else the first alone; the first may be a pair itself.
uint16_t fusedHandler(uint16_t first, uint16_t second) {
  static const auto pairs = [] {
    std::unordered_map<uint32_t, uint16_t> map;
#define TRELLIS_ADD_PAIR(kind1, op1, way1, kind2, op2, way2) \
  map[static_cast<uint32_t>(k##op1##way1) << 16 | k##op2##way2] = k##op1##way1##_##op2##way2;
    TRELLIS_PAIRS(TRELLIS_ADD_PAIR)
#define TRELLIS_ADD_TRIPLE(kind1, op1, way1, kind2, op2, way2, kind3, op3, way3) \
  map[static_cast<uint32_t>(k##op1##way1##_##op2##way2) << 16 | k##op3##way3] =  \
      k##op1##way1##_##op2##way2##_##op3##way3;
    TRELLIS_TRIPLES(TRELLIS_ADD_TRIPLE)
    return map;
  }();
  const auto found = pairs.find(static_cast<uint32_t>(first) << 16 | second);
  return found == pairs.end() ? first : found->second;
}

bool inCartridge(uint16_t address) { return address & 0x1000; }
bool isRam(uint16_t address) { return (address & 0x1280) == 0x80; }

}  // namespace

Program::Program(const Cartridge& cartridge) : image_(cartridge.image()), mapper_(cartridge.mapper()) {
  bankSize_ = mapper_ == Mapper::kE0 ? 1024 : 4096;
  stride_ = bankSize_ + 4;
  banked_ = mapper_ != Mapper::k2K && mapper_ != Mapper::k4K;
  plainBanks_ = mapper_ != Mapper::kE0 && mapper_ != Mapper::kFE;
  quietFrom_ = cartridge.hasRam() ? 0x100 : mapper_ == Mapper::kDPC ? 0x80 : 0;
  switch (mapper_) {
    case Mapper::kF8:
    case Mapper::kF8SC:
      quietTo_ = 0xFF8;
      break;
    case Mapper::kF6:
    case Mapper::kF6SC:
      quietTo_ = 0xFF6;
      break;
    case Mapper::kDPC:
      quietTo_ = 0xFC0;
      break;
    case Mapper::kE0:
      quietTo_ = 0x3E0;
      break;  // within its 1K; the hot spots are in the last slice only
    default:
      quietTo_ = 0x1000;
      break;
  }
  entries_.resize(static_cast<size_t>(cartridge.banks()) * static_cast<size_t>(stride_), Decoded{kPlain, 0, 0, 0, 0});
  for (int bank = 0; bank < cartridge.banks(); ++bank) decodeBank(bank);
}

Program::Place Program::place(const CartridgeState& state, uint16_t address) const {
  int bank = state.bank & 3, window = 0;
  if (mapper_ == Mapper::kE0) {
    window = address & 0xC00;
    bank = window == 0xC00 ? 7 : state.segments[window >> 10] & 7;
  } else if (mapper_ == Mapper::kFE) {
    bank = address & 0x2000 ? 0 : 1;
  }
  return {entries_.data() + static_cast<ptrdiff_t>(bank) * stride_, static_cast<uint16_t>((address & 0xF000) | window)};
}

void Program::decodeBank(int bank) {
  Decoded* code = entries_.data() + static_cast<ptrdiff_t>(bank) * stride_;
  for (int offset = 0; offset < bankSize_; ++offset) code[offset] = decode(bank, offset);
  fuse(bank, code);
}

Decoded Program::decode(int bank, int offset) const {
  Decoded entry{kPlain, 0, 0, 0, 0};
  const Opcode opcode = kOpcodes[byteAt(bank, offset)];
  const int length = instructionLength(opcode.mode);
  // The instruction before the end of a bank, too: what follows may look at the data bus.
  if (offset < quietFrom_ || offset + length > quietTo_ || offset + length >= bankSize_) return entry;
  uint16_t operand = 0;
  if (length > 1) operand = byteAt(bank, offset + 1);
  if (length > 2) operand = static_cast<uint16_t>(operand | byteAt(bank, offset + 2) << 8);
  entry.operand = operand;
  if (opcode.mode == Mode::implied) {
    entry.handler = impliedHandler(opcode.operation);
    return entry;
  }
  if (opcode.mode == Mode::accumulator) {
    entry.handler = accumulatorHandler(opcode.operation);
    return entry;
  }
  if (isRead(opcode.operation)) return decodeRead(opcode, bank, operand, entry);
  if (const int handler = modifyHandler(opcode.operation); handler >= 0) {
    if (opcode.mode == Mode::zeroPage && operand >= 0x80) entry.handler = static_cast<uint16_t>(handler);
    if (opcode.mode == Mode::zeroPageX) entry.handler = static_cast<uint16_t>(handler + 1);
    return entry;
  }
  if (opcode.mode == Mode::relative || opcode.operation == Operation::JMP || opcode.operation == Operation::JSR)
    return decodeJump(opcode, offset, operand, entry);
  switch (opcode.operation) {
    case Operation::ANC:
      entry.handler = kANC;
      return entry;
    case Operation::ASR:
      entry.handler = kASR;
      return entry;
    case Operation::SBX:
      entry.handler = kSBX;
      return entry;
    case Operation::STA:
    case Operation::STX:
    case Operation::STY:
    case Operation::SAX:
      return decodeStore(opcode, operand, entry);
    default:
      return entry;
  }
}

Decoded Program::decodeRead(const Opcode& opcode, int bank, uint16_t operand, Decoded entry) const {
  const ReadHandlers handlers = readHandlers(opcode.operation);
  const int offset = operand & 0xFFF;
  const bool quiet = inCartridge(operand) && plainBanks_ && offset >= quietFrom_;
  switch (opcode.mode) {
    case Mode::immediate:
      entry.handler = handlers.imm;
      break;
    case Mode::zeroPage:
      entry.handler = operand >= 0x80 ? handlers.ram : handlers.tia;
      // Timing of the one opcode that is odd in the original.
      if (opcode.operation == Operation::LAX) entry.handler = kPlain;
      break;
    case Mode::zeroPageX:
      entry.handler = handlers.ramX;
      break;
    case Mode::zeroPageY:
      entry.handler = handlers.ramY;
      break;
    case Mode::absolute:
      if (!inCartridge(operand)) {
        entry.handler = (operand & 0x1280) == 0x280 ? handlers.riot : handlers.io;
      } else if (quiet && offset < quietTo_) {
        entry.handler = handlers.constant;
        entry.operand = byteAt(bank, offset);
      } else if (!plainBanks_ && offset < 0xFE0) {  // below the hot spots
        entry.handler = handlers.io;
      }
      break;
    case Mode::absoluteX:
      entry.handler = quiet && offset + 255 < quietTo_ ? handlers.romX : handlers.busX;
      break;
    case Mode::absoluteY:
      entry.handler = quiet && offset + 255 < quietTo_ ? handlers.romY : handlers.busY;
      break;
    case Mode::indirectY:
      // $7F and $FF take a byte of their pointer from the TIA.
      if (operand >= 0x80 && operand != 0xFF) entry.handler = handlers.ramIndirectY;
      break;
    default:
      break;
  }
  return entry;
}

Decoded Program::decodeStore(const Opcode& opcode, uint16_t operand, Decoded entry) const {
  const int which = opcode.operation == Operation::STA   ? 0
                    : opcode.operation == Operation::STX ? 1
                    : opcode.operation == Operation::STY ? 2
                                                         : 3;
  constexpr Handler kRam[4] = {kSTARam, kSTXRam, kSTYRam, kSAXRam}, kIo[3] = {kSTAIo, kSTXIo, kSTYIo};
  switch (opcode.mode) {
    case Mode::zeroPage:
      if (operand >= 0x80) {
        entry.handler = kRam[which];
      } else if (const int reg = operand & 0x3F; which < 3 && reg >= AUDC0 && reg <= AUDV1) {
        constexpr Handler kAudio[3] = {kSTAAudio, kSTXAudio, kSTYAudio};
        entry.handler = kAudio[which];
        entry.operand = static_cast<uint16_t>(reg);
      } else if (const int store = tiaStore(reg); which < 3) {
        entry.handler = static_cast<uint16_t>(store >= 0 ? store + which : kSTANothing);
      }
      break;
    case Mode::zeroPageX:
      if (which == 0) entry.handler = kSTARamX;
      if (which == 2) entry.handler = kSTYRamX;
      break;
    case Mode::zeroPageY:
      if (which == 1) entry.handler = kSTXRamY;
      break;
    case Mode::absolute:
      if (!inCartridge(operand) && which < 3) entry.handler = kIo[which];
      break;
    case Mode::absoluteX:
      if (which == 0) entry.handler = kSTABusX;
      break;
    case Mode::absoluteY:
      if (which == 0) entry.handler = kSTABusY;
      break;
    case Mode::indirectY:
      if (which == 0 && operand >= 0x80 && operand != 0xFF) entry.handler = kSTARamIndY;
      break;
    default:
      break;
  }
  return entry;
}

Decoded Program::decodeJump(const Opcode& opcode, int offset, uint16_t operand, Decoded entry) const {
  if (opcode.mode == Mode::relative) {
    const int next = offset + 2, target = next + static_cast<int8_t>(operand);
    if (target < 0 || target >= bankSize_) return entry;
    entry.jump = static_cast<int16_t>(target - offset);
    entry.cycles = (target ^ next) & 0xF00 ? 4 : 3;
    entry.handler = static_cast<uint16_t>(branchHandler(opcode.operation) + (entry.jump <= 0));
  } else if (opcode.mode == Mode::indirect) {
    if (isRam(operand) && (operand & 0xFF) != 0xFF) entry.handler = kJMPIndirect;
  } else if (inCartridge(operand)) {
    const bool jsr = opcode.operation == Operation::JSR;
    entry.handler = plainBanks_ ? (jsr ? kJSR : kJMP) : (jsr ? kJSRFar : kJMPFar);
  }
  return entry;
}

// Loops that do nothing but wait become one instruction, and so do frequent pairs.
void Program::fuse(int bank, Decoded* code) const {
  for (int offset = 0; offset + 5 < bankSize_; ++offset) fuseLoop(code + offset);
  // Forward, so that what follows is still by itself.
  for (int offset = 0; offset + 6 < bankSize_; ++offset) {
    const uint16_t alone = code[offset].handler;
    if (alone == kPlain) continue;
    const int second = offset + lengthAt(bank, offset);
    const uint16_t pair = fusedHandler(alone, code[second].handler);
    if (pair == alone) continue;
    code[offset].handler = fusedHandler(pair, code[second + lengthAt(bank, second)].handler);
  }
}

void Program::fuseLoop(Decoded* code) const {
  Decoded& entry = code[0];
  const bool timer = (entry.handler == kLDARiot || entry.handler == kLDXRiot || entry.handler == kLDYRiot) &&
                     (entry.operand & 0x1285) == 0x284;
  const bool count = entry.handler == kDEX || entry.handler == kDEY;
  if (!timer && !count) return;
  const Decoded& branch = code[timer ? 3 : 1];
  const bool loops = branch.jump == (timer ? -3 : -1) && (branch.handler == kBNEBack || branch.handler == kBPLBack);
  if (!loops) return;
  entry.extra = branch.handler == kBNEBack;
  entry.cycles = branch.cycles;
  if (timer) {
    entry.handler = entry.handler == kLDARiot ? kTimerLoopA : entry.handler == kLDXRiot ? kTimerLoopX : kTimerLoopY;
  } else {
    entry.handler = entry.handler == kDEX ? kDEXLoop : kDEYLoop;
  }
}

}  // namespace trellis::atari
