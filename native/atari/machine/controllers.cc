#include "atari/machine/controllers.h"

#include <utility>

namespace trellis::atari {

Stick stickOf(int action) {
  // up 1, right 2, left 4, down 8, fire 16
  constexpr uint8_t kActions[18] = {0, 16, 1, 2, 4, 8, 3, 5, 10, 12, 17, 18, 20, 24, 19, 21, 26, 28};
  const int bits = action >= 0 && action < 18 ? kActions[action] : 0;
  return {(bits & 1) != 0, (bits & 8) != 0, (bits & 4) != 0, (bits & 2) != 0, (bits & 16) != 0};
}

InputState makeInputs(const ConsoleProperties& properties, int action, const int32_t paddles[2], Switches switches) {
  InputState inputs{};
  const Stick stick = stickOf(action);
  int portA = 0xFF;
  inputs.fire[0] = inputs.fire[1] = 0x80;
  for (int32_t& resistance : inputs.resistance) resistance = kNoTime;
  if (properties.leftPaddles) {
    inputs.resistance[0] = paddles[0];
    inputs.resistance[1] = paddles[1];
    if (properties.swapPaddles) std::swap(inputs.resistance[0], inputs.resistance[1]);
    if (stick.fire) portA &= properties.swapPaddles ? ~0x40 : ~0x80;
  }
  if (properties.rightPaddles) inputs.resistance[2] = inputs.resistance[3] = 0;
  const bool rightSocket = properties.swapPorts;
  if (rightSocket ? !properties.rightPaddles : !properties.leftPaddles) {
    const int pressed = stick.up * 0x10 | stick.down * 0x20 | stick.left * 0x40 | stick.right * 0x80;
    portA &= ~(rightSocket ? pressed >> 4 : pressed);
    if (stick.fire) inputs.fire[rightSocket] = 0;
  }
  inputs.portA = static_cast<uint8_t>(portA);
  inputs.switches = static_cast<uint8_t>(0x3C | !switches.reset | !switches.select << 1 |
                                         switches.leftDifficultyA << 6 | switches.rightDifficultyA << 7);
  return inputs;
}

}  // namespace trellis::atari
