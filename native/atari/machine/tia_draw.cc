// The TIA's picture and collisions, line by line and stretch by stretch.
#include <bit>
#include <cstring>

#include "atari/machine/tia.h"
#include "atari/machine/tia_masks.h"
#include "atari/machine/tia_paint.h"

namespace trellis::atari {
namespace {

constexpr uint8_t bit(int object) { return static_cast<uint8_t>(1 << object); }
constexpr LineMask kLeftHalf = {{~uint64_t{0}, 0xFFFF, 0}};
constexpr int kScore = 2, kPriority = 4;  // of CTRLPF

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

}  // namespace

// Brings the masks of the objects in the bit set up to date.
void Tia::refreshMasks(unsigned objects) {
  TiaState& s = s_;
  for (unsigned stale = s.dirty & objects; stale != 0; stale &= stale - 1) {
    const int object = std::countr_zero(stale);
    LineMask& mask = s.masks[object];
    const bool hidden = object == kMissile0 && s.missileHidden;
    if (!(s.enabled & bit(object)) || hidden) {
      mask = {};
      continue;
    }
    const int position = s.position[object];
    switch (object) {
      case kPlayfield: mask = playfieldMask(s.playfield, s.playfieldReflected); break;
      case kBall: mask = missileMask(position, s.control & 0x30); break;
      case kMissile0: mask = missileMask(position, s.size[0] | (s.missileWidened ? 0x10 : 0)); break;
      case kMissile1: mask = missileMask(position, s.size[1]); break;
      default: {
        const int player = object - kPlayer0;
        mask = playerMask(s.shownGraphics[player], position, s.size[player] & 7, s.skipFirst[player]);
      }
    }
  }
  s.dirty &= static_cast<uint8_t>(~objects);
}

inline void Tia::collide(int from, int to) {
  unsigned possible = kPossibleCollisions[s_.enabled] & ~static_cast<unsigned>(s_.collisions);
  if (possible == 0) return;
  refreshMasks(s_.enabled);
  const LineMask range = rangeMask(from, to);
  for (; possible != 0; possible &= possible - 1) {
    const int pair = std::countr_zero(possible);
    const LineMask& a = s_.masks[kCollisionPairs[pair].a];
    const LineMask& b = s_.masks[kCollisionPairs[pair].b];
    const uint64_t both = (a.word[0] & b.word[0] & range.word[0]) | (a.word[1] & b.word[1] & range.word[1]) |
                          (a.word[2] & b.word[2] & range.word[2]);
    s_.collisions |= static_cast<uint16_t>((both != 0) << pair);
  }
}

inline void Tia::drawStretch(int from, int to) {
  uint8_t* row = pixels_ ? pixels_ + s_.row * kScreenWidth : nullptr;
  if (s_.vblank & 2) {
    if (row) std::memset(row + from, 0, static_cast<size_t>(to - from));
  } else {
    collide(from, to);
    if (row) {
      refreshMasks(0x3F);
      const auto shade = [&](int colour) { return shades_[s_.colours[colour]]; };
      kPaint(row, layersOf(s_),
             {shade(kColourPlayer0), shade(kColourPlayer1), shade(kColourPlayfield), shade(kColourBackground)}, from, to);
    }
  }
  if (s_.hmoveBlank && from < 8) {
    if (row) std::memset(row + from, 0, static_cast<size_t>(std::min(8, to) - from));
    if (to >= 8) s_.hmoveBlank = 0;
  }
}

inline void Tia::endLine() {
  s_.lineStart += kClocksPerLine;
  ++s_.row;
  const bool reflected = s_.control & 1;
  if (((s_.playfieldReflected ^ reflected) | s_.skipFirst[0] | s_.skipFirst[1] | s_.starField) == 0) return;
  if (s_.playfieldReflected != reflected) {
    s_.playfieldReflected = reflected;
    s_.dirty |= bit(kPlayfield);
  }
  for (int player = 0; player < 2; ++player) {
    if (s_.skipFirst[player]) s_.dirty |= bit(kPlayer0 + player);
    s_.skipFirst[player] = 0;
  }
  if (!s_.starField) return;
  s_.starFieldCounter = (s_.starFieldCounter + 1) & 3;
  const int position = s_.position[kMissile0] - kStarFieldSteps[s_.starFieldCounter];
  s_.position[kMissile0] = static_cast<uint8_t>(position < 0 ? position + kScreenWidth : position);
  s_.missileWidened = s_.starFieldCounter == 1;
  s_.missileHidden = s_.starFieldCounter == 2;
  s_.dirty |= bit(kMissile0);
}

// Without a picture, and where nothing can collide, only the place in the frame changes.
inline void Tia::passUnseen(int32_t time) {
  TiaState& s = s_;
  int x = s.drawn - s.lineStart - kBlankClocks;
  if (time - s.lineStart >= kClocksPerLine) {
    if (x < 8) s.hmoveBlank = 0;
    endLine();
    while (time - s.lineStart >= kClocksPerLine) {
      s.hmoveBlank = 0;
      endLine();
    }
    x = 0;
  }
  if (x < 8 && time - s.lineStart >= kBlankClocks + 8) s.hmoveBlank = 0;
  s.drawn = time;
}

void Tia::catchUp(int32_t time) {
  if (!pixels_ && ((s_.vblank & 2) || !(kPossibleCollisions[s_.enabled] & ~s_.collisions))) return passUnseen(time);
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
