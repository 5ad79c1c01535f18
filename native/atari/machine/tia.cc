// Reading and writing the TIA's registers. Drawing is in tia_draw.cc.
#include "atari/machine/tia.h"

namespace trellis::atari {
namespace {

constexpr uint8_t bit(int object) { return static_cast<uint8_t>(1 << object); }

int storeDelay(int address, uint32_t cycle) {
  switch (address) {
    case VBLANK:
    case REFP0:
    case REFP1:
    case GRP0:
    case GRP1:
      return 1;
    case NUSIZ0:
    case NUSIZ1:
    case RESM0:
    case RESM1:
      return 8;
    case PF0:
    case PF1:
    case PF2:
      return kPlayfieldDelay[cycle & 3];
    default:
      return 0;
  }
}

uint8_t moved(int position, int distance) {
  position += distance;
  position += position < 0 ? kScreenWidth : 0;
  position -= position >= kScreenWidth ? kScreenWidth : 0;
  return static_cast<uint8_t>(position);
}

}  // namespace

void Tia::reset() {
  s_ = {};
  s_.dirty = 0x3F;
  s_.vsyncFinish = kNoTime;
}

void Tia::startFrame(uint32_t cycles) {
  // Unsigned, so that times of a frame that went on for ever wrap quietly.
  s_.vsyncFinish = static_cast<int32_t>(static_cast<uint32_t>(s_.vsyncFinish) - 3 * cycles);
  s_.lastHmove = static_cast<int32_t>(static_cast<uint32_t>(s_.lastHmove) - 3 * cycles);
  s_.dumpRelease -= cycles;
  s_.drawn = s_.lineStart = start_;
  s_.drawAhead = 0;
  s_.row = 0;
  for (int object = 0; object < kObjects; ++object)
    if (!(s_.enabled & bit(object))) s_.masks[object] = {};  // whatever a state from elsewhere has there
  if (pal_)
    for (uint8_t& colour : s_.colours) colour = static_cast<uint8_t>((colour & 0xFE) | (core_.lastLines & 1));
}

// Charging the capacitor of a paddle takes a time proportional to its resistance.
bool Tia::paddleHigh(int paddle) const {
  const int32_t r = core_.inputs.resistance[paddle];
  if (r == 0) return true;
  if (r == kNoTime || s_.dumping) return false;
  const auto needed = static_cast<uint32_t>(((1.6 * r) * 0.01e-6) * 1.19e6);
  return core_.cycle - core_.frameStartCycle > s_.dumpRelease - core_.frameStartCycle + needed;
}

uint8_t Tia::read(int address, uint8_t bus) {
  const int which = address & 15;
  uint8_t value = 0;
  if (which < 8 || strict_) drawTo(clock());
  if (which < 8) {
    value = static_cast<uint8_t>((s_.collisions >> (2 * which) & 3) << 6);
  } else if (which < 12) {
    value = paddleHigh(which - 8) ? 0x80 : 0;
  } else if (which < 14) {
    value = core_.inputs.fire[which - 12];
  }
  return value | (bus & 0x3F);
}

void Tia::writeVsync(uint8_t value) {
  if (value & 2) {
    s_.vsyncFinish = static_cast<int32_t>(3 * core_.cycle + kClocksPerLine);
  } else if (clock() >= s_.vsyncFinish) {
    s_.vsyncFinish = kNoTime;
    endFrame();
  }
  s_.vsync = value;
}

void Tia::writeVblank(uint8_t value) {
  if ((s_.vblank ^ value) & 2) drawTo(clock() + 1);
  else skipTo(clock() + 1);
  if (value & 0x80) {
    s_.dumping = 1;
  } else if (s_.dumping) {
    s_.dumping = 0;
    s_.dumpRelease = core_.cycle;
  }
  s_.vblank = value;
}

void Tia::writeSize(int player, uint8_t value) {
  const bool altered = s_.skipFirst[player] || (player == 0 && (s_.missileHidden || s_.missileWidened));
  if (!altered && ((s_.size[player] ^ value) & 0x37) == 0) return skipTo(clock() + 8);
  drawTo(clock() + 8);
  s_.size[player] = value;
  s_.skipFirst[player] = 0;
  if (player == 0) s_.missileHidden = s_.missileWidened = 0;
  s_.dirty |= bit(kPlayer0 + player) | bit(kMissile0 + player);
}

void Tia::writeControl(uint8_t value) {
  const bool latches = lineClock() < kBlankClocks + 79;
  if (value == s_.control && (!latches || s_.playfieldReflected == (value & 1))) return;
  drawTo(clock());
  s_.control = value;
  s_.dirty |= bit(kBall);
  if (latches && s_.playfieldReflected != (value & 1)) {
    s_.playfieldReflected = value & 1;
    s_.dirty |= bit(kPlayfield);
  }
}

void Tia::writeReflect(int player, uint8_t value) {
  value &= 8;
  if (value == s_.reflect[player]) return skipTo(clock() + 1);
  s_.reflect[player] = value;
  showGraphics(player == 0 ? kReversed[s_.shownGraphics[0]] : s_.shownGraphics[0],
               player == 1 ? kReversed[s_.shownGraphics[1]] : s_.shownGraphics[1], 1);
}

void Tia::changePlayfield(uint32_t next) {
  drawTo(clock() + kPlayfieldDelay[core_.cycle & 3]);
  s_.playfield = next;
  enable(kPlayfield, next != 0);
}

void Tia::strobePlayer(int player) {
  drawTo(clock());
  const int next = strobePosition(lineClock(), 3, 5);
  const int zone =
      kStrobeZones[s_.size[player] & 7][(next - s_.position[kPlayer0 + player] + kScreenWidth) % kScreenWidth];
  if (zone == 2) drawTo(clock() + 11);
  s_.position[kPlayer0 + player] = static_cast<uint8_t>(next);
  s_.skipFirst[player] = zone != 1;
  s_.dirty |= bit(kPlayer0 + player);
}

void Tia::strobeMissile(int missile) {
  drawTo(clock() + 8);
  const int32_t since = sinceHmove();
  const int next = missile == 0 ? strobeMissile0(lineClock(), since) : strobeMissile1(lineClock(), since);
  s_.position[kMissile0 + missile] = static_cast<uint8_t>(next);
  if (missile == 0) s_.missileHidden = s_.missileWidened = 0;
  s_.dirty |= bit(kMissile0 + missile);
}

void Tia::strobeBallPosition() {
  drawTo(clock());
  s_.position[kBall] = static_cast<uint8_t>(strobeBall(lineClock(), sinceHmove()));
  s_.dirty |= bit(kBall);
}

void Tia::showGraphics(uint8_t shown0, uint8_t shown1, int delay) {
  TiaState& s = s_;
  const bool change0 = shown0 != s.shownGraphics[0], change1 = shown1 != s.shownGraphics[1];
  if (!change0 && !change1) return skipTo(clock() + delay);
  drawTo(clock() + delay);
  s.shownGraphics[0] = shown0;
  s.shownGraphics[1] = shown1;
  if (change0) enable(kPlayer0, shown0 != 0);
  if (change1) enable(kPlayer1, shown1 != 0);
}

// Each graphics store also hands the other player's byte on to its delayed copy.
void Tia::changeGraphics0(uint8_t value) {
  s_.graphics[0] = value;
  s_.delayedGraphics[1] = s_.graphics[1];
  showGraphics(shownGraphics(0), s_.verticalDelay[1] ? shownGraphics(1) : s_.shownGraphics[1], 1);
}

void Tia::changeGraphics1(uint8_t value) {
  s_.graphics[1] = value;
  s_.delayedGraphics[0] = s_.graphics[0];
  if (s_.verticalDelay[2] && (s_.ballOn != 0) != ((s_.enabled & bit(kBall)) != 0)) {
    drawTo(clock() + 1);
    enable(kBall, s_.ballOn != 0);
  }
  s_.delayedBallOn = s_.ballOn;
  showGraphics(s_.verticalDelay[0] ? shownGraphics(0) : s_.shownGraphics[0], shownGraphics(1), 1);
}

void Tia::changeMissileOn(int missile, uint8_t value) {
  s_.missileOn[missile] = value;
  if (s_.missileLocked[missile]) return;
  drawTo(clock());
  enable(kMissile0 + missile, value != 0);
}

void Tia::showBall(bool on) {
  if (on == ((s_.enabled & bit(kBall)) != 0)) return;
  drawTo(clock());
  enable(kBall, on);
}

void Tia::changeBallOn(uint8_t value) {
  s_.ballOn = value;
  if (!s_.verticalDelay[2]) showBall(s_.ballOn != 0);
}

void Tia::writeBallDelay(uint8_t value) {
  s_.verticalDelay[2] = value & 1;
  showBall((s_.verticalDelay[2] ? s_.delayedBallOn : s_.ballOn) != 0);
}

void Tia::writePlayerDelay(int player, uint8_t value) {
  s_.verticalDelay[player] = value & 1;
  showGraphics(shownGraphics(0), shownGraphics(1), 0);
}

void Tia::writeMissile0Motion(uint8_t value) {
  value >>= 4;
  if (sinceHmove() == 63 && s_.motion[kMissile0] == 7 && value == 6) {
    drawTo(clock());
    s_.starField = 1;
    s_.starFieldCounter = 0;
  }
  s_.motion[kMissile0] = value;
}

void Tia::writeMissileLock(int missile, uint8_t value) {
  value &= 2;
  if (value == s_.missileLocked[missile]) return;
  drawTo(clock());
  s_.missileLocked[missile] = value;
  if (!value) {
    const int copies = s_.size[missile] & 7;
    const int middle = copies == kDoubleSize ? 8 : copies == kQuadSize ? 16 : 4;
    s_.position[kMissile0 + missile] = moved(s_.position[kPlayer0 + missile], middle);
    if (missile == 0) s_.missileHidden = s_.missileWidened = 0;
  }
  enable(kMissile0 + missile, !value && s_.missileOn[missile]);
}

void Tia::strobeHmove() {
  TiaState& s = s_;  // a local name: stores of bytes could change a member
  const int cycle = static_cast<int>(core_.cycle % kCyclesPerLine);
  const bool blanks = hmoveBlanks_ && (cycle <= 20 || cycle == 75);
  // Byte by byte: they were often just written so, and a wider load would have to wait for that.
  const unsigned motions =
      s.motion[kBall] | s.motion[kMissile0] | s.motion[kMissile1] | s.motion[kPlayer0] | s.motion[kPlayer1];
  const bool odd = (s.skipFirst[0] | s.skipFirst[1] | s.missileHidden | s.missileWidened | s.starField) != 0;
  s.lastHmove = clock();
  // Most often nothing moves. Without a picture the blank then needs no drawing either, but near the end of the screen, where
  // it could outlast it.
  if (motions == 0 && !odd && (cycle <= 11 || cycle >= 75)) {
    if (!blanks) return;
    if (pixels_ || strict_ || clock() >= stop_ - 2 * kClocksPerLine || clock() < start_) drawTo(clock());
    s.hmoveBlank = 1;
    return;
  }
  drawTo(clock());
  if (blanks) s.hmoveBlank = 1;
  const auto& distances = kHmoveDistances[cycle];
  unsigned changed = 0;
  for (int object = kBall; object < kObjects; ++object) {
    const int distance = distances[s.motion[object]];
    s.position[object] = moved(s.position[object], distance);
    changed |= static_cast<unsigned>(distance != 0) << object;
  }
  s.dirty |= static_cast<uint8_t>(changed);
  if (!odd) return;
  for (int player = 0; player < 2; ++player) {
    if (s.skipFirst[player]) s.dirty |= bit(kPlayer0 + player);
    s.skipFirst[player] = 0;
  }
  if (s.missileHidden || s.missileWidened) s.dirty |= bit(kMissile0);
  s.missileHidden = s.missileWidened = 0;
  s.starField = 0;
}

void Tia::write(int address, uint8_t value) {
  late();
  if (strict_) drawTo(clock() + storeDelay(address & 0x3F, core_.cycle));
  switch (address & 0x3F) {
    case VSYNC:
      return writeVsync(value);
    case VBLANK:
      return writeVblank(value);
    case WSYNC:  // does nothing directly after another store of the same instruction
      if (core_.cpu.lastAccessWasRead) writeWsync();
      return;
    case NUSIZ0:
      return writeSize(0, value);
    case NUSIZ1:
      return writeSize(1, value);
    case COLUP0:
      return writeColour(kColourPlayer0, value);
    case COLUP1:
      return writeColour(kColourPlayer1, value);
    case COLUPF:
      return writeColour(kColourPlayfield, value);
    case COLUBK:
      return writeColour(kColourBackground, value);
    case CTRLPF:
      return writeControl(value);
    case REFP0:
      return writeReflect(0, value);
    case REFP1:
      return writeReflect(1, value);
    case PF0:
      return writePlayfield0(value);
    case PF1:
      return writePlayfield1(value);
    case PF2:
      return writePlayfield2(value);
    case RESP0:
      return strobePlayer(0);
    case RESP1:
      return strobePlayer(1);
    case RESM0:
      return strobeMissile(0);
    case RESM1:
      return strobeMissile(1);
    case RESBL:
      return strobeBallPosition();
    case GRP0:
      return writeGraphics0(value);
    case GRP1:
      return writeGraphics1(value);
    case ENAM0:
      return writeMissileOn(0, value);
    case ENAM1:
      return writeMissileOn(1, value);
    case ENABL:
      return writeBallOn(value);
    case HMP0:
      return writeMotion(kPlayer0, value);
    case HMP1:
      return writeMotion(kPlayer1, value);
    case HMM0:
      return writeMissile0Motion(value);
    case HMM1:
      return writeMotion(kMissile1, value);
    case HMBL:
      return writeMotion(kBall, value);
    case VDELP0:
      return writePlayerDelay(0, value);
    case VDELP1:
      return writePlayerDelay(1, value);
    case VDELBL:
      return writeBallDelay(value);
    case RESMP0:
      return writeMissileLock(0, value);
    case RESMP1:
      return writeMissileLock(1, value);
    case HMOVE:
      return strobeHmove();
    case HMCLR:
      return clearMotion();
    case CXCLR:
      return clearCollisions();
    case AUDC0:
    case AUDC1:
    case AUDF0:
    case AUDF1:
    case AUDV0:
    case AUDV1:
      return writeAudio(address & 0x3F, value);
    default:
      return;
  }
}

}  // namespace trellis::atari
