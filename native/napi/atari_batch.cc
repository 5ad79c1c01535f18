// The JavaScript handle of an Atari batch. Arguments arrive valid (src/native/atari-batch.ts checks them).
//
//   new AtariBatch({
//     rom: Uint8Array,              // the cartridge image
//     game: string,                 // an ALE id; decides score, lives, end, modes. Console properties follow the MD5
//     slots: number, threads: number,
//     repeatActionProbability: number, frameSkip: number, maxFramesPerEpisode: number,   // 0.25, 1, 0 = unlimited
//     colourAveraging: boolean, truncateOnLifeLoss: boolean,
//     rewardMinimum: number, rewardMaximum: number,                                      // int32 range = no clamp
//     mode: number, difficulty: number,
//     endOnLifeLoss: boolean,       // a step ends with the act in which a life is lost, and the slot has terminated
//     pixels: boolean,              // screens will be asked for: for the memory that V8 is told of
//     preprocess: null | { width: number, height: number, maxPool: boolean, colour: boolean, stack: number },
//                                   // area-averaged pictures, grey or of three channels: 84x84, or the 52 rows of 40 of 2015
//                                   // (whole blocks of 4 after leaving out a row at top and bottom)
//     audio: boolean,               // the sound of each act is made
//   })                              // every slot: loadROM with seed 0, not yet reset
//   Throws Error with .code ERR_ROM (wrong size, never runs), ERR_ARGUMENT (unknown game, unsupported mode/difficulty),
//   ERR_MEMORY, ERR_PLATFORM (threads do not start).
//
//   .threads .screenHeight .screenWidth(160) .format('NTSC' | 'PAL') .md5 .mapper .pictureSize .maximumStateSize   // read-only
//   .palette: Uint32Array(256)      // 0xRRGGBB of each palette index; .greyPalette: Uint8Array(256)
//   .reset(slots: Int32Array, seeds: Uint32Array | null, faults: Uint8Array(N), mode?: number, difficulty?: number) -> number
//        seeds: load the ROM anew with that random_seed, then reset_game (what Gymnasium's reset(seed) does), one seed for
//        each slot named; null: reset_game only. Mode and difficulty: of these slots, from now on. Fills faults (0, or 3
//        where a mode was not reached) and returns how many there are.
//   .load(slots, seeds, faults) -> number             // loadROM only (it contains one reset of its own)
//   .set(slots, mode?: number, difficulty?: number)   // a mode from the next reset on, a difficulty from the next frame on
//   .restartPictures(slots)         // the present screens are the first that pictures are made of
//   .seed(slots, seeds)             // a new sticky-action generator, nothing else
//   .step(actions: Int32Array(N), outputs)      // action codes 0..17, or -1: leave this slot as it is
//        each slot: `acts` acts of the same action (outputs.acts, default 1), rewards summed, as Gymnasium's frameskip
//        does above the library's own frame_skip. Fills outputs as observe() does; rows of a slot with action -1
//        stay as they are, its reward is 0.
//   .observe(slots, outputs)                    // rows are those of the slots (slot s writes row s), always
//   outputs = { rewards?: Int32Array(N), lives?: Int32Array(N), terminated?: Uint8Array(N), truncated?: Uint8Array(N),
//               frameNumbers?: Int32Array(N), episodeFrameNumbers?: Int32Array(N), ram?: Uint8Array(N*128),
//               screens?: Uint8Array(N*H*160), greys?: Uint8Array(N*H*160), rgb?: Uint8Array(N*H*160*3),
//               lifeLost?: Uint8Array(N),           // 1: this step left fewer lives than it found, and the game goes on
//               frames?: Uint8Array(N*frameRows*h*w)// `preprocess` of every frame of the acts, oldest first; the last again
//                                                   // in the rows of acts that were not done
//               modes?: Int32Array(N), difficulties?: Int32Array(N), audio?: Uint8Array(N*512),   // of the last act
//               actsEach?: Int32Array(N), strengths?: Float32Array(N),   // of each slot: acts, turn of its paddle 0..1
//               picture?: Uint8Array(N*stack*h*w[*3]),   // `preprocess` of the last frame; with maxPool of the maximum of the last
//                                                   // two (after a reset of the last)
//               acts?: number, frameRows?: number,   // frameRows >= acts, the same in every call
//               render?: number }   // render: last frames of the step to draw all the same, for measuring
//   .save(slots: Int32Array, generator: boolean, bytes: Uint8Array, offsets: Uint32Array(n+1)) -> number
//        When they fit, writes the records and their offsets: record i is bytes[offsets[i] .. offsets[i+1]).
//        Returns the bytes needed; more than bytes.length: nothing was written. Call again with more (about
//        2.5 KB a slot, 5 KB with generator; up to maximumStateSize for games with broken frames).
//   .restore(bytes: Uint8Array, offsets: Uint32Array(m+1), rows: Int32Array, slots: Int32Array)
//        record rows[i] goes into slot slots[i]; a record without generator leaves the slot's generator alone. All records
//        named are checked before any slot changes: Error with .code ERR_SNAPSHOT, and nothing has changed.
//   .setRam(slot, address 0..127, value)
//   .close()                        // any later call throws Error with .code ERR_CLOSED
//
// Exported beside it: atariGames() -> [{ id, name, md5, minimalActions, legalActions, modes, difficulties, lives }],
//                     homebrewGame() -> one more of the kind, which is not in that list,
//                     md5(Uint8Array) -> string (lower-case hexadecimal).
#include <napi.h>

