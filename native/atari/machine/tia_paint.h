// Colouring a stretch of a line from the masks of what shows where. One function for each kind of processor; all write the
// same bytes.
#pragma once

#include "atari/machine/core.h"

namespace trellis::atari {

// Where each colour shows: disjoint, the rest is background.
struct Layers {
  LineMask player0, player1, playfield;
};

// Bytes for player 0, player 1, playfield, background.
struct Paints {
  uint8_t player0, player1, playfield, background;
};

// Writes pixels from..to-1 of a row, and nothing else.
using Painter = void (*)(uint8_t* row, const Layers& layers, Paints paints, int from, int to);
extern const Painter kPaint;

// Those this processor has, the portable one first: for tests.
struct NamedPainter {
  const char* name;
  Painter paint;
};
int availablePainters(NamedPainter painters[3]);

}  // namespace trellis::atari
