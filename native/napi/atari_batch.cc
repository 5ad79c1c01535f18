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
//     preprocess: null | { width: number, height: number, maxPool: boolean },            // area-averaged grey pictures
//     frames: number,               // how many frames an act() keeps for `preprocess`: see below
//   })                              // every slot: loadROM with seed 0, not yet reset
//   Throws Error with .code ERR_ROM (wrong size, never runs), ERR_ARGUMENT (unknown game, unsupported mode/difficulty).
//
//   .screenHeight .screenWidth(160) .format('NTSC' | 'PAL') .md5 .mapper .actRepeat   // read-only
//   .palette: Uint32Array(256)      // 0xRRGGBB of each palette index; .greyPalette: Uint8Array(256)
//   .reset(slots: Int32Array | null, seeds: Uint32Array | null, mode?: number, difficulty?: number)
//        seeds: load the ROM anew with that random_seed, then reset_game (what Gymnasium's reset(seed) does), one seed for
//        each slot named; null: reset_game only. slots null = all.
//   .load(slots, seeds)             // loadROM only (it contains one reset of its own)
//   .seed(slots, seeds)             // a new sticky-action generator, nothing else
//   .step(actions: Int32Array(N), outputs)      // action codes 0..17, or -1: leave this slot as it is
//        each slot: `repeats` acts of the same action (outputs.repeats, default 1), rewards summed, as Gymnasium's
//        frameskip does above the library's own frame_skip. Fills outputs as observe() does, for all slots.
//   .observe(slots | null, outputs)             // rows are those of the slots (slot s writes row s), always
//   outputs = { rewards?: Int32Array(N), lives?: Int32Array(N), terminated?: Uint8Array(N), truncated?: Uint8Array(N),
//               frameNumbers?: Int32Array(N), episodeFrameNumbers?: Int32Array(N), ram?: Uint8Array(N*128),
//               screens?: Uint8Array(N*H*160), greys?: Uint8Array(N*H*160), rgb?: Uint8Array(N*H*160*3),
//               frames?: Uint8Array(N*repeats*h*w)  // `preprocess` of every frame of the acts: oldest first (repeats frames)
//               picture?: Uint8Array(N*h*w),        // `preprocess` of the maximum of the last two frames (84x84 style)
//               repeats?: number }
//   .stateSizes(slots: Int32Array, generator: boolean) -> Uint32Array   // bytes of each slot's state as it is now
//   .save(slots: Int32Array, generator: boolean, bytes: Uint8Array, offsets: Uint32Array(n+1)) -> number   // bytes used;
//        -1: `bytes` too small. Record i is bytes[offsets[i] .. offsets[i+1]). Position-independent; carries version and MD5.
//   .restore(bytes: Uint8Array, offsets: Uint32Array(m+1), records: Int32Array, slots: Int32Array)
//        record records[i] goes into slot slots[i]; a record without generator leaves the slot's generator alone. All records
//        named are checked before any slot changes: Error with .code ERR_SNAPSHOT, and nothing has changed.
//   .setRam(slot, address 0..127, value)
//   .close()                        // any later call throws Error with .code ERR_CLOSED
//
// Exported beside it: atariGames() -> [{ id, name, md5, minimalActions, legalActions, modes, difficulties, lives }],
//                     md5(Uint8Array) -> string (lower-case hexadecimal).
#include "napi/handles.h"

namespace trellis::napi {

void registerAtariBatch(Napi::Env, Napi::Object) {}

}  // namespace trellis::napi
