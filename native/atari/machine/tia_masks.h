// Pictures of the six objects on one line as 160-bit masks.
#pragma once

#include "atari/machine/core.h"
#include "atari/machine/tia_tables.h"

namespace trellis::atari {

inline constexpr uint64_t kLastWord = 0xFFFFFFFF;  // the third word has 32 pixels

namespace detail {
template <int times, class Word>
constexpr std::array<Word, 256> widened() {
  std::array<Word, 256> table{};
  for (int byte = 0; byte < 256; ++byte)
    for (int bit = 0; bit < 8 * times; ++bit)
      if (byte >> (bit / times) & 1) table[byte] |= static_cast<Word>(Word{1} << bit);
  return table;
}
}  // namespace detail
inline constexpr auto kTwice = detail::widened<2, uint16_t>();
inline constexpr auto kFourTimes = detail::widened<4, uint32_t>();

// Up to 72 pixels in two words, starting at `position`, wrapping at the right border.
inline LineMask placed(uint64_t low, uint64_t high, int position) {
  const int shift = position & 63;
  const uint64_t first = low << shift, second = high << shift | low >> 1 >> (63 - shift),
                 third = high >> 1 >> (63 - shift);
  switch (position >> 6) {
    case 0:
      return {{first, second, third}};
    case 1:
      return {{second >> 32 | third << 32, first, second & kLastWord}};
    default:
      return {{first >> 32 | second << 32, second >> 32 | third << 32, first & kLastWord}};
  }
}

// Copies by NUSIZ & 7 as factors of the eight pixels of one: at 0, 16 and 32, and at 64.
inline constexpr uint64_t kNearCopies[8] = {1, 0x10001, 0x100000001, 0x100010001, 1, 1, 0x100000001, 1};
inline constexpr uint64_t kFarCopies[8] = {0, 0, 0, 0, 1, 0, 1, 0};

// `graphics` as shown: bit 7 leftmost.
inline LineMask playerMask(uint8_t graphics, int position, int copies, bool skipFirst) {
  const uint64_t pixels = kReversed[graphics];
  if (copies == kDoubleSize || copies == kQuadSize) {
    if (skipFirst) return {};
    return placed((copies == kDoubleSize ? uint64_t{kTwice[pixels]} : uint64_t{kFourTimes[pixels]}) << 1, 0, position);
  }
  return placed(pixels * (kNearCopies[copies] - skipFirst), pixels * kFarCopies[copies], position);
}

// `size`: NUSIZ.
inline LineMask missileMask(int position, int size) {
  const uint64_t pixels = (1u << (1 << (size >> 4 & 3))) - 1;
  return placed(pixels * kNearCopies[size & 7], pixels * kFarCopies[size & 7], position);
}

inline LineMask playfieldMask(uint32_t columns, bool reflected) {
  const uint64_t a = kFourTimes[columns & 0xFF], b = kFourTimes[columns >> 8 & 0xFF],
                 c = kFourTimes[columns >> 16 & 0xF];
  uint64_t d = a, e = b, f = c;
  if (reflected) {
    const uint32_t back = static_cast<uint32_t>(kReversed[columns & 0xFF]) << 12 |
                          static_cast<uint32_t>(kReversed[columns >> 8 & 0xFF]) << 4 |
                          kReversed[columns >> 16 & 0xF] >> 4;
    d = kFourTimes[back & 0xFF], e = kFourTimes[back >> 8 & 0xFF], f = kFourTimes[back >> 16 & 0xF];
  }
  return {{a | b << 32, c | d << 16 | e << 48, e >> 16 | f << 16}};
}

// Pixels from..to-1.
inline LineMask rangeMask(int from, int to) {
  const auto below = [](int x, int word) -> uint64_t {
    const int bits = x - 64 * word;
    return bits <= 0 ? 0 : bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  };
  LineMask mask;
  for (int word = 0; word < 3; ++word) mask.word[word] = below(to, word) & ~below(from, word);
  return mask;
}

}  // namespace trellis::atari