#include <memory>

#include "atari/batch.h"
#include "atari/md5.h"
#include "atari/palette.h"
#include "atari/state.h"
#include "napi/atari_batch_arguments.h"
#include "napi/handles.h"
#include "napi/reported_memory.h"

namespace trellis::napi {
namespace {

class AtariBatch : public Napi::ObjectWrap<AtariBatch> {
 public:
  explicit AtariBatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<AtariBatch>(info) {
    const auto object = info[0].As<Napi::Object>();
    const std::string id = text(object, "game");
    const atari::Game* game = atari::findGame(id);
    if (!game) throw codedError(Env(), "ERR_ARGUMENT", "unknown game " + id);
    const atari::BatchOptions options = batchOptions(object, *game);
    if (!game->hasMode(options.mode)) throw codedError(Env(), "ERR_ARGUMENT", id + " has no such mode");
    if (options.difficulty != 0 && !game->hasDifficulty(options.difficulty))
      throw codedError(Env(), "ERR_ARGUMENT", id + " has no such difficulty");
    std::string problem;
    const auto rom = spanOf<uint8_t>(Env(), object.Get("rom"));
    batch_ = made(Env(), [&] { return atari::Batch::make(rom, *game, options, &problem); });
    if (!batch_) throw codedError(Env(), "ERR_ROM", problem);
    memory_.report(Env(), batch_->bytes(flag(object, "pixels")));
    describe(info.This().As<Napi::Object>());
  }

  void Finalize(Napi::BasicEnv env) override { release(env); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "AtariBatch",
                       {InstanceMethod("reset", &AtariBatch::reset), InstanceMethod("load", &AtariBatch::load),
                        InstanceMethod("seed", &AtariBatch::seed), InstanceMethod("set", &AtariBatch::set),
                        InstanceMethod("restartPictures", &AtariBatch::restartPictures),
                        InstanceMethod("step", &AtariBatch::step), InstanceMethod("observe", &AtariBatch::observe),
                        InstanceMethod("save", &AtariBatch::save), InstanceMethod("restore", &AtariBatch::restore),
                        InstanceMethod("setRam", &AtariBatch::setRam), InstanceMethod("close", &AtariBatch::close)});
  }

 private:
  void describe(Napi::Object self) {
    const atari::Machine& machine = batch_->machine();
    const bool pal = machine.geometry().pal;
    self.Set("threads", batch_->threads());
    self.Set("screenHeight", machine.geometry().height);
    self.Set("screenWidth", atari::kScreenWidth);
    self.Set("format", pal ? "PAL" : "NTSC");
    self.Set("md5", machine.cartridge().md5());
    self.Set("mapper", std::string(atari::mapperName(machine.cartridge().mapper())));
    self.Set("pictureSize", batch_->pictureSize());
    self.Set("maximumStateSize", static_cast<double>(atari::maximumStateSize(machine) + batch_->stackBytes()));
    const atari::Palette& colours = atari::palette(pal);
    auto rgb = Napi::Uint32Array::New(Env(), 256);
    auto grey = Napi::Uint8Array::New(Env(), 256);
    for (size_t i = 0; i < 256; ++i) {
      rgb[i] = colours.rgb[i];
      grey[i] = colours.grey[i];
    }
    self.Set("palette", rgb);
    self.Set("greyPalette", grey);
  }

  atari::Batch& batch() {
    if (!batch_) throw codedError(Env(), "ERR_CLOSED", "this batch is closed");
    return *batch_;
  }

  // (slots, seeds | null, faults, mode?, difficulty?)
  Napi::Value reset(const Napi::CallbackInfo& info) {
    atari::Batch& batch = this->batch();
    const auto slots = spanOf<int32_t>(info, 0);
    const auto* seeds = arrayData<uint32_t>(info, 1);
    auto* faults = arrayData<uint8_t>(info, 2);
    setTo(slots, info, 3);
    return count(seeds ? batch.load(slots, seeds, true, faults) : batch.reset(slots, faults));
  }

  // (slots, seeds, faults)
  Napi::Value load(const Napi::CallbackInfo& info) {
    const auto* seeds = arrayData<uint32_t>(info, 1);
    return count(batch().load(spanOf<int32_t>(info, 0), seeds, false, arrayData<uint8_t>(info, 2)));
  }

  Napi::Value count(int faults) { return Napi::Number::New(Env(), faults); }

  void seed(const Napi::CallbackInfo& info) { batch().seed(spanOf<int32_t>(info, 0), arrayData<uint32_t>(info, 1)); }

