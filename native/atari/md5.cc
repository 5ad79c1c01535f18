#include "atari/md5.h"

#include <array>
#include <bit>
#include <cmath>
#include <vector>

namespace trellis::atari {
namespace {

constexpr int kRotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

void digestBlock(const uint8_t* block, std::array<uint32_t, 4>& digest) {
  static const auto kSines = [] {
    std::array<uint32_t, 64> sines;
    for (int i = 0; i < 64; ++i)
      sines[i] = static_cast<uint32_t>(std::floor(4294967296.0 * std::fabs(std::sin(i + 1.0))));
    return sines;
  }();
  uint32_t words[16];
  for (int i = 0; i < 16; ++i)
    words[i] =
        block[4 * i] | block[4 * i + 1] << 8 | block[4 * i + 2] << 16 | static_cast<uint32_t>(block[4 * i + 3]) << 24;
  auto [a, b, c, d] = digest;
  for (int i = 0; i < 64; ++i) {
    uint32_t mixed;
    int index;
    switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d), index = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c), index = (5 * i + 1) % 16;
        break;
      case 2:
        mixed = b ^ c ^ d, index = (3 * i + 5) % 16;
        break;
      default:
        mixed = c ^ (b | ~d), index = (7 * i) % 16;
        break;
    }
    mixed += a + kSines[i] + words[index];
    a = d;
    d = c;
    c = b;
    b += std::rotl(mixed, kRotations[i / 16][i % 4]);
  }
  digest[0] += a;
  digest[1] += b;
  digest[2] += c;
  digest[3] += d;
}

}  // namespace

std::string md5(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> padded(bytes.begin(), bytes.end());
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  const uint64_t bits = static_cast<uint64_t>(bytes.size()) * 8;
  for (int i = 0; i < 8; ++i) padded.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  std::array<uint32_t, 4> digest = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  for (size_t at = 0; at < padded.size(); at += 64) digestBlock(padded.data() + at, digest);
  std::string text;
  for (const uint32_t word : digest) {
    for (int i = 0; i < 4; ++i) {
      const uint8_t byte = static_cast<uint8_t>(word >> (8 * i));
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
  }
  return text;
}

}  // namespace trellis::atari
