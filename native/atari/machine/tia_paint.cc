#include "atari/machine/tia_paint.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "atari/machine/tia_masks.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define TRELLIS_X86 1
#include <immintrin.h>
#endif

namespace trellis::atari {
namespace {

// Eight bits as eight bytes, all ones or all zeros, first bit first in memory.
constexpr auto kSpread = [] {
  std::array<std::array<uint8_t, 8>, 256> table{};
  for (int byte = 0; byte < 256; ++byte)
    for (int i = 0; i < 8; ++i) table[byte][i] = byte >> i & 1 ? 0xFF : 0;
  return table;
}();

uint64_t spread(uint64_t bits) {
  uint64_t bytes;
  std::memcpy(&bytes, kSpread[bits & 0xFF].data(), 8);
  return bytes;
}

constexpr uint64_t repeated(uint8_t byte) { return byte * 0x0101010101010101u; }

void paintPortable(uint8_t* row, const Scene& scene, int from, int to) {
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

#if TRELLIS_X86
__attribute__((target("avx512f,avx512bw"))) void paintAvx512(uint8_t* row, const Scene& scene, int from, int to) {
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

__attribute__((target("avx2"))) inline __m256i spread32(uint32_t bits) {
  const __m256i copied = _mm256_set1_epi32(static_cast<int>(bits));
  const __m256i bytes = _mm256_shuffle_epi8(
      copied, _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303));
  const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201u));
  return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit);
}

__attribute__((target("avx2"))) void paintAvx2(uint8_t* row, const Scene& scene, int from, int to) {
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
#endif

}  // namespace

int availablePainters(NamedPainter painters[3]) {
  int count = 0;
  painters[count++] = {"portable", paintPortable};
#if TRELLIS_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) painters[count++] = {"avx2", paintAvx2};
  if (__builtin_cpu_supports("avx512bw")) painters[count++] = {"avx512", paintAvx512};
#endif
  return count;
}

const Painter kPaint = [] {
  NamedPainter painters[3];
  return painters[availablePainters(painters) - 1].paint;
}();

}  // namespace trellis::atari
