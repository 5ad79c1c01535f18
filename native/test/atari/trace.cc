#include "test/atari/trace.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "test/atari/crc.h"

namespace trellis::atari::test {
namespace {

std::string row(const std::string& step, const std::string& action, const std::string& reward, Environment& env) {
  char text[128];
  std::snprintf(text, sizeof text, ",%d,%d,%08x,%08x", env.lives(), env.over() ? 1 : 0,
                static_cast<unsigned>(crc32(env.ram().data(), 128)),
                static_cast<unsigned>(crc32(env.screen(), static_cast<size_t>(env.screenHeight()) * kScreenWidth)));
  return step + "," + action + "," + reward + text;
}

}  // namespace

std::vector<uint8_t> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> trace(const std::vector<uint8_t>& rom, const TraceOptions& options) {
  std::string problem;
  auto cartridge = Cartridge::load(rom, &problem);
  if (!cartridge) throw std::runtime_error(problem);
  const Game* game = findGame(options.game);
  if (!game) throw std::runtime_error("unknown game " + options.game);
  const Game* known = findGameByMd5(cartridge->md5());
  ConsoleProperties properties = known ? known->console : ConsoleProperties{};
  if (options.bothPaddlesSwapped) properties.leftPaddles = properties.rightPaddles = properties.swapPaddles = true;
  const Machine machine(*cartridge, properties);
  Environment env(machine, *game, options.settings);
  std::vector<std::string> lines = {"step,action,reward,lives,over,ramcrc,screencrc"};
  env.loadRom(options.seed);
  lines.push_back(row("load", "", "", env));
  if (options.mode >= 0) env.setMode(options.mode);
  env.setDifficulty(options.difficulty);
  if (!env.resetGame()) throw std::runtime_error("the mode was not reached");
  lines.push_back(row("reset", "", "", env));
  const auto actions = options.allActions ? kAllActions : game->minimalActions;
  uint32_t x = 1;
  int64_t total = 0;
  for (int step = 1; step <= options.steps; ++step) {
    x = (1103515245u * x + 12345u) & 0x7FFFFFFF;
    const int action = actions[(x >> 16) % actions.size()];
    const int32_t reward = env.act(action, options.renderEvery && step % options.renderEvery == 0);
    total += reward;
    if (step % options.every == 0 || env.over())
      lines.push_back(row(std::to_string(step), std::to_string(action), std::to_string(reward), env));
    if (env.over()) {
      if (!env.resetGame()) throw std::runtime_error("the mode was not reached");
      lines.push_back(row("reset@" + std::to_string(step), "", "", env));
    }
  }
  lines.push_back("total," + std::to_string(total) + ",,,,,");
  return lines;
}

}  // namespace trellis::atari::test
