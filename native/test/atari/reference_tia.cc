#include "test/atari/reference_tia.h"

#include <algorithm>

#include "atari/machine/tia_tables.h"

namespace trellis::atari::test {
namespace {

int wrap(int x) { return ((x % 160) + 160) % 160; }
int reversed(int byte) {
  int result = 0;
  for (int i = 0; i < 8; ++i) result |= (byte >> i & 1) << (7 - i);
  return result;
}

}  // namespace

ReferenceTia::ReferenceTia(Core& core, const Geometry& geometry) : core_(core), geometry_(geometry) {
  for (auto& buffer : buffers_) buffer.assign(kMaximumRows * kScreenWidth, 0);
  reset();
}

void ReferenceTia::reset() {
  for (auto& buffer : buffers_) std::fill(buffer.begin(), buffer.end(), uint8_t{0});
  for (auto& player : players_) player = {};
  for (auto& missile : missiles_) missile = {};
  std::fill(std::begin(colours_), std::end(colours_), 0);
  std::fill(std::begin(playfields_), std::end(playfields_), 0);
  control_ = vblank_ = ballPosition_ = ballMotion_ = ballShown_ = starCounter_ = collisions_ = row_ = 0;
  ballWidth_ = 1;
  ball_ = delayedBall_ = ballDelay_ = reflectLatch_ = blank_ = dumping_ = stars_ = false;
  drawn_ = lastHmove_ = dumpRelease_ = 0;
  vsyncFinish_ = kNoTime;
}

void ReferenceTia::startFrame(uint32_t cycles) {
  vsyncFinish_ -= 3 * static_cast<int64_t>(cycles);
  lastHmove_ -= 3 * static_cast<int64_t>(cycles);
  dumpRelease_ -= cycles;
  drawn_ = static_cast<int64_t>(geometry_.yStart) * kClocksPerLine;
  row_ = 0;
  if (geometry_.pal)
    for (int& colour : colours_) colour = (colour & 0xFE) | (core_.lastLines & 1);
}

int ReferenceTia::shown(const Player& player) const {
  const int byte = player.delay ? player.delayed : player.graphics;
  return player.reflected ? reversed(byte) : byte;
}

void ReferenceTia::latch(Player& player, bool skipFirst) {
  player.shownPosition = player.position;
  player.shownCopies = player.size & 7;
  player.skipFirst = skipFirst;
}

void ReferenceTia::latch(int which) {
  Missile& missile = missiles_[which];
  missile.shownPosition = missile.position;
  missile.shownCopies = players_[which].size & 7;
  missile.width = 1 << (players_[which].size >> 4 & 3);
  missile.hidden = false;
}

bool ReferenceTia::playerAt(const Player& player, int x) const {
  const int byte = shown(player), d = wrap(x - player.shownPosition), copies = player.shownCopies;
  if (copies == 5) return !player.skipFirst && d >= 1 && d <= 16 && (byte >> (7 - (d - 1) / 2) & 1);
  if (copies == 7) return !player.skipFirst && d >= 1 && d <= 32 && (byte >> (7 - (d - 1) / 4) & 1);
  for (int i = player.skipFirst; i < kCopies[copies].count; ++i) {
    const int within = d - kCopies[copies].offset[i];
    if (within >= 0 && within < 8 && (byte >> (7 - within) & 1)) return true;
  }
  return false;
}

bool ReferenceTia::missileAt(int which, int x) const {
  const Missile& missile = missiles_[which];
  if (!missile.on || missile.locked || missile.hidden) return false;
  const int d = wrap(x - missile.shownPosition);
  for (int i = 0; i < kCopies[missile.shownCopies].count; ++i) {
    const int within = d - kCopies[missile.shownCopies].offset[i];
    if (within >= 0 && within < missile.width) return true;
  }
  return false;
}

bool ReferenceTia::ballAt(int x) const { return ballEnabled() && wrap(x - ballShown_) < ballWidth_; }

bool ReferenceTia::playfieldAt(int x) const {
  int column = x / 4;
  if (column >= 20) column = reflectLatch_ ? 39 - column : column - 20;
  if (column < 4) return playfields_[0] >> (4 + column) & 1;
  if (column < 12) return playfields_[1] >> (11 - column) & 1;
  return playfields_[2] >> (column - 12) & 1;
}

uint8_t ReferenceTia::colourAt(int x, bool collide) {
  int colour = 0;
  if (!(vblank_ & 2)) {
    const bool hit[kObjects] = {playfieldAt(x),           ballAt(x),
                                missileAt(0, x),          missileAt(1, x),
                                playerAt(players_[0], x), playerAt(players_[1], x)};
    for (int pair = 0; pair < 16; ++pair)
      if (collide && pair != 12 && hit[kCollisionPairs[pair].a] && hit[kCollisionPairs[pair].b])
        collisions_ |= 1 << pair;
    const bool onlyPlayfield = (playfields_[0] & 0xF0 || playfields_[1] || playfields_[2]) && !ballEnabled() &&
                               !(missiles_[0].on && !missiles_[0].locked) &&
                               !(missiles_[1].on && !missiles_[1].locked) && !shown(players_[0]) && !shown(players_[1]);
    const bool zero = hit[kPlayer0] || hit[kMissile0], one = hit[kPlayer1] || hit[kMissile1];
    const int scoreColour = control_ & 2 ? (x < 80 ? kColourPlayer0 : kColourPlayer1) : kColourPlayfield;
    int which = kColourBackground;
    if (!(control_ & 4) || onlyPlayfield) {
      if (hit[kBall]) which = kColourPlayfield;
      if (hit[kPlayfield]) which = scoreColour;
      if (one && which != kColourPlayer0) which = kColourPlayer1;
      if (zero) which = kColourPlayer0;
    } else {
      if (one) which = kColourPlayer1;
      if (zero) which = kColourPlayer0;
      if (hit[kBall] || hit[kPlayfield]) which = kColourPlayfield;
    }
    colour = colours_[which];
  }
  return static_cast<uint8_t>(colour);
}

void ReferenceTia::drawPixel(int x) {
  int colour = colourAt(x, true);
  if (blank_ && x < 8) colour = 0;
  if (x == 7) blank_ = false;
  buffers_[core_.buffer][static_cast<size_t>(row_ * kScreenWidth + x)] = static_cast<uint8_t>(colour);
}

void ReferenceTia::endLine() {
  reflectLatch_ = control_ & 1;
  latch(players_[0]);
  latch(players_[1]);
  if (stars_) {
    starCounter_ = (starCounter_ + 1) & 3;
    missiles_[0].position = wrap(missiles_[0].position - kStarFieldSteps[starCounter_]);
    latch(0);
    if (starCounter_ == 1) missiles_[0].width = 1 << ((players_[0].size >> 4 & 3) | 1);
    missiles_[0].hidden = starCounter_ == 2;
  }
  ++row_;
}

// Pixels beyond what is drawn that the original has touched: seen only where a frame ends there.
void ReferenceTia::paintAhead(int from) {
  const int x = static_cast<int>(drawn_ % kClocksPerLine) - kBlankClocks;
  uint8_t* row = buffers_[core_.buffer].data() + row_ * kScreenWidth;
  const bool on[kObjects] = {(playfields_[0] & 0xF0) || playfields_[1] || playfields_[2],
                             ballEnabled(),
                             missiles_[0].on && !missiles_[0].locked,
                             missiles_[1].on && !missiles_[1].locked,
                             shown(players_[0]) != 0,
                             shown(players_[1]) != 0};
  const int others = on[1] + on[2] + on[3] + on[4] + on[5];
  bool whole = false;  // groups of four at once
  if (on[kPlayfield]) whole = others == 0 || (others == 1 && !on[kMissile0] && !on[kMissile1] && !(control_ & 2));
  else if (others == 1) whole = true;
  else if (others == 2) whole = (!on[kPlayer0] && !on[kPlayer1]) || (on[kPlayer1] && (on[kBall] || on[kPlayer0]));
  const int group = x & ~3;
  if (x > group && from <= group && x > 0 && whole && !(vblank_ & 2)) {
    bool empty = true;
    for (int i = group; i < group + 4; ++i) {
      Player dots[2] = {players_[0], players_[1]};
      for (Player& player : dots) player.delay = false, player.graphics = 0xFF;
      empty = empty && !ballAt(i) && !missileAt(0, i) && !missileAt(1, i) && !(on[kPlayer0] && playerAt(dots[0], i)) &&
              !(on[kPlayer1] && playerAt(dots[1], i));
    }
    for (int i = x; empty && i < group + 4; ++i) row[i] = colourAt(i, false);
  }
  if (blank_ && x > -kBlankClocks)
    for (int i = std::max(x, 0); i < 8 - std::min(x, 0); ++i) row[i] = 0;
}

void ReferenceTia::drawTo(int64_t time) {
  const int64_t start = static_cast<int64_t>(geometry_.yStart) * kClocksPerLine;
  const int64_t stop = start + static_cast<int64_t>(geometry_.height) * kClocksPerLine;
  if (time < start) return;
  if (drawn_ >= std::min(time, stop)) return;
  const int64_t before = drawn_;
  for (time = std::min(time, stop); drawn_ < time; ++drawn_) {
    const int x = static_cast<int>(drawn_ % kClocksPerLine) - kBlankClocks;
    if (x >= 0) drawPixel(x);
    if (x == kScreenWidth - 1) endLine();
  }
  const bool sameLine = before / kClocksPerLine == drawn_ / kClocksPerLine;
  paintAhead(sameLine ? static_cast<int>(before % kClocksPerLine) - kBlankClocks : -kBlankClocks);
}

uint8_t ReferenceTia::read(int address, uint8_t bus) {
  drawTo(now());
  const int which = address & 15;
  int value = 0;
  if (which < 8) value = (collisions_ >> (2 * which) & 3) << 6;
  else if (which == 12 || which == 13) value = core_.inputs.fire[which - 12];
  else if (which < 12) {
    const int32_t r = core_.inputs.resistance[which - 8];
    const auto needed = static_cast<uint32_t>(((1.6 * r) * 0.01e-6) * 1.19e6);
    const auto release = static_cast<uint32_t>(dumpRelease_ - core_.frameStartCycle);
    const bool charged = r != kNoTime && !dumping_ && core_.cycle - core_.frameStartCycle > release + needed;
    value = r == 0 || charged ? 0x80 : 0;
  }
  return static_cast<uint8_t>(value | (bus & 0x3F));
}

void ReferenceTia::strobePlayer(int which) {
  Player& player = players_[which];
  const int next = strobePosition(clockOfLine(), 3, 5);
  const int zone = strobeZone(next, player.position, player.size & 7);
  if (zone == 2) drawTo(now() + 11);
  player.position = next;
  latch(player, zone != 1);
}

void ReferenceTia::hmove() {
  const int cycle = static_cast<int>(core_.cycle % kCyclesPerLine);
  if (geometry_.hmoveBlanks && (cycle <= 20 || cycle == 75)) blank_ = true;
  for (int i = 0; i < 2; ++i) {
    players_[i].position = wrap(players_[i].position + hmoveDistance(cycle, players_[i].motion));
    missiles_[i].position = wrap(missiles_[i].position + hmoveDistance(cycle, missiles_[i].motion));
    latch(players_[i]);
    latch(i);
  }
  ballShown_ = ballPosition_ = wrap(ballPosition_ + hmoveDistance(cycle, ballMotion_));
  lastHmove_ = now();
  stars_ = false;
}

void ReferenceTia::write(int address, uint8_t value) {
  const int reg = address & 0x3F;
  const auto end = [&] {
    core_.stop = 1;
    core_.frameUnfinished = 0;
  };
  if (core_.cycle / kCyclesPerLine > static_cast<uint32_t>(geometry_.lineLimit())) end();
  int delay = 0;
  if (reg == VBLANK || reg == REFP0 || reg == REFP1 || reg == GRP0 || reg == GRP1) delay = 1;
  if (reg == NUSIZ0 || reg == NUSIZ1 || reg == RESM0 || reg == RESM1) delay = 8;
  if (reg >= PF0 && reg <= PF2) delay = kPlayfieldDelay[clockOfLine() / 3 & 3];
  drawTo(now() + delay);
  const int64_t since = now() - lastHmove_;
  const int h = clockOfLine();
  switch (reg) {
    case VSYNC:
      if (value & 2) vsyncFinish_ = now() + kClocksPerLine;
      else if (now() >= vsyncFinish_) vsyncFinish_ = kNoTime, end();
      break;
    case VBLANK:
      if ((vblank_ & 0x80) && !(value & 0x80)) dumpRelease_ = core_.cycle;
      dumping_ = value & 0x80;
      vblank_ = value;
      break;
    case WSYNC:
      if (core_.cpu.lastAccessWasRead && core_.cycle % kCyclesPerLine)
        core_.cycle += kCyclesPerLine - core_.cycle % kCyclesPerLine;
      break;
    case NUSIZ0:
    case NUSIZ1:
      players_[reg - NUSIZ0].size = value;
      latch(players_[reg - NUSIZ0]);
      latch(reg - NUSIZ0);
      break;
    case COLUP0:
    case COLUP1:
    case COLUPF:
    case COLUBK:
      colours_[reg - COLUP0] = (value & 0xFE) | (geometry_.pal && core_.lastLines & 1);
      break;
    case CTRLPF:
      control_ = value;
      ballShown_ = ballPosition_;
      ballWidth_ = 1 << (value >> 4 & 3);
      if (h < kBlankClocks + 79) reflectLatch_ = value & 1;
      break;
    case REFP0:
    case REFP1:
      players_[reg - REFP0].reflected = value & 8;
      break;
    case PF0:
    case PF1:
    case PF2:
      playfields_[reg - PF0] = value;
      break;
    case RESP0:
    case RESP1:
      strobePlayer(reg - RESP0);
      break;
    case RESM0:
      missiles_[0].position = strobeMissile0(h, static_cast<int32_t>(since)), latch(0);
      break;
    case RESM1:
      missiles_[1].position = strobeMissile1(h, static_cast<int32_t>(since)), latch(1);
      break;
    case RESBL:
      ballShown_ = ballPosition_ = strobeBall(h, static_cast<int32_t>(since));
      break;
    case GRP0:
      players_[0].graphics = value, players_[1].delayed = players_[1].graphics;
      break;
    case GRP1:
      players_[1].graphics = value;
      players_[0].delayed = players_[0].graphics;
      delayedBall_ = ball_;
      break;
    case ENAM0:
    case ENAM1:
      missiles_[reg - ENAM0].on = value & 2;
      break;
    case ENABL:
      ball_ = value & 2;
      break;
    case HMP0:
    case HMP1:
      players_[reg - HMP0].motion = value >> 4;
      break;
    case HMM0:
      if (since == 63 && missiles_[0].motion == 7 && value >> 4 == 6) stars_ = true, starCounter_ = 0;
      missiles_[0].motion = value >> 4;
      break;
    case HMM1:
      missiles_[1].motion = value >> 4;
      break;
    case HMBL:
      ballMotion_ = value >> 4;
      break;
    case VDELP0:
    case VDELP1:
      players_[reg - VDELP0].delay = value & 1;
      break;
    case VDELBL:
      ballDelay_ = value & 1;
      break;
    case RESMP0:
    case RESMP1: {
      const int which = reg - RESMP0;
      if (missiles_[which].locked && !(value & 2)) {
        const int copies = players_[which].size & 7;
        missiles_[which].position = wrap(players_[which].position + (copies == 5 ? 8 : copies == 7 ? 16 : 4));
        latch(which);
      }
      missiles_[which].locked = value & 2;
      break;
    }
    case HMOVE:
      hmove();
      break;
    case HMCLR:
      players_[0].motion = players_[1].motion = missiles_[0].motion = missiles_[1].motion = ballMotion_ = 0;
      break;
    case CXCLR:
      collisions_ = 0;
      break;
    default:
      break;
  }
}

}  // namespace trellis::atari::test
