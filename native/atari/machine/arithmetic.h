// The 6502's arithmetic on bytes, shared by both interpreters. Decimal mode follows ale-py 0.12.1, invalid digits included.
#pragma once

#include <cstdint>

namespace trellis::atari {

struct Sum {
  uint8_t value;
  uint8_t carry, overflow;
};

inline int fromDecimal(int byte) { return 10 * (byte >> 4) + (byte & 15); }
inline uint8_t toDecimal(int number) { return static_cast<uint8_t>(((number / 10) << 4) | (number % 10)); }

inline Sum addBinary(uint8_t a, uint8_t m, int carry) {
  const int sum = a + m + carry;
  return {static_cast<uint8_t>(sum), static_cast<uint8_t>(sum >> 8),
          static_cast<uint8_t>(((~(a ^ m) & (a ^ sum)) >> 7) & 1)};
}

inline Sum addDecimal(uint8_t a, uint8_t m, int carry) {
  const int sum = fromDecimal(a) + fromDecimal(m) + carry;
  const uint8_t value = toDecimal((sum & 0xFF) % 100);
  return {value, static_cast<uint8_t>(sum > 99), static_cast<uint8_t>((((a ^ value) & (value ^ m)) >> 7) & 1)};
}

inline Sum subtractBinary(uint8_t a, uint8_t m, int carry) { return addBinary(a, static_cast<uint8_t>(~m), carry); }

inline Sum subtractDecimal(uint8_t a, uint8_t m, int carry) {
  int difference = fromDecimal(a) - fromDecimal(m) - (1 - carry);
  if (difference < 0) difference += 100;
  // Still negative only with invalid digits; then the original reads beyond its table, into the other one.
  const uint8_t value =
      difference < 0 ? static_cast<uint8_t>(fromDecimal(256 + difference)) : toDecimal(difference % 100);
  return {value, static_cast<uint8_t>(a >= m + (1 - carry)),
          static_cast<uint8_t>((((a ^ value) & (value ^ m)) >> 7) & 1)};
}

// ARR in both modes. The flags are not always those of the value: `zero` (0 means set) and `negative` are the flags' own.
struct RotatedAnd {
  uint8_t value, carry, overflow, zero, negative;
};

inline RotatedAnd andRotate(uint8_t a, uint8_t m, int carry, bool decimal) {
  const uint8_t v = a & m;
  const uint8_t rotated = static_cast<uint8_t>((v >> 1) | (carry << 7));
  if (!decimal) {
    const uint8_t bit6 = (rotated >> 6) & 1;
    return {rotated, bit6, static_cast<uint8_t>(bit6 ^ ((rotated >> 5) & 1)), rotated, static_cast<uint8_t>(carry)};
  }
  uint8_t value = rotated;
  if ((v & 15) + (v & 1) > 5) value = static_cast<uint8_t>((value & 0xF0) | ((value + 6) & 15));
  const bool carryOut = (v & 0xF0) + (v & 0x10) > 0x50;
  if (carryOut) value = static_cast<uint8_t>(value + 0x60);
  return {value, carryOut, static_cast<uint8_t>(((v ^ rotated) >> 6) & 1), rotated, static_cast<uint8_t>(carry)};
}

}  // namespace trellis::atari
