// Colouring a stretch of a line from the masks of what shows where. One brush for each kind of processor; all write the same
// bytes: pixels from..to-1 of a row, and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "atari/machine/core.h"
#include "atari/machine/tia_masks.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define TRELLIS_X86 1
#include <immintrin.h>
// What a function for such a processor is compiled for.
#define TRELLIS_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#define TRELLIS_AVX512 __attribute__((target("avx512f,avx512bw,bmi,bmi2")))
#endif

namespace trellis::atari {

// What a stretch of a line is painted from. Bytes to write come first.
struct Scene {
  uint8_t player0, player1, playfield, background;
  const LineMask* masks;  // of the six objects
  // All bits or none, so that they need no branch:
  uint64_t score;   // the playfield's halves have the players' colours
  uint64_t before;  // playfield and ball cover the players
};

// Where 64 pixels show each colour: player 0 covers player 1, and they the playfield. The rest is background.
struct Layers {
  uint64_t player0, player1, playfield;
};
inline Layers layersOf(const Scene& scene, int word) {
  static constexpr uint64_t kLeftHalf[3] = {~uint64_t{0}, 0xFFFF, 0};
  const LineMask* const masks = scene.masks;
  const uint64_t field = masks[kPlayfield].word[word], halves = field & scene.score;
  const uint64_t front = (field & ~scene.score) | masks[kBall].word[word], shown = ~(front & scene.before);
  const uint64_t left = halves & kLeftHalf[word];
  return {(masks[kPlayer0].word[word] | masks[kMissile0].word[word] | left) & shown,
          (masks[kPlayer1].word[word] | masks[kMissile1].word[word] | (halves ^ left)) & shown, front};
}

// Eight bits as eight bytes, all ones or all zeros, first bit first in memory.
inline constexpr auto kSpread = [] {
  std::array<std::array<uint8_t, 8>, 256> table{};
  for (int byte = 0; byte < 256; ++byte)
    for (int i = 0; i < 8; ++i) table[byte][i] = byte >> i & 1 ? 0xFF : 0;
  return table;
}();

inline uint64_t spread(uint64_t bits) {
  uint64_t bytes;
  std::memcpy(&bytes, kSpread[bits & 0xFF].data(), 8);
  return bytes;
}

constexpr uint64_t repeated(uint8_t byte) { return byte * 0x0101010101010101u; }

struct PortableBrush {
  static void paint(uint8_t* row, const Scene& scene, int from, int to) {
    const uint64_t back = repeated(scene.background), zero = repeated(scene.player0);
    const uint64_t one = repeated(scene.player1), field = repeated(scene.playfield);
    const LineMask range = rangeMask(from, to);
    const auto over = [](uint64_t below, uint64_t colour, uint64_t bits) {
      return below ^ ((below ^ colour) & spread(bits));
    };
    for (int x = from & ~7; x < to;) {
      const int w = x >> 6;
      const Layers layers = layersOf(scene, w);
      for (const int end = std::min(to, (w + 1) * 64); x < end; x += 8) {
        const int shift = x & 63;
        uint64_t pixels = over(back, field, layers.playfield >> shift);
        pixels = over(pixels, one, layers.player1 >> shift);
        pixels = over(pixels, zero, layers.player0 >> shift);
        if (x < from || x + 8 > to) {
          uint64_t old;
          std::memcpy(&old, row + x, 8);
          pixels = over(old, pixels, range.word[w] >> shift);
        }
        std::memcpy(row + x, &pixels, 8);
      }
    }
  }
};

#if TRELLIS_X86
struct Avx2Brush {
  TRELLIS_AVX2 static inline __m256i spread32(uint32_t bits) {
    const __m256i copied = _mm256_set1_epi32(static_cast<int>(bits));
    const __m256i bytes =
        _mm256_shuffle_epi8(copied, _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303));
    const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201u));
    return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit);
  }

  TRELLIS_AVX2 static inline void paint(uint8_t* row, const Scene& scene, int from, int to) {
    const __m256i back = _mm256_set1_epi8(static_cast<char>(scene.background));
    const __m256i zero = _mm256_set1_epi8(static_cast<char>(scene.player0));
    const __m256i one = _mm256_set1_epi8(static_cast<char>(scene.player1));
    const __m256i field = _mm256_set1_epi8(static_cast<char>(scene.playfield));
    const LineMask range = rangeMask(from, to);
    for (int x = from & ~31; x < to; x += 32) {
      const int w = x >> 6, shift = x & 32;
      const Layers layers = layersOf(scene, w);
      const auto part = [&](uint64_t word) { return static_cast<uint32_t>(word >> shift); };
      __m256i pixels = back;
      if (const uint32_t bits = part(layers.playfield)) pixels = _mm256_blendv_epi8(pixels, field, spread32(bits));
      if (const uint32_t bits = part(layers.player1)) pixels = _mm256_blendv_epi8(pixels, one, spread32(bits));
      if (const uint32_t bits = part(layers.player0)) pixels = _mm256_blendv_epi8(pixels, zero, spread32(bits));
      auto* target = reinterpret_cast<__m256i*>(row + x);
      if (x < from || x + 32 > to)
        pixels = _mm256_blendv_epi8(_mm256_loadu_si256(target), pixels, spread32(part(range.word[w])));
      _mm256_storeu_si256(target, pixels);
    }
  }
};

struct Avx512Brush {
  TRELLIS_AVX512 static inline void paint(uint8_t* row, const Scene& scene, int from, int to) {
    const __m512i back = _mm512_set1_epi8(static_cast<char>(scene.background));
    const __m512i zero = _mm512_set1_epi8(static_cast<char>(scene.player0));
    const __m512i one = _mm512_set1_epi8(static_cast<char>(scene.player1));
    const __m512i field = _mm512_set1_epi8(static_cast<char>(scene.playfield));
    for (int w = from >> 6; w * 64 < to; ++w) {
      const Layers layers = layersOf(scene, w);
      __m512i pixels = _mm512_mask_mov_epi8(back, layers.playfield, field);
      pixels = _mm512_mask_mov_epi8(pixels, layers.player1, one);
      pixels = _mm512_mask_mov_epi8(pixels, layers.player0, zero);
      const int first = from - w * 64, last = to - w * 64;
      const uint64_t above = first > 0 ? ~uint64_t{0} << first : ~uint64_t{0};
      const uint64_t below = last < 64 ? (uint64_t{1} << last) - 1 : ~uint64_t{0};
      _mm512_mask_storeu_epi8(row + w * 64, above & below, pixels);
    }
  }
};

#endif

// The best for this processor; those before it are there, too.
enum class BrushKind { portable, avx2, avx512 };
inline BrushKind bestBrush() {
#if TRELLIS_X86
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("bmi2")) return BrushKind::portable;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return BrushKind::avx512;
  if (__builtin_cpu_supports("avx2")) return BrushKind::avx2;
#endif
  return BrushKind::portable;
}

}  // namespace trellis::atari
