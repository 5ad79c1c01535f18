// The 6502's 256 opcodes, documented or not: operation, addressing mode, cycles before page crossings and branches.
#pragma once

#include <array>
#include <cstdint>

namespace trellis::atari {

enum class Operation : uint8_t {
  ADC,
  ANC,
  AND,
  ANE,
  ARR,
  ASL,
  ASR,
  BCC,
  BCS,
  BEQ,
  BIT,
  BMI,
  BNE,
  BPL,
  BRK,
  BVC,
  BVS,
  CLC,
  CLD,
  CLI,
  CLV,
  CMP,
  CPX,
  CPY,
  DCP,
  DEC,
  DEX,
  DEY,
  EOR,
  HLT,
  INC,
  INX,
  INY,
  ISB,
  JMP,
  JSR,
  LAS,
  LAX,
  LDA,
  LDX,
  LDY,
  LSR,
  LXA,
  NOP,
  ORA,
  PHA,
  PHP,
  PLA,
  PLP,
  RLA,
  ROL,
  ROR,
  RRA,
  RTI,
  RTS,
  SAX,
  SBC,
  SBX,
  SEC,
  SED,
  SEI,
  SHA,
  SHS,
  SHX,
  SHY,
  SLO,
  SRE,
  STA,
  STX,
  STY,
  TAX,
  TAY,
  TSX,
  TXA,
  TXS,
  TYA
};

enum class Mode : uint8_t {
  implied,
  accumulator,
  immediate,
  zeroPage,
  zeroPageX,
  zeroPageY,
  absolute,
  absoluteX,
  absoluteY,
  indirect,
  indirectX,
  indirectY,
  relative
};

struct Opcode {
  Operation operation;
  Mode mode;
  uint8_t cycles;
};

namespace detail {
constexpr std::array<Opcode, 256> makeOpcodes() {
  using enum Operation;
  using enum Mode;
  std::array<Opcode, 256> table{};
  // Columns of the regular part: rows $00, $20, ... $E0 and the odd rows between them.
  constexpr Operation group1[8] = {ORA, AND, EOR, ADC, STA, LDA, CMP, SBC};
  constexpr Operation group2[8] = {ASL, ROL, LSR, ROR, LDX, LDX, DEC, INC};  // [4] is STX, set below
  constexpr Operation group3[8] = {SLO, RLA, SRE, RRA, SAX, LAX, DCP, ISB};
  for (int i = 0; i < 8; ++i) {
    const int row = i * 0x20;
    const Operation one = group1[i], two = i == 4 ? STX : group2[i], three = group3[i];
    const bool store = i == 4, load = i == 5;
    table[row + 0x01] = {one, indirectX, 6};
    table[row + 0x05] = {one, zeroPage, 3};
    table[row + 0x09] = {one, immediate, 2};
    table[row + 0x0D] = {one, absolute, 4};
    table[row + 0x11] = {one, indirectY, static_cast<uint8_t>(store ? 6 : 5)};
    table[row + 0x15] = {one, zeroPageX, 4};
    table[row + 0x19] = {one, absoluteY, static_cast<uint8_t>(store ? 5 : 4)};
    table[row + 0x1D] = {one, absoluteX, static_cast<uint8_t>(store ? 5 : 4)};
    const bool quick = store || load;  // one access, where the others read and write
    const Mode zpIndexed = quick ? zeroPageY : zeroPageX, absIndexed = quick ? absoluteY : absoluteX;
    table[row + 0x06] = {two, zeroPage, static_cast<uint8_t>(quick ? 3 : 5)};
    table[row + 0x0E] = {two, absolute, static_cast<uint8_t>(quick ? 4 : 6)};
    table[row + 0x16] = {two, zpIndexed, static_cast<uint8_t>(quick ? 4 : 6)};
    table[row + 0x1E] = {two, absIndexed, static_cast<uint8_t>(load ? 4 : 7)};
    table[row + 0x03] = {three, indirectX, static_cast<uint8_t>(quick ? 6 : 8)};
    table[row + 0x07] = {three, zeroPage, static_cast<uint8_t>(store ? 3 : load ? 4 : 5)};  // LAX zp takes 4 here
    table[row + 0x0F] = {three, absolute, static_cast<uint8_t>(quick ? 4 : 6)};
    table[row + 0x13] = {three, indirectY, static_cast<uint8_t>(load ? 5 : 8)};
    table[row + 0x17] = {three, zpIndexed, static_cast<uint8_t>(quick ? 4 : 6)};
    table[row + 0x1B] = {three, absoluteY, static_cast<uint8_t>(load ? 4 : 7)};
    table[row + 0x1F] = {three, absIndexed, static_cast<uint8_t>(load ? 4 : 7)};
    table[row + 0x02] = table[row + 0x12] = {HLT, implied, 2};
    table[row + 0x1A] = {NOP, implied, 2};
    table[row + 0x04] = {NOP, zeroPage, 3};
    table[row + 0x0C] = {NOP, absolute, 4};
    table[row + 0x14] = {NOP, zeroPageX, 4};
    table[row + 0x1C] = {NOP, absoluteX, 4};
    table[row + 0x0A] = {two, accumulator, 2};
    table[row + 0x10] = {BPL, relative, 2};
  }
  constexpr Operation branches[8] = {BPL, BMI, BVC, BVS, BCC, BCS, BNE, BEQ};
  for (int i = 0; i < 8; ++i) table[i * 0x20 + 0x10].operation = branches[i];
  table[0x00] = {BRK, implied, 7};
  table[0x08] = {PHP, implied, 3};
  table[0x0B] = table[0x2B] = {ANC, immediate, 2};
  table[0x18] = {CLC, implied, 2};
  table[0x20] = {JSR, absolute, 6};
  table[0x24] = {BIT, zeroPage, 3};
  table[0x28] = {PLP, implied, 4};
  table[0x2C] = {BIT, absolute, 4};
  table[0x38] = {SEC, implied, 2};
  table[0x40] = {RTI, implied, 6};
  table[0x48] = {PHA, implied, 3};
  table[0x4B] = {ASR, immediate, 2};
  table[0x4C] = {JMP, absolute, 3};
  table[0x58] = {CLI, implied, 2};
  table[0x60] = {RTS, implied, 6};
  table[0x68] = {PLA, implied, 4};
  table[0x6B] = {ARR, immediate, 2};
  table[0x6C] = {JMP, indirect, 5};
  table[0x78] = {SEI, implied, 2};
  table[0x80] = table[0x82] = table[0x89] = table[0xC2] = table[0xE2] = {NOP, immediate, 2};
  table[0x84] = {STY, zeroPage, 3};
  table[0x88] = {DEY, implied, 2};
  table[0x8A] = {TXA, implied, 2};
  table[0x8B] = {ANE, immediate, 2};
  table[0x8C] = {STY, absolute, 4};
  table[0x93] = {SHA, indirectY, 6};
  table[0x94] = {STY, zeroPageX, 4};
  table[0x98] = {TYA, implied, 2};
  table[0x9A] = {TXS, implied, 2};
  table[0x9B] = {SHS, absoluteY, 5};
  table[0x9C] = {SHY, absoluteX, 5};
  table[0x9E] = {SHX, absoluteY, 5};
  table[0x9F] = {SHA, absoluteY, 5};
  table[0xA0] = {LDY, immediate, 2};
  table[0xA2] = {LDX, immediate, 2};
  table[0xA4] = {LDY, zeroPage, 3};
  table[0xA8] = {TAY, implied, 2};
  table[0xAA] = {TAX, implied, 2};
  table[0xAB] = {LXA, immediate, 2};
  table[0xAC] = {LDY, absolute, 4};
  table[0xB4] = {LDY, zeroPageX, 4};
  table[0xB8] = {CLV, implied, 2};
  table[0xBA] = {TSX, implied, 2};
  table[0xBB] = {LAS, absoluteY, 4};
  table[0xBC] = {LDY, absoluteX, 4};
  table[0xC0] = {CPY, immediate, 2};
  table[0xC4] = {CPY, zeroPage, 3};
  table[0xC8] = {INY, implied, 2};
  table[0xCA] = {DEX, implied, 2};
  table[0xCB] = {SBX, immediate, 2};
  table[0xCC] = {CPY, absolute, 4};
  table[0xD8] = {CLD, implied, 2};
  table[0xE0] = {CPX, immediate, 2};
  table[0xE4] = {CPX, zeroPage, 3};
  table[0xE8] = {INX, implied, 2};
  table[0xEA] = {NOP, implied, 2};
  table[0xEB] = {SBC, immediate, 2};
  table[0xEC] = {CPX, absolute, 4};
  table[0xF8] = {SED, implied, 2};
  return table;
}
}  // namespace detail

inline constexpr std::array<Opcode, 256> kOpcodes = detail::makeOpcodes();

constexpr int instructionLength(Mode mode) {
  switch (mode) {
    case Mode::implied:
    case Mode::accumulator:
      return 1;
    case Mode::absolute:
    case Mode::absoluteX:
    case Mode::absoluteY:
    case Mode::indirect:
      return 3;
    default:
      return 2;
  }
}

}  // namespace trellis::atari
