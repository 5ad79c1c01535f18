// Constant facts about the TIA: what the registers are called, how far objects move, what collides with what.
#pragma once

#include <array>
#include <cstdint>

#include "atari/machine/core.h"

namespace trellis::atari {

enum TiaRegister : int {
  VSYNC = 0x00,
  VBLANK,
  WSYNC,
  RSYNC,
  NUSIZ0,
  NUSIZ1,
  COLUP0,
  COLUP1,
  COLUPF,
  COLUBK,
  CTRLPF,
  REFP0,
  REFP1,
  PF0,
  PF1,
  PF2,
  RESP0,
  RESP1,
  RESM0,
  RESM1,
  RESBL,
  AUDC0,
  AUDC1,
  AUDF0,
  AUDF1,
  AUDV0,
  AUDV1,
  GRP0,
  GRP1,
  ENAM0,
  ENAM1,
  ENABL,
  HMP0,
  HMP1,
  HMM0,
  HMM1,
  HMBL,
  VDELP0,
  VDELP1,
  VDELBL,
  RESMP0,
  RESMP1,
  HMOVE,
  HMCLR,
  CXCLR
};

// Colour clocks between a playfield store and its effect, by cycle & 3.
inline constexpr int kPlayfieldDelay[4] = {4, 5, 2, 3};

// Offsets of a player's or missile's copies by NUSIZ & 7; the first is always 0.
struct Copies {
  int count;
  int offset[3];
};
inline constexpr Copies kCopies[8] = {{1, {0}},     {2, {0, 16}}, {2, {0, 32}},     {3, {0, 16, 32}},
                                      {2, {0, 64}}, {1, {0}},     {3, {0, 32, 64}}, {1, {0}}};
inline constexpr int kDoubleSize = 5, kQuadSize = 7;

// How far HMOVE at cycle `c` of a line moves an object with motion register `motion`: positive is right.
constexpr int hmoveDistance(int c, int motion) {
  constexpr int kAtLeast[17] = {-6, -5, -5, -4, -3, -2, -2, -1, 0, 1, 1, 2, 3, 4, 4, 5, 6};        // from 4
  constexpr int kLess[20] = {-6, -5, -4, -4, -3, -2, -1, -1, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8};  // from 55
  const int full = motion < 8 ? -motion : 16 - motion;
  if (c <= 3 || c >= 75) return full;
  if (c <= 20) return full > kAtLeast[c - 4] ? full : kAtLeast[c - 4];
  if (c <= 54) return 0;
  const int rest = full - kLess[c - 55];
  return rest < 0 ? rest : 0;
}
inline constexpr auto kHmoveDistances = [] {
  std::array<std::array<int8_t, 16>, kCyclesPerLine> table{};
  for (int c = 0; c < kCyclesPerLine; ++c)
    for (int motion = 0; motion < 16; ++motion) table[c][motion] = static_cast<int8_t>(hmoveDistance(c, motion));
  return table;
}();

// Star-field effect: steps of missile 0 to the left at the ends of lines.
inline constexpr int kStarFieldSteps[4] = {18, 33, 0, 17};

// The two objects behind each collision latch (bit 2r+1 or 2r of register r).
struct Pair {
  uint8_t a, b;
};
inline constexpr Pair kCollisionPairs[16] = {{kMissile0, kPlayer0},
                                             {kMissile0, kPlayer1},
                                             {kMissile1, kPlayer1},
                                             {kMissile1, kPlayer0},
                                             {kPlayer0, kBall},
                                             {kPlayer0, kPlayfield},
                                             {kPlayer1, kBall},
                                             {kPlayer1, kPlayfield},
                                             {kMissile0, kBall},
                                             {kMissile0, kPlayfield},
                                             {kMissile1, kBall},
                                             {kMissile1, kPlayfield},
                                             {0, 0},
                                             {kBall, kPlayfield},
                                             {kMissile0, kMissile1},
                                             {kPlayer0, kPlayer1}};
// Latches that can become set while the objects of the bit set are enabled.
inline constexpr auto kPossibleCollisions = [] {
  std::array<uint16_t, 64> table{};
  for (int set = 0; set < 64; ++set)
    for (int pair = 0; pair < 16; ++pair)
      if (pair != 12 && (set >> kCollisionPairs[pair].a & 1) && (set >> kCollisionPairs[pair].b & 1))
        table[set] |= static_cast<uint16_t>(1 << pair);
  return table;
}();

inline constexpr auto kReversed = [] {
  std::array<uint8_t, 256> table{};
  for (int byte = 0; byte < 256; ++byte)
    for (int bit = 0; bit < 8; ++bit)
      if (byte >> bit & 1) table[byte] |= static_cast<uint8_t>(0x80 >> bit);
  return table;
}();

// Position strobes. Players land at 3 when hit in the blank, missiles and ball at 2.
constexpr int strobePosition(int h, int inBlank, int delay) {
  return h < kBlankClocks ? inBlank : (h - kBlankClocks + delay) % kScreenWidth;
}
// Missiles and ball are also hit in special ways shortly after an HMOVE: `since` colour clocks ago, at clock `h` of the line.
constexpr int strobeMissile0(int h, int32_t since) { return since == 60 && h == 69 ? 8 : strobePosition(h, 2, 4); }
constexpr int strobeMissile1(int h, int32_t since) { return since == 9 && h == 18 ? 3 : strobePosition(h, 2, 4); }
constexpr int strobeBall(int h, int32_t since) {
  if (since == 54 && (h == 60 || h == 69)) return 10;
  if (since == 9 && h == 18) return 3;
  if (since == 21 && h == 30) return 6;
  if (since == 18 && h == 27) return 5;
  return strobePosition(h, 2, 4);
}

// Where a player strobe falls relative to the copies shown: 0 elsewhere, 1 in the delay zone, 2 in the display zone.
constexpr int strobeZone(int newPosition, int position, int copies) {
  const int d = (newPosition - position + kScreenWidth) % kScreenWidth;
  const int width = copies == kDoubleSize ? 16 : copies == kQuadSize ? 32 : 8;
  for (int i = 0; i < kCopies[copies].count; ++i) {
    const int from = (d - kCopies[copies].offset[i] + kScreenWidth) % kScreenWidth;
    if (from < 4) return 1;
    if (from < 4 + width) return 2;
  }
  return 0;
}
inline constexpr auto kStrobeZones = [] {
  std::array<std::array<uint8_t, kScreenWidth>, 8> table{};
  for (int copies = 0; copies < 8; ++copies)
    for (int d = 0; d < kScreenWidth; ++d) table[copies][d] = static_cast<uint8_t>(strobeZone(d, 0, copies));
  return table;
}();

}  // namespace trellis::atari
