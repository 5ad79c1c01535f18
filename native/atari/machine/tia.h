// The TIA: registers, object positions, collisions and picture. Drawing is lazy: a store that changes what is shown first
// draws everything up to its time. Without pixels only the collisions are worked out.
#pragma once

#include <algorithm>
#include <cstring>

#include "atari/machine/core.h"
#include "atari/machine/tia_tables.h"

namespace trellis::atari {

inline constexpr auto kPaletteIndices = [] {
  std::array<uint8_t, 256> table{};
  for (int i = 0; i < 256; ++i) table[i] = static_cast<uint8_t>(i);
  return table;
}();

class Tia {
 public:
  // `pixels`: kMaximumRows rows of 160, or null; `shades`: what to write for each palette index. `strict`: every access draws up to its time, changing
  // something or not, so that an unfinished frame is drawn exactly as far as the original's.
  Tia(Core& core, const Geometry& geometry, uint8_t* pixels, const uint8_t* shades = kPaletteIndices.data(),
      bool strict = false)
      : core_(core),
        s_(core.tia),
        pixels_(pixels),
        shades_(shades),
        strict_(strict),
        start_(geometry.yStart * kClocksPerLine),
        stop_(start_ + geometry.height * kClocksPerLine),
        lateCycle_(static_cast<uint32_t>(geometry.lineLimit() + 1) * kCyclesPerLine),
        pal_(geometry.pal),
        hmoveBlanks_(geometry.hmoveBlanks) {}

  // All registers 0. The present frame, if it is unfinished, goes on from clock 0.
  void reset();
  // `cycles`: subtracted from the cycle count by the console just now. The next line drawn is the first shown.
  void startFrame(uint32_t cycles);
  // Low six bits of what is read are left over on the data bus.
  uint8_t read(int address, uint8_t bus);
  void write(int address, uint8_t value);
  // Draws up to the present: due when a frame has ended.
  void drawToNow() { drawTo(clock()); }

  // Single registers, for an interpreter that knows the address beforehand. late() comes first.
  uint32_t lateCycle() const { return lateCycle_; }
  void late() {
    if (core_.cycle >= lateCycle_) endFrame();
  }
  void writeVsync(uint8_t value);
  void writeVblank(uint8_t value);
  void writeWsync() {
    const uint32_t left = kCyclesPerLine - core_.cycle % kCyclesPerLine;
    if (left < kCyclesPerLine) core_.cycle += left;
  }
  void writeSize(int player, uint8_t value);
  void writeColour(int which, uint8_t value) {
    value = pal_ ? static_cast<uint8_t>((value & 0xFE) | (core_.lastLines & 1)) : value & 0xFE;
    if (s_.colours[which] == value) return;
    if (pixels_) drawTo(clock());
    s_.colours[which] = value;
  }
  void writeControl(uint8_t value);
  void writeReflect(int player, uint8_t value);
  void writePlayfield(uint32_t columns, uint32_t value) {  // `columns`: those the register holds
    const uint32_t next = (s_.playfield & ~columns) | value;
    if (next == s_.playfield) skipTo(clock() + kPlayfieldDelay[core_.cycle & 3]);
    else changePlayfield(next);
  }
  void writePlayfield0(uint8_t value) { writePlayfield(0x0000F, value >> 4); }
  void writePlayfield1(uint8_t value) { writePlayfield(0x00FF0, static_cast<uint32_t>(kReversed[value]) << 4); }
  void writePlayfield2(uint8_t value) { writePlayfield(0xFF000, static_cast<uint32_t>(value) << 12); }
  void strobePlayer(int player);
  void strobeMissile(int missile);
  void strobeBallPosition();
  void writeGraphics0(uint8_t value) {
    if (s_.graphics[0] == value && s_.delayedGraphics[1] == s_.graphics[1]) skipTo(clock() + 1);
    else changeGraphics0(value);
  }
  void writeGraphics1(uint8_t value) {
    if (s_.graphics[1] == value && s_.delayedGraphics[0] == s_.graphics[0] && s_.delayedBallOn == s_.ballOn)
      skipTo(clock() + 1);
    else changeGraphics1(value);
  }
  void writeMissileOn(int missile, uint8_t value) {
    if (s_.missileOn[missile] != (value & 2)) changeMissileOn(missile, value & 2);
  }
  void writeBallOn(uint8_t value) {
    if (s_.ballOn != (value & 2)) changeBallOn(value & 2);
  }
  void writeMotion(int object, uint8_t value) { s_.motion[object] = value >> 4; }
  void writeMissile0Motion(uint8_t value);
  void writePlayerDelay(int player, uint8_t value);
  void writeBallDelay(uint8_t value);
  void writeMissileLock(int missile, uint8_t value);
  void writeAudio(int address, uint8_t value) {  // AUDC0 … AUDV1
    reinterpret_cast<uint8_t*>(&core_.audio)[address - AUDC0] = value;
  }
  void strobeHmove();
  void clearMotion() { std::memset(s_.motion, 0, sizeof s_.motion); }
  void clearCollisions() {
    drawTo(clock());
    s_.collisions = 0;
  }

