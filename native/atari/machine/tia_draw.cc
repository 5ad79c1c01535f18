// The TIA's picture and collisions, line by line and stretch by stretch.
#include <cstring>

#include "atari/machine/tia.h"
#include "atari/machine/tia_masks.h"

namespace trellis::atari {
namespace {

constexpr uint8_t bit(int object) { return static_cast<uint8_t>(1 << object); }
constexpr LineMask kLeftHalf = {{~uint64_t{0}, 0xFFFF, 0}};
constexpr int kScore = 2, kPriority = 4;  // of CTRLPF

// Eight bits as eight bytes, all ones or all zeros, first bit first in memory.
constexpr auto kSpread = [] {
  std::array<std::array<uint8_t, 8>, 256> table{};
  for (int byte = 0; byte < 256; ++byte)
    for (int i = 0; i < 8; ++i) table[byte][i] = byte >> i & 1 ? 0xFF : 0;
  return table;
}();

uint64_t spread(uint64_t bits) {
  uint64_t bytes;
  std::memcpy(&bytes, kSpread[bits & 0xFF].data(), 8);
  return bytes;
}

constexpr uint64_t repeated(uint8_t byte) { return byte * 0x0101010101010101u; }

// Where each colour shows: disjoint, the rest is background.
struct Layers {
  LineMask player0, player1, playfield;
};

Layers layersOf(const TiaState& s) {
  const auto& m = s.masks;
  const bool priority = s.control & kPriority;
  const bool onlyPlayfield = s.enabled == bit(kPlayfield);
  const bool score = (s.control & kScore) && (!priority || onlyPlayfield);
  Layers layers;
  for (int w = 0; w < 3; ++w) {
    const uint64_t field = m[kPlayfield].word[w], ball = m[kBall].word[w];
    uint64_t zero = m[kPlayer0].word[w] | m[kMissile0].word[w];
    uint64_t one = m[kPlayer1].word[w] | m[kMissile1].word[w];
    uint64_t front = ball;
    if (score) {
      zero |= field & kLeftHalf.word[w];
      one |= field & ~kLeftHalf.word[w];
    } else {
      front |= field;
    }
    if (priority && !onlyPlayfield) {
      layers.playfield.word[w] = front;
      layers.player0.word[w] = zero & ~front;
      layers.player1.word[w] = one & ~zero & ~front;
    } else {
      layers.player0.word[w] = zero;
      layers.player1.word[w] = one & ~zero;
      layers.playfield.word[w] = front & ~zero & ~one;
    }
  }
  return layers;
}

void paint(uint8_t* row, const TiaState& s, const uint8_t* shades, int from, int to) {
  const Layers layers = layersOf(s);
  const uint64_t back = repeated(shades[s.colours[kColourBackground]]);
  const uint64_t zero = repeated(shades[s.colours[kColourPlayer0]]) ^ back;
  const uint64_t one = repeated(shades[s.colours[kColourPlayer1]]) ^ back;
  const uint64_t field = repeated(shades[s.colours[kColourPlayfield]]) ^ back;
  // Whole groups of eight; what they overwrite left of `from` is put back, what lies right of `to` comes later anyway
  // (unless the frame ends before: then it must stay as it was).
  const int first = from & ~7, last = (to + 7) & ~7;
  uint64_t kept[2];
  std::memcpy(&kept[0], row + first, 8);
  std::memcpy(&kept[1], row + last - 8, 8);
  for (int x = first; x < last; x += 8) {
    const int w = x >> 6, shift = x & 63;
    const uint64_t pixels = back ^ (spread(layers.player0.word[w] >> shift) & zero) ^
                            (spread(layers.player1.word[w] >> shift) & one) ^
                            (spread(layers.playfield.word[w] >> shift) & field);
    std::memcpy(row + x, &pixels, 8);
  }
  const auto* left = reinterpret_cast<const uint8_t*>(&kept[0]);
  const auto* right = reinterpret_cast<const uint8_t*>(&kept[1]);
  for (int x = first; x < from; ++x) row[x] = left[x - first];
  for (int x = to; x < last; ++x) row[x] = right[x - last + 8];
}

}  // namespace

void Tia::refreshMasks() {
  for (int object = kPlayfield; s_.dirty != 0 && object < kObjects; ++object) {
    if (!(s_.dirty & bit(object))) continue;
    s_.dirty &= static_cast<uint8_t>(~bit(object));
    LineMask mask{};
    const bool hidden = object == kMissile0 && s_.missileHidden;
    if ((s_.enabled & bit(object)) && !hidden) {
      const int position = s_.position[object];
      switch (object) {
        case kPlayfield: mask = playfieldMask(s_.playfield, s_.playfieldReflected); break;
        case kBall: mask = missileMask(position, s_.control & 0x30); break;
        case kMissile0: mask = missileMask(position, s_.size[0] | (s_.missileWidened ? 0x10 : 0)); break;
        case kMissile1: mask = missileMask(position, s_.size[1]); break;
        default: {
          const int player = object - kPlayer0;
          mask = playerMask(s_.shownGraphics[player], position, s_.size[player] & 7, s_.skipFirst[player]);
        }
      }
    }
    s_.masks[object] = mask;
  }
}

void Tia::collide(int from, int to) {
  uint32_t possible = kPossibleCollisions[s_.enabled] & ~static_cast<uint32_t>(s_.collisions);
  if (possible == 0) return;
  refreshMasks();
  const LineMask range = rangeMask(from, to);
  uint16_t found = 0;
  for (int pair = 0; possible != 0; ++pair, possible >>= 1) {
    if (!(possible & 1)) continue;
    const LineMask& a = s_.masks[kCollisionPairs[pair].a];
    const LineMask& b = s_.masks[kCollisionPairs[pair].b];
    const uint64_t both = (a.word[0] & b.word[0] & range.word[0]) | (a.word[1] & b.word[1] & range.word[1]) |
                          (a.word[2] & b.word[2] & range.word[2]);
    if (both) found |= static_cast<uint16_t>(1 << pair);
  }
  s_.collisions |= found;
}

void Tia::drawStretch(int from, int to) {
  uint8_t* row = pixels_ ? pixels_ + s_.row * kScreenWidth : nullptr;
  if (s_.vblank & 2) {
    if (row) std::memset(row + from, 0, static_cast<size_t>(to - from));
  } else {
    collide(from, to);
    if (row) {
      refreshMasks();
      paint(row, s_, shades_, from, to);
    }
  }
  if (s_.hmoveBlank && from < 8) {
    if (row) std::memset(row + from, 0, static_cast<size_t>(std::min(8, to) - from));
    if (to >= 8) s_.hmoveBlank = 0;
  }
}

void Tia::endLine() {
  if (s_.playfieldReflected != (s_.control & 1)) {
    s_.playfieldReflected = s_.control & 1;
    s_.dirty |= bit(kPlayfield);
  }
  for (int player = 0; player < 2; ++player) {
    if (s_.skipFirst[player]) s_.dirty |= bit(kPlayer0 + player);
    s_.skipFirst[player] = 0;
  }
  if (s_.starField) {
    s_.starFieldCounter = (s_.starFieldCounter + 1) & 3;
    const int position = s_.position[kMissile0] - kStarFieldSteps[s_.starFieldCounter];
    s_.position[kMissile0] = static_cast<uint8_t>(position < 0 ? position + kScreenWidth : position);
    s_.missileWidened = s_.starFieldCounter == 1;
    s_.missileHidden = s_.starFieldCounter == 2;
    s_.dirty |= bit(kMissile0);
  }
  s_.lineStart += kClocksPerLine;
  ++s_.row;
}

void Tia::catchUp(int32_t time) {
  while (s_.drawn < time) {
    const int from = s_.drawn - s_.lineStart - kBlankClocks;
    const int to = std::min(time - s_.lineStart, kClocksPerLine) - kBlankClocks;
    if (to > 0) drawStretch(std::max(from, 0), to);
    s_.drawn = s_.lineStart + to + kBlankClocks;
    if (to < kScreenWidth) return;
    endLine();
    // Whole lines after this one are all alike.
    const int lines = (time - s_.drawn) / kClocksPerLine;
    if (lines < 2 || s_.starField || s_.hmoveBlank) continue;
    drawStretch(0, kScreenWidth);
    if (pixels_) {
      const uint8_t* row = pixels_ + s_.row * kScreenWidth;
      for (int i = 1; i < lines; ++i)
        std::memcpy(pixels_ + (s_.row + i) * kScreenWidth, row, kScreenWidth);
    }
    s_.row = static_cast<int16_t>(s_.row + lines);
    s_.lineStart += lines * kClocksPerLine;
    s_.drawn = s_.lineStart;
  }
}

}  // namespace trellis::atari
