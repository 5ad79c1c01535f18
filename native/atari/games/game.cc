#include "atari/games/game.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "atari/games/tables.h"

namespace trellis::atari {
namespace {

bool contains(std::span<const int16_t> values, int value) { return std::ranges::find(values, value) != values.end(); }

int reportedLives(const Game& game, const GameState& state) {
  switch (game.livesKind) {
    case Lives::alive:
      return state.terminal ? 0 : 1;
    case Lives::counted:
      return state.terminal ? 0 : state.counter;
    case Lives::raw:
      return state.counter;
    case Lives::constant:
      break;
  }
  return game.initialLives;
}

void commonStep(const Game& game, Memory memory, GameState& state) {
  const int score = game.score(memory);
  if (game.lives) state.counter = game.lives(memory, state.counter);
  state.terminal = game.terminal(memory, state.counter, score);
  if (game.freezesScoreAtEnd && state.terminal) {
    state.reward = 0;
    return;
  }
  payChange(state, score);
  if (game.reward) state.reward = game.reward(state.reward);
}

std::vector<const Game*> sortedGames() {
  std::vector<const Game*> all;
  for (const auto table :
       {paperGames(), livesGamesOfModes(), livesGames(), scoreOnlyGames(), oddActionGames(), oddBoardGames()}) {
    for (const Game& game : table) all.push_back(&game);
  }
  std::ranges::sort(all, {}, &Game::id);
  return all;
}

}  // namespace

void Game::reset(GameState& state) const {
  state.reward = 0;
  state.score = initialScore;
  state.counter = initialLives;
  state.terminal = 0;
  state.started = 0;
  if (oddReset) {
    oddReset(state);
  } else {
    std::ranges::fill(state.extra, 0);
  }
  state.lives = reportedLives(*this, state);
}

void Game::step(Memory memory, GameState& state) const {
  if (oddStep) {
    oddStep(memory, state);
  } else {
    commonStep(*this, memory, state);
  }
  state.lives = reportedLives(*this, state);
}

bool Game::setMode(int mode, ModeDriver& driver) const {
  if (driveMode) return driveMode(mode, driver);
  return inMode ? selectMode(driver, selectFrames, mode, inMode) : true;
}

bool Game::hasMode(int mode) const { return contains(modes, mode); }
bool Game::hasDifficulty(int difficulty) const { return contains(difficulties, difficulty); }
bool Game::isLegal(int action) const { return contains(legalActions, action); }

bool selectMode(ModeDriver& driver, int frames, int mode, bool (*reached)(Memory, int mode)) {
  if (!pressUntil(driver, frames, [&] { return reached(driver.memory(), mode); })) return false;
  driver.softReset();
  return true;
}

std::span<const Game* const> games() {
  static const std::vector<const Game*> all = sortedGames();
  return all;
}

const Game* findGame(std::string_view id) {
  std::string wanted(id);
  for (char& c : wanted) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (wanted == homebrewGame().id) return &homebrewGame();
  const auto all = games();
  const auto found = std::ranges::lower_bound(all, std::string_view(wanted), {}, &Game::id);
  return found != all.end() && (*found)->id == wanted ? *found : nullptr;
}

const Game* findGameByMd5(std::string_view md5) {
  const auto all = games();
  const auto found = std::ranges::find(all, md5, &Game::md5);
  return found != all.end() ? *found : nullptr;
}

}  // namespace trellis::atari
