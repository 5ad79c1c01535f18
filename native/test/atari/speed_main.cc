// atari_speed <rom>...: raw frames per second on one thread, random minimal actions, sticky 0.25: rendered every frame, the
// last two of every four, none. The game is the file's stem.
#include <ctime>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "atari/state.h"
#include "test/atari/trace.h"

namespace {

using namespace trellis::atari;

double framesPerSecond(const std::function<void(int)>& frame, int frames) {
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const std::clock_t begin = std::clock();  // of the processor, as others may use the machine
    for (int i = 0; i < frames; ++i) frame(i);
    const double rate = frames * static_cast<double>(CLOCKS_PER_SEC) / static_cast<double>(std::clock() - begin + 1);
    if (rate > best) best = rate;
  }
  return best;
}

}  // namespace

int main(int count, char** files) {
  const int frames = std::getenv("FRAMES") ? std::atoi(std::getenv("FRAMES")) : 20000;
  for (int file = 1; file < count; ++file) {
    const auto id = std::filesystem::path(files[file]).stem().string();
    auto cartridge = Cartridge::load(test::readFile(files[file]));
    const Game* game = findGame(id);
    if (!cartridge || !game) continue;
    const Game* known = findGameByMd5(cartridge->md5());
    const Machine machine(*cartridge, known ? known->console : ConsoleProperties{});
    uint32_t x = 1;
    const auto play = [&](Environment& env, int render) {
      x = (1103515245u * x + 12345u) & 0x7FFFFFFF;
      env.act(game->minimalActions[(x >> 16) % game->minimalActions.size()], render);
      if (env.over()) env.resetGame();
    };
    double rates[3] = {};
    for (int way = std::getenv("WAY") ? std::atoi(std::getenv("WAY")) : 0;
         way < (std::getenv("LAST") ? std::atoi(std::getenv("LAST")) : 3); ++way) {
      Environment env(machine, *game, {});
      env.loadRom(1);
      x = 1;
      rates[way] = framesPerSecond([&](int i) { play(env, way == 0 ? 1 : way == 1 ? (i & 3) >= 2 : 0); }, frames);
    }
    Environment env(machine, *game, {});
    for (int i = 0; i < 300; ++i) play(env, 0);
    std::vector<uint8_t> bytes(maximumStateSize(machine));
    double states[2];
    for (int generator = 0; generator < 2; ++generator) {
      states[generator] = framesPerSecond(
          [&](int) {
            const size_t size = saveState(env, generator, bytes);
            const std::span<const uint8_t> record(bytes.data(), size);
            if (!checkState(env, record)) restoreState(env, record);
          },
          std::getenv("STATES") ? std::atoi(std::getenv("STATES")) : 200000);
    }
    std::printf("%s %.0f %.0f %.0f %.0f %.0f\n", id.c_str(), rates[0], rates[1], rates[2], states[0], states[1]);
    std::fflush(stdout);
  }
  return 0;
}
