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

// Adds up to 33 pixels starting at `position`, wrapping at the right border.
inline void place(LineMask& mask, uint64_t pixels, int position) {
  const int word = position >> 6, shift = position & 63;
  const uint64_t low = pixels << shift;
  mask.word[word] |= low;
  const uint64_t over = word == 2 ? low >> 32 : pixels >> 1 >> (63 - shift);
  mask.word[word == 2 ? 0 : word + 1] |= over;
}

inline int wrapped(int position) { return position >= kScreenWidth ? position - kScreenWidth : position; }

// `graphics` as shown: bit 7 leftmost.
inline LineMask playerMask(uint8_t graphics, int position, int copies, bool skipFirst) {
  LineMask mask{};
  const uint8_t pixels = kReversed[graphics];
  if (copies == kDoubleSize || copies == kQuadSize) {
    if (!skipFirst) place(mask, copies == kDoubleSize ? uint64_t{kTwice[pixels]} : uint64_t{kFourTimes[pixels]}, wrapped(position + 1));
  } else {
    for (int i = skipFirst; i < kCopies[copies].count; ++i) place(mask, pixels, wrapped(position + kCopies[copies].offset[i]));
  }
  mask.word[2] &= kLastWord;
  return mask;
}

// `size`: NUSIZ.
inline LineMask missileMask(int position, int size) {
  LineMask mask{};
  const uint64_t pixels = (1u << (1 << (size >> 4 & 3))) - 1;
  const Copies& copies = kCopies[size & 7];
  for (int i = 0; i < copies.count; ++i) place(mask, pixels, wrapped(position + copies.offset[i]));
  mask.word[2] &= kLastWord;
  return mask;
}

inline LineMask playfieldMask(uint32_t columns, bool reflected) {
  const uint64_t a = kFourTimes[columns & 0xFF], b = kFourTimes[columns >> 8 & 0xFF], c = kFourTimes[columns >> 16 & 0xF];
  uint64_t d = a, e = b, f = c;
  if (reflected) {
    const uint32_t back = static_cast<uint32_t>(kReversed[columns & 0xFF]) << 12 |
                          static_cast<uint32_t>(kReversed[columns >> 8 & 0xFF]) << 4 | kReversed[columns >> 16 & 0xF] >> 4;
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
