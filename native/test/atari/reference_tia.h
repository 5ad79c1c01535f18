// A plain TIA: pixel by pixel, object by object, straight from the description of the chip. The measure of the fast one.
#pragma once

#include <cstdint>
#include <vector>

#include "atari/machine/core.h"

namespace trellis::atari::test {

class ReferenceTia {
 public:
  ReferenceTia(Core& core, const Geometry& geometry);

  void reset();
  void startFrame(uint32_t cycles);
  uint8_t read(int address, uint8_t bus);
  void write(int address, uint8_t value);

  // The buffer being drawn (core.buffer) and the other: kMaximumRows x 160.
  std::vector<uint8_t>& pixels(int buffer) { return buffers_[buffer]; }
  int64_t drawn() const { return drawn_; }
  int collisions() const { return collisions_; }

 private:
  struct Player {
    int position = 0, size = 0, graphics = 0, delayed = 0, motion = 0;
    bool delay = false, reflected = false;
    int shownPosition = 0, shownCopies = 0;  // as latched
    bool skipFirst = false;
  };
  struct Missile {
    int position = 0, motion = 0;
    bool on = false, locked = false;
    int shownPosition = 0, shownCopies = 0, width = 1;  // as latched
    bool hidden = false;
  };
  int64_t now() const { return 3 * static_cast<int64_t>(core_.cycle); }
  int clockOfLine() const { return static_cast<int>(now() % kClocksPerLine); }
  void drawTo(int64_t time);
  uint8_t colourAt(int x, bool collide);
  void drawPixel(int x);
  void paintAhead(int from);
  void endLine();
  void latch(Player& player, bool skipFirst = false);
  void latch(int missile);
  bool playerAt(const Player& player, int x) const;
  bool missileAt(int missile, int x) const;
  bool ballAt(int x) const;
  bool playfieldAt(int x) const;
  int shown(const Player& player) const;
  bool ballEnabled() const { return ballDelay_ ? delayedBall_ : ball_; }
  void strobePlayer(int which);
  void hmove();

  Core& core_;
  const Geometry& geometry_;
  std::vector<uint8_t> buffers_[2];
  Player players_[2];
  Missile missiles_[2];
  int colours_[4] = {};
  int playfields_[3] = {}, control_ = 0, vblank_ = 0;
  int ballPosition_ = 0, ballMotion_ = 0, ballShown_ = 0, ballWidth_ = 1;
  bool ball_ = false, delayedBall_ = false, ballDelay_ = false, reflectLatch_ = false, blank_ = false, dumping_ = false;
  bool stars_ = false;
  int starCounter_ = 0, collisions_ = 0, row_ = 0;
  int64_t drawn_ = 0, vsyncFinish_ = 0, lastHmove_ = 0, dumpRelease_ = 0;
};

}  // namespace trellis::atari::test