 private:
  int32_t clock() const { return static_cast<int32_t>(3 * core_.cycle); }
  int lineClock() const { return static_cast<int>(3 * (core_.cycle % kCyclesPerLine)); }
  int32_t sinceHmove() const { return static_cast<int32_t>(3 * core_.cycle - static_cast<uint32_t>(s_.lastHmove)); }
  void endFrame() {
    core_.stop = 1;
    core_.frameUnfinished = 0;
  }
  void drawTo(int32_t time) {
    TiaState& s = s_;
    if (time < s.drawAhead) time = s.drawAhead;
    if (time <= s.drawn || time < start_ || s.drawn >= stop_) return;
    // Within the blank of a line there is nothing to draw.
    if (time - s.lineStart <= kBlankClocks) {
      s.drawn = time;
      if (strict_) blankAhead();
    } else {
      catchUp(std::min(time, stop_));
      if (strict_) blankAhead();
    }
  }
  // The original blanks ahead of what it has drawn, which shows where a frame is cut off there.
  void blankAhead() {
    const int h = s_.drawn - s_.lineStart;
    if (s_.hmoveBlank && pixels_ && h > 0 && h <= kBlankClocks)
      std::memset(pixels_ + s_.row * kScreenWidth, 0, static_cast<size_t>(kBlankClocks + 8 - h));
  }
  // A store without effect still would have drawn up to its time, which can be later than that of the next store.
  void skipTo(int32_t time) { s_.drawAhead = std::max(s_.drawAhead, time); }

  void changePlayfield(uint32_t columns);
  void changeGraphics0(uint8_t value);
  void changeGraphics1(uint8_t value);
  void changeMissileOn(int missile, uint8_t on);
  void changeBallOn(uint8_t on);
  void catchUp(int32_t time);
  void passUnseen(int32_t time);
  template <class Brush>
  void drawLines(int32_t time);
  friend struct Drawing;
  void endLine();
  template <class Brush>
  void drawStretch(int from, int to);
  void collide(int from, int to);
  int paintedTo(int from, int to) const;
  void refreshMasks();
  void showGraphics(uint8_t shown0, uint8_t shown1, int delay);
  uint8_t shownGraphics(int player) const {
    const uint8_t byte = s_.verticalDelay[player] ? s_.delayedGraphics[player] : s_.graphics[player];
    return s_.reflect[player] ? kReversed[byte] : byte;
  }
  void enable(int object, bool on) {
    s_.enabled = static_cast<uint8_t>((s_.enabled & ~(1 << object)) | (on << object));
    if (on) s_.dirty |= static_cast<uint8_t>(1 << object);
    else s_.masks[object] = {};
  }
  void showBall(bool on);
  bool paddleHigh(int paddle) const;

  Core& core_;
  TiaState& s_;
  uint8_t* pixels_;
  const uint8_t* shades_;
  bool strict_;
  int32_t start_, stop_;  // colour clocks of the lines shown
  uint32_t lateCycle_;    // from here on any store ends the frame
  bool pal_, hmoveBlanks_;
};

}  // namespace trellis::atari
