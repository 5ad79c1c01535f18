// Rules for cartridges that somebody wrote for them; no cartridge of the list of games has them.
#include "atari/games/tables.h"

namespace trellis::atari {

const Game& homebrewGame() {
  static constexpr Game kGame = {.id = "homebrew",
                                 .name = "Homebrew",
                                 .md5 = "",
                                 .score = [](Memory m) { return m[0x80] + 256 * m[0x81]; },
                                 .terminal = [](Memory m, int, int) { return m[0x82] != 0; }};
  return kGame;
}

}  // namespace trellis::atari
