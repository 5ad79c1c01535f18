// The TIA's picture and collisions, line by line and stretch by stretch.
#include <bit>
#include <cstring>
#include <type_traits>

#include "atari/machine/tia.h"
#include "atari/machine/tia_masks.h"
#include "atari/machine/tia_paint.h"

// Drawing is compiled once for each brush, with all its parts inside.
#if defined(__GNUC__)
#define TRELLIS_INLINE __attribute__((always_inline)) inline
#else
#define TRELLIS_INLINE inline
#endif

namespace trellis::atari {
namespace {

constexpr uint8_t bit(int object) { return static_cast<uint8_t>(1 << object); }
constexpr int kScore = 2, kPriority = 4;  // of CTRLPF

// The original paints aligned groups of four pixels at once where these objects are enabled and nothing but playfield is in
// the group (a player counts as all its eight dots); the last group of a stretch is then painted whole. (Found by cutting frames of small programs in ale-py.)
enum class Groups : uint8_t { none, empty, playfield, playfieldWithoutScore };

Groups groupsOf(unsigned enabled) {
  constexpr unsigned pf = bit(kPlayfield), bl = bit(kBall), m0 = bit(kMissile0), m1 = bit(kMissile1),
                     p0 = bit(kPlayer0), p1 = bit(kPlayer1);
  switch (enabled) {
    case pf:
      return Groups::playfield;
    case pf | bl:
    case pf | p0:
    case pf | p1:
      return Groups::playfieldWithoutScore;
    case bl:
    case m0:
    case m1:
    case p0:
    case p1:
    case m0 | bl:
    case m1 | bl:
    case m0 | m1:
    case p1 | bl:
    case p0 | p1:
      return Groups::empty;
    default:
      return Groups::none;
  }
}

// Where there is no picture.
struct NoBrush {
  static void paint(uint8_t*, const Scene&, int, int) {}
};

}  // namespace

// Brings the masks of what is enabled up to date.
TRELLIS_INLINE void Tia::refreshMasks() {
  TiaState& s = s_;
  for (unsigned stale = s.dirty & s.enabled; stale != 0; stale &= stale - 1) {
    const int object = std::countr_zero(stale);
    LineMask& mask = s.masks[object];
    const int position = s.position[object];
    switch (object) {
      case kPlayfield:
        mask = playfieldMask(s.playfield, s.playfieldReflected);
        break;
      case kBall:
        mask = missileMask(position, s.control & 0x30);
        break;
      case kMissile0:
        mask = s.missileHidden ? LineMask{} : missileMask(position, s.size[0] | (s.missileWidened ? 0x10 : 0));
        break;
      case kMissile1:
        mask = missileMask(position, s.size[1]);
        break;
      default: {
        const int player = object - kPlayer0;
        mask = playerMask(s.shownGraphics[player], position, s.size[player] & 7, s.skipFirst[player]);
      }
    }
  }
  s.dirty &= static_cast<uint8_t>(~s.enabled);
}

TRELLIS_INLINE void Tia::collide(int from, int to) {
  TiaState& s = s_;
  unsigned possible = kPossibleCollisions[s.enabled] & ~static_cast<unsigned>(s.collisions);
  if (possible == 0) return;
  refreshMasks();
  const LineMask range = rangeMask(from, to);
  for (; possible != 0; possible &= possible - 1) {
    const int pair = std::countr_zero(possible);
    const LineMask& a = s.masks[kCollisionPairs[pair].a];
    const LineMask& b = s.masks[kCollisionPairs[pair].b];
    const uint64_t both = (a.word[0] & b.word[0] & range.word[0]) | (a.word[1] & b.word[1] & range.word[1]) |
                          (a.word[2] & b.word[2] & range.word[2]);
    s.collisions |= static_cast<uint16_t>((both != 0) << pair);
  }
}

// Up to where the original paints a stretch of a line that goes to `to`.
int Tia::paintedTo(int from, int to) const {
  const int group = to & ~3;
  if (to == group || from > group) return to;
  const Groups groups = groupsOf(s_.enabled);
  if (groups == Groups::none || (groups == Groups::playfieldWithoutScore && (s_.control & kScore))) return to;
  for (int object = kBall; object < kObjects; ++object) {
    if (!(s_.enabled & bit(object))) continue;
    const int player = object - kPlayer0;
    const LineMask mask = player < 0 ? s_.masks[object]
                                     : playerMask(0xFF, s_.position[object], s_.size[player] & 7, s_.skipFirst[player]);
    if (mask.word[group >> 6] >> (group & 63) & 15) return to;
  }
  return group + 4;
}

template <class Brush>
TRELLIS_INLINE void Tia::drawStretch(int from, int to) {
  TiaState& s = s_;
  constexpr bool picture = !std::is_same_v<Brush, NoBrush>;
  uint8_t* const row = picture ? pixels_ + s.row * kScreenWidth : nullptr;
  if (s.vblank & 2) {
    if constexpr (picture) std::memset(row + from, 0, static_cast<size_t>(to - from));
  } else {
    collide(from, to);
    if constexpr (picture) {
      refreshMasks();
      const bool before = (s.control & kPriority) && s.enabled != bit(kPlayfield);
      const bool score = (s.control & kScore) && !before;
      const auto shade = [&](int colour) { return shades_[s.colours[colour]]; };
      Brush::paint(row,
                   {shade(kColourPlayer0), shade(kColourPlayer1), shade(kColourPlayfield), shade(kColourBackground),
                    s.masks, uint64_t{0} - score, uint64_t{0} - before},
                   from, strict_ ? paintedTo(from, to) : to);
    }
  }
  if (s.hmoveBlank && from < 8) {
    if constexpr (picture) std::memset(row + from, 0, static_cast<size_t>((strict_ ? 8 : std::min(8, to)) - from));
    if (to >= 8) s.hmoveBlank = 0;
  }
}

TRELLIS_INLINE void Tia::endLine() {
  TiaState& s = s_;
  s.lineStart += kClocksPerLine;
  ++s.row;
  const bool reflected = s.control & 1;
  if (((s.playfieldReflected ^ reflected) | s.skipFirst[0] | s.skipFirst[1] | s.starField) == 0) return;
  if (s.playfieldReflected != reflected) {
    s.playfieldReflected = reflected;
    s.dirty |= bit(kPlayfield);
  }
  for (int player = 0; player < 2; ++player) {
    if (s.skipFirst[player]) s.dirty |= bit(kPlayer0 + player);
    s.skipFirst[player] = 0;
  }
  if (!s.starField) return;
  s.starFieldCounter = (s.starFieldCounter + 1) & 3;
  const int position = s.position[kMissile0] - kStarFieldSteps[s.starFieldCounter];
  s.position[kMissile0] = static_cast<uint8_t>(position < 0 ? position + kScreenWidth : position);
  s.missileWidened = s.starFieldCounter == 1;
  s.missileHidden = s.starFieldCounter == 2;
  s.dirty |= bit(kMissile0);
}

void Tia::passUnseen(int32_t time) {
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

template <class Brush>
TRELLIS_INLINE void Tia::drawLines(int32_t time) {
  TiaState& s = s_;
  while (s.drawn < time) {
    const int from = s.drawn - s.lineStart - kBlankClocks;
    const int to = std::min(time - s.lineStart, kClocksPerLine) - kBlankClocks;
    if (to > 0) drawStretch<Brush>(std::max(from, 0), to);
    s.drawn = s.lineStart + to + kBlankClocks;
    if (to < kScreenWidth) return;
    endLine();
    // Whole lines after this one are all alike.
    const int lines = (time - s.drawn) / kClocksPerLine;
    if (lines < 2 || s.starField || s.hmoveBlank) continue;
    drawStretch<Brush>(0, kScreenWidth);
    if constexpr (!std::is_same_v<Brush, NoBrush>) {
      const uint8_t* row = pixels_ + s.row * kScreenWidth;
      for (int i = 1; i < lines; ++i) std::memcpy(pixels_ + (s.row + i) * kScreenWidth, row, kScreenWidth);
    }
    s.row = static_cast<int16_t>(s.row + lines);
    s.lineStart += lines * kClocksPerLine;
    s.drawn = s.lineStart;
  }
}

struct Drawing {
  static void blind(Tia& tia, int32_t time) { tia.drawLines<NoBrush>(time); }
  static void portable(Tia& tia, int32_t time) { tia.drawLines<PortableBrush>(time); }
#if TRELLIS_X86
  TRELLIS_AVX2 static void avx2(Tia& tia, int32_t time) { tia.drawLines<Avx2Brush>(time); }
  TRELLIS_AVX512 static void avx512(Tia& tia, int32_t time) { tia.drawLines<Avx512Brush>(time); }
#endif
  static auto best() {
#if TRELLIS_X86
    if (bestBrush() == BrushKind::avx512) return avx512;
    if (bestBrush() == BrushKind::avx2) return avx2;
#endif
    return portable;
  }
};

static void (*const kDraw)(Tia&, int32_t) = Drawing::best();

// Without a picture only collisions are left, and where there can be none nothing but the place in the frame.
void Tia::catchUp(int32_t time) {
  if (pixels_) return kDraw(*this, time);
  if ((s_.vblank & 2) || !(kPossibleCollisions[s_.enabled] & ~s_.collisions)) return passUnseen(time);
  return Drawing::blind(*this, time);
}

}  // namespace trellis::atari
