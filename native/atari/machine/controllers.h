// Joysticks and paddles in the two sockets, and the switches of the console, as the chips see them.
#pragma once

#include "atari/games/game.h"
#include "atari/machine/core.h"

namespace trellis::atari {

struct Switches {
  bool reset = false, select = false;
  bool leftDifficultyA = false, rightDifficultyA = false;
};

// Which way a joystick action points, and whether it fires.
struct Stick {
  bool up, down, left, right, fire;
};
Stick stickOf(int action);

// Player A does `action`; player B does nothing. `paddles`: resistances of paddles 0 and 1.
InputState makeInputs(const ConsoleProperties& properties, int action, const int32_t paddles[2], Switches switches);

}  // namespace trellis::atari
