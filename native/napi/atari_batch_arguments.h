// What the Atari handle is given as objects: options and outputs. They are valid already; this only takes them apart.
#pragma once

#include "atari/batch.h"
#include "napi/arguments.h"

namespace trellis::napi {

inline atari::BatchOptions batchOptions(const Napi::Object& object, const atari::Game& game) {
  atari::BatchOptions options;
  options.slots = integer(object, "slots", 1);
  options.threads = integer(object, "threads", 1);
  options.mode = integer(object, "mode", game.modes[0]);
  options.difficulty = integer(object, "difficulty", 0);
  atari::Settings& settings = options.settings;
  settings.repeatActionProbability = number(object, "repeatActionProbability", settings.repeatActionProbability);
  settings.frameSkip = integer(object, "frameSkip", settings.frameSkip);
  settings.maximumFramesPerEpisode = integer(object, "maxFramesPerEpisode", 0);
  settings.colourAveraging = flag(object, "colourAveraging");
  settings.truncateOnLifeLoss = flag(object, "truncateOnLifeLoss");
  settings.rewardMinimum = integer(object, "rewardMinimum", settings.rewardMinimum);
  settings.rewardMaximum = integer(object, "rewardMaximum", settings.rewardMaximum);
  settings.audio = flag(object, "audio");
  options.endOnLifeLoss = flag(object, "endOnLifeLoss");
  const Napi::Value preprocess = object.Get("preprocess");
  if (preprocess.IsObject()) {
    const auto shape = preprocess.As<Napi::Object>();
    options.picture = {integer(shape, "height", 84), integer(shape, "width", 84), flag(shape, "maxPool"),
                       flag(shape, "colour"), integer(shape, "stack", 1)};
  }
  return options;
}

inline atari::Outputs outputsOf(const Napi::Value& value) {
  atari::Outputs outputs;
  if (!value.IsObject()) return outputs;
  const auto object = value.As<Napi::Object>();
  outputs.rewards = arrayData<int32_t>(object, "rewards");
  outputs.lives = arrayData<int32_t>(object, "lives");
  outputs.terminated = arrayData<uint8_t>(object, "terminated");
  outputs.truncated = arrayData<uint8_t>(object, "truncated");
  outputs.lifeLost = arrayData<uint8_t>(object, "lifeLost");
  outputs.frameNumbers = arrayData<int32_t>(object, "frameNumbers");
  outputs.episodeFrameNumbers = arrayData<int32_t>(object, "episodeFrameNumbers");
  outputs.ram = arrayData<uint8_t>(object, "ram");
  outputs.screens = arrayData<uint8_t>(object, "screens");
  outputs.greys = arrayData<uint8_t>(object, "greys");
  outputs.rgb = arrayData<uint8_t>(object, "rgb");
  outputs.frames = arrayData<uint8_t>(object, "frames");
  outputs.pictures = arrayData<uint8_t>(object, "picture");
  outputs.audio = arrayData<uint8_t>(object, "audio");
  outputs.modes = arrayData<int32_t>(object, "modes");
  outputs.difficulties = arrayData<int32_t>(object, "difficulties");
  outputs.actsEach = arrayData<int32_t>(object, "actsEach");
  outputs.strengths = arrayData<float>(object, "strengths");
  outputs.acts = integer(object, "acts", 1);
  outputs.frameRows = integer(object, "frameRows", outputs.acts);
  outputs.render = integer(object, "render", 0);
  return outputs;
}

}  // namespace trellis::napi
