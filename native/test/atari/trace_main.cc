// atari_trace <rom> [--game id] [--seed n] [--p x] [--frame-skip n] [--mode n] [--difficulty n] [--steps n] [--every n]
//             [--minimal] [--max-frames n] [--truncate-on-life-loss] [--colour-averaging] [--render-every n] [--paddles]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "test/atari/trace.h"

int main(int count, char** arguments) {
  using namespace trellis::atari;
  test::TraceOptions options;
  std::string rom;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    const auto value = [&] { return i + 1 < count ? arguments[++i] : ""; };
    if (name == "--game") options.game = value();
    else if (name == "--seed") options.seed = static_cast<uint32_t>(std::strtoll(value(), nullptr, 10));
    else if (name == "--p") options.settings.repeatActionProbability = std::strtof(value(), nullptr);
    else if (name == "--frame-skip") options.settings.frameSkip = std::atoi(value());
    else if (name == "--mode") options.mode = std::atoi(value());
    else if (name == "--difficulty") options.difficulty = std::atoi(value());
    else if (name == "--steps") options.steps = std::atoi(value());
    else if (name == "--every") options.every = std::atoi(value());
    else if (name == "--minimal") options.allActions = false;
    else if (name == "--max-frames") options.settings.maximumFramesPerEpisode = std::atoi(value());
    else if (name == "--truncate-on-life-loss") options.settings.truncateOnLifeLoss = true;
    else if (name == "--colour-averaging") options.settings.colourAveraging = true;
    else if (name == "--render-every") options.renderEvery = std::atoi(value());
    else if (name == "--paddles") options.bothPaddlesSwapped = true;
    else if (name[0] == '-') return std::fprintf(stderr, "unknown option %s\n", name.c_str()), 2;
    else rom = name;
  }
  try {
    for (const std::string& line : test::trace(test::readFile(rom), options)) std::printf("%s\n", line.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