  void set(const Napi::CallbackInfo& info) { setTo(spanOf<int32_t>(info, 0), info, 1); }

  void restartPictures(const Napi::CallbackInfo& info) { batch().restartPictures(spanOf<int32_t>(info, 0)); }

  // Mode and difficulty, where they are given, behind each other from `first`.
  void setTo(std::span<const int32_t> slots, const Napi::CallbackInfo& info, size_t first) {
    if (info[first].IsNumber()) batch().setMode(slots, integer(info, first));
    if (info[first + 1].IsNumber()) batch().setDifficulty(slots, integer(info, first + 1));
  }

  void step(const Napi::CallbackInfo& info) { batch().step(arrayData<int32_t>(info, 0), outputsOf(info[1])); }

  void observe(const Napi::CallbackInfo& info) { batch().observe(spanOf<int32_t>(info, 0), outputsOf(info[1])); }

  Napi::Value save(const Napi::CallbackInfo& info) {
    atari::Batch& batch = this->batch();
    const auto slots = spanOf<int32_t>(info, 0);
    const bool generator = flag(info, 1);
    const auto bytes = spanOf<uint8_t>(info, 2);
    const auto offsets = spanOf<uint32_t>(info, 3);
    uint64_t needed = 0;
    for (const int32_t slot : slots) needed += batch.stateSize(slot, generator);
    if (needed <= bytes.size()) {
      batch.save(slots, generator, bytes);
      uint64_t end = 0;
      offsets[0] = 0;
      for (size_t i = 0; i < slots.size(); ++i) {
        end += batch.stateSize(slots[i], generator);
        offsets[i + 1] = static_cast<uint32_t>(end);
      }
    }
    return Napi::Number::New(Env(), static_cast<double>(needed));
  }

  void restore(const Napi::CallbackInfo& info) {
    atari::Batch& batch = this->batch();
    const auto bytes = spanOf<uint8_t>(info, 0);
    const auto offsets = spanOf<uint32_t>(info, 1);
    const auto rows = spanOf<int32_t>(info, 2);
    std::vector<std::span<const uint8_t>> states;
    int32_t checked = -1;  // one record often goes into many slots
    for (const int32_t record : rows) {
      const auto at = static_cast<size_t>(record);
      const bool inside = at + 1 < offsets.size() && offsets[at] <= offsets[at + 1] && offsets[at + 1] <= bytes.size();
      if (!inside) throw codedError(Env(), "ERR_SNAPSHOT", "state " + std::to_string(record) + " is cut off");
      states.push_back(bytes.subspan(offsets[at], offsets[at + 1] - offsets[at]));
      if (record == checked) continue;
      if (const char* problem = batch.check(states.back()))
        throw codedError(Env(), "ERR_SNAPSHOT",
                         "state " + std::to_string(record) + " cannot be restored: it is " + problem);
      checked = record;
    }
    batch.restore(states, spanOf<int32_t>(info, 3));
  }

  void setRam(const Napi::CallbackInfo& info) {
    batch().slot(integer(info, 0)).setRam(integer(info, 1), static_cast<uint8_t>(integer(info, 2)));
  }

  void close(const Napi::CallbackInfo&) { release(Env()); }

  void release(Napi::BasicEnv env) {
    batch_ = nullptr;
    memory_.release(env);
  }

  std::unique_ptr<atari::Batch> batch_;
  ReportedMemory memory_;
};

Napi::Value listOf(Napi::Env env, std::span<const int16_t> values) {
  auto list = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); ++i) list[i] = Napi::Number::New(env, values[i]);
  return list;
}

Napi::Object describeGame(Napi::Env env, const atari::Game& game) {
  auto object = Napi::Object::New(env);
  object.Set("id", std::string(game.id));
  object.Set("name", std::string(game.name));
  object.Set("md5", std::string(game.md5));
  object.Set("minimalActions", listOf(env, game.minimalActions));
  object.Set("legalActions", listOf(env, game.legalActions));
  object.Set("modes", listOf(env, game.modes));
  object.Set("difficulties", listOf(env, game.difficulties));
  object.Set("lives", game.initialLives);
  return object;
}

Napi::Value games(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto all = atari::games();
  auto list = Napi::Array::New(env, all.size());
  for (uint32_t i = 0; i < all.size(); ++i) list[i] = describeGame(env, *all[i]);
  return list;
}

Napi::Value homebrew(const Napi::CallbackInfo& info) { return describeGame(info.Env(), atari::homebrewGame()); }

Napi::Value md5Of(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), atari::md5(spanOf<uint8_t>(info, 0)));
}

}  // namespace

void registerAtariBatch(Napi::Env env, Napi::Object exports) {
  exports.Set("AtariBatch", AtariBatch::define(env));
  exports.Set("atariGames", Napi::Function::New(env, games));
  exports.Set("homebrewGame", Napi::Function::New(env, homebrew));
  exports.Set("md5", Napi::Function::New(env, md5Of));
}

}  // namespace trellis::napi
