// Reading the arguments of the Atari handle. They are valid already; this only takes them apart.
#pragma once

#include <napi.h>

#include <span>
#include <string>
#include <vector>

#include "atari/batch.h"

namespace trellis::napi {

// An Error with a `code` the TypeScript side turns into its own class.
inline Napi::Error codedError(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// The memory of a typed array, or null when the value is none.
template <class T>
T* dataOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return nullptr;
  const auto array = value.As<Napi::TypedArray>();
  auto* bytes = static_cast<uint8_t*>(array.ArrayBuffer().Data());
  return bytes ? reinterpret_cast<T*>(bytes + array.ByteOffset()) : nullptr;
}

template <class T>
std::span<T> spanOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  return {dataOf<T>(value), value.As<Napi::TypedArray>().ElementLength()};
}

inline int32_t integer(const Napi::Object& object, const char* name, int32_t otherwise) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : otherwise;
}

inline bool flag(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

inline atari::BatchOptions batchOptions(const Napi::Object& object, const atari::Game& game) {
  atari::BatchOptions options;
  options.slots = integer(object, "slots", 1);
  options.threads = integer(object, "threads", 1);
  options.mode = integer(object, "mode", game.modes[0]);
  options.difficulty = integer(object, "difficulty", 0);
  atari::Settings& settings = options.settings;
  const Napi::Value p = object.Get("repeatActionProbability");
  if (p.IsNumber()) settings.repeatActionProbability = p.As<Napi::Number>().FloatValue();
  settings.frameSkip = integer(object, "frameSkip", settings.frameSkip);
  settings.maximumFramesPerEpisode = integer(object, "maxFramesPerEpisode", 0);
  settings.colourAveraging = flag(object, "colourAveraging");
  settings.truncateOnLifeLoss = flag(object, "truncateOnLifeLoss");
  settings.rewardMinimum = integer(object, "rewardMinimum", settings.rewardMinimum);
  settings.rewardMaximum = integer(object, "rewardMaximum", settings.rewardMaximum);
  settings.audio = flag(object, "audio");
  options.stopOnLifeLoss = flag(object, "stopOnLifeLoss");
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
  outputs.rewards = dataOf<int32_t>(object.Get("rewards"));
  outputs.lives = dataOf<int32_t>(object.Get("lives"));
  outputs.terminated = dataOf<uint8_t>(object.Get("terminated"));
  outputs.truncated = dataOf<uint8_t>(object.Get("truncated"));
  outputs.lifeLost = dataOf<uint8_t>(object.Get("lifeLost"));
  outputs.frameNumbers = dataOf<int32_t>(object.Get("frameNumbers"));
  outputs.episodeFrameNumbers = dataOf<int32_t>(object.Get("episodeFrameNumbers"));
  outputs.ram = dataOf<uint8_t>(object.Get("ram"));
  outputs.screens = dataOf<uint8_t>(object.Get("screens"));
  outputs.greys = dataOf<uint8_t>(object.Get("greys"));
  outputs.rgb = dataOf<uint8_t>(object.Get("rgb"));
  outputs.frames = dataOf<uint8_t>(object.Get("frames"));
  outputs.pictures = dataOf<uint8_t>(object.Get("picture"));
  outputs.audio = dataOf<uint8_t>(object.Get("audio"));
  outputs.modes = dataOf<int32_t>(object.Get("modes"));
  outputs.difficulties = dataOf<int32_t>(object.Get("difficulties"));
  outputs.repeatsEach = dataOf<int32_t>(object.Get("repeatsEach"));
  outputs.strengths = dataOf<float>(object.Get("strengths"));
  outputs.repeats = integer(object, "repeats", 1);
  outputs.frameRows = integer(object, "frameRows", outputs.repeats);
  outputs.render = integer(object, "render", 0);
  return outputs;
}

// The slots named, or all.
inline std::vector<int32_t> slotsOf(const Napi::Value& value, int count) {
  if (value.IsTypedArray()) {
    const auto named = spanOf<int32_t>(value);
    return {named.begin(), named.end()};
  }
  std::vector<int32_t> all(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) all[static_cast<size_t>(i)] = i;
  return all;
}

}  // namespace trellis::napi
