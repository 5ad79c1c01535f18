// Colouring a stretch of a line from the masks of what shows where. One function for each kind of processor; all write the
// same bytes.
#pragma once

#include "atari/machine/core.h"

namespace trellis::atari {

// What a stretch of a line is painted from. Bytes to write come first.
struct Scene {
  uint8_t player0, player1, playfield, background;
  const LineMask* masks;  // of the six objects
  // All bits or none, so that they need no branch:
  uint64_t score;   // the playfield's halves have the players' colours
  uint64_t before;  // playfield and ball cover the players
};

// Where 64 pixels show each colour: player 0 covers player 1, and they the playfield. The rest is background.
struct Layers {
  uint64_t player0, player1, playfield;
};
inline Layers layersOf(const Scene& scene, int word) {
  static constexpr uint64_t kLeftHalf[3] = {~uint64_t{0}, 0xFFFF, 0};
  const LineMask* const masks = scene.masks;
  const uint64_t field = masks[kPlayfield].word[word], halves = field & scene.score;
  const uint64_t front = (field & ~scene.score) | masks[kBall].word[word], shown = ~(front & scene.before);
  const uint64_t left = halves & kLeftHalf[word];
  return {(masks[kPlayer0].word[word] | masks[kMissile0].word[word] | left) & shown,
          (masks[kPlayer1].word[word] | masks[kMissile1].word[word] | (halves ^ left)) & shown, front};
}

// Writes pixels from..to-1 of a row, and nothing else.
using Painter = void (*)(uint8_t* row, const Scene& scene, int from, int to);
extern const Painter kPaint;

// Those this processor has, the portable one first: for tests.
struct NamedPainter {
  const char* name;
  Painter paint;
};
int availablePainters(NamedPainter painters[3]);

}  // namespace trellis::atari
