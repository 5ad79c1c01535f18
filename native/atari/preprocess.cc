#include "atari/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace trellis::atari {
namespace {

constexpr int kParts = 4;

// Ties to even, as the rest of the arithmetic: the default rounding mode.
uint8_t rounded(float value) {
  // Adding and subtracting 1.5 * 2^23 rounds to a whole number; values are 0..255.
  constexpr float kMagic = 12582912.0f;
  return static_cast<uint8_t>((value + kMagic) - kMagic);
}

int marginOf(int screenHeight, int height, int width) {
  const bool wholeBlocks = kScreenWidth % width == 0 && screenHeight / height == kScreenWidth / width;
  const int rest = screenHeight - height * (kScreenWidth / width);
  return wholeBlocks && rest % 2 == 0 ? rest / 2 : 0;
}

// Sums of the even and odd lanes of a word, each in a lane of twice the width.
constexpr uint64_t pairsOfBytes(uint64_t v) { return (v & 0x00FF00FF00FF00FF) + ((v >> 8) & 0x00FF00FF00FF00FF); }
constexpr uint64_t pairsOfShorts(uint64_t v) { return (v & 0x0000FFFF0000FFFF) + ((v >> 16) & 0x0000FFFF0000FFFF); }

void joinRow(const uint8_t* grey, const uint8_t* other, uint8_t* row) {
  if (other) {
    for (int x = 0; x < kScreenWidth; ++x) row[x] = std::max(grey[x], other[x]);
  } else {
    std::memcpy(row, grey, kScreenWidth);
  }
}

}  // namespace

Preprocess::Preprocess(int screenHeight, int height, int width)
    : height_(height),
      width_(width),
      crop_(marginOf(screenHeight, height, width)),
      rows_(screenHeight - 2 * crop_),
      blocks_(rows_ % height == 0 && kScreenWidth % width == 0),
      fours_(blocks_ && kScreenWidth == 4 * width && rows_ == 4 * height) {
  if (blocks_) return;
  columns_ = areaTaps(kScreenWidth, width);
  lines_ = areaTaps(rows_, height);
  grouped_ = groupColumns();
}

// Each target covers `ratio` sources; those at its ends in part.
std::vector<Preprocess::Tap> Preprocess::areaTaps(int sources, int targets) {
  std::vector<Tap> taps;
  const double ratio = static_cast<double>(sources) / targets;
  for (int i = 0; i < targets; ++i) {
    const double from = i * ratio, to = from + ratio, width = std::min(ratio, sources - from);
    int first = static_cast<int>(std::ceil(from));
    const int last = std::min(static_cast<int>(std::floor(to)), sources - 1);
    first = std::min(first, last);
    if (first - from > 1e-3) taps.push_back({first - 1, i, static_cast<float>((first - from) / width)});
    for (int k = first; k < last; ++k) taps.push_back({k, i, static_cast<float>(1.0 / width)});
    if (to - last > 1e-3)
      taps.push_back({last, i, static_cast<float>(std::min(std::min(to - last, 1.0), width) / width)});
  }
  return taps;
}

bool Preprocess::groupColumns() {
  const size_t count = columns_.size() / kParts;
  if (width_ % kParts != 0 || kScreenWidth % kParts != 0 || columns_.size() % kParts != 0) return false;
  for (size_t i = 0; i < count; ++i) {
    GroupTap group{columns_[i].source, columns_[i].target, {}};
    for (int part = 0; part < kParts; ++part) {
      const Tap& tap = columns_[i + static_cast<size_t>(part) * count];
      if (tap.source != group.source + part * kScreenWidth / kParts ||
          tap.target != group.target + part * width_ / kParts)
        return false;
      group.weight[part] = tap.weight;
    }
    groups_.push_back(group);
  }
  return true;
}

// One row across. Grouped: out is [width/4][4], part innermost.
void Preprocess::shrinkRow(const uint8_t* row, float* out) const {
  std::fill_n(out, width_, 0.0f);
  if (!grouped_) {
    for (const Tap& tap : columns_) out[tap.target] += tap.weight * row[tap.source];
    return;
  }
  constexpr int kPart = kScreenWidth / kParts;
  alignas(16) float parts[kPart][kParts];
  for (int x = 0; x < kPart; ++x)
    for (int part = 0; part < kParts; ++part) parts[x][part] = row[x + part * kPart];
  for (const GroupTap& tap : groups_) {
    float* target = out + tap.target * kParts;
    for (int part = 0; part < kParts; ++part) target[part] += tap.weight[part] * parts[tap.source][part];
  }
}

void Preprocess::shrinkArea(const uint8_t* grey, const uint8_t* other, uint8_t* out) const {
  alignas(16) float across[kScreenWidth], sum[kScreenWidth];
  uint8_t row[kScreenWidth], last[kScreenWidth];
  int lastLine = -1;
  const auto finish = [&](int line) {
    uint8_t* target = out + line * width_;
    if (grouped_) {
      for (int part = 0; part < kParts; ++part)
        for (int x = 0; x < width_ / kParts; ++x) target[part * width_ / kParts + x] = rounded(sum[x * kParts + part]);
    } else {
      for (int x = 0; x < width_; ++x) target[x] = rounded(sum[x]);
    }
  };
  int source = -1;
  for (const Tap& tap : lines_) {
    if (tap.source != source) {
      const int at = (tap.source + crop_) * kScreenWidth;
      joinRow(grey + at, other ? other + at : nullptr, row);
      // Neighbouring rows are often the same.
      if (source < 0 || std::memcmp(row, last, sizeof row) != 0) {
        shrinkRow(row, across);
        std::memcpy(last, row, sizeof row);
      }
      source = tap.source;
    }
    if (tap.target != lastLine) {
      if (lastLine >= 0) finish(lastLine);
      lastLine = tap.target;
      for (int x = 0; x < width_; ++x) sum[x] = tap.weight * across[x];
    } else {
      for (int x = 0; x < width_; ++x) sum[x] += tap.weight * across[x];
    }
  }
  finish(lastLine);
}

void Preprocess::shrinkBlocks(const uint8_t* grey, const uint8_t* other, uint8_t* out) const {
  const int across = kScreenWidth / width_, down = rows_ / height_;
  const float scale = 1.0f / static_cast<float>(across * down);
  uint8_t row[kScreenWidth];
  uint16_t columns[kScreenWidth];
  for (int y = 0; y < height_; ++y) {
    std::fill_n(columns, kScreenWidth, uint16_t{0});
    for (int i = 0; i < down; ++i) {
      const int at = (y * down + i + crop_) * kScreenWidth;
      joinRow(grey + at, other ? other + at : nullptr, row);
      for (int x = 0; x < kScreenWidth; ++x) columns[x] = static_cast<uint16_t>(columns[x] + row[x]);
    }
    for (int x = 0; x < width_; ++x) {
      int sum = 0;
      for (int i = 0; i < across; ++i) sum += columns[x * across + i];
      // Blocks of 2 x 2 are rounded up, as OpenCV does; others to even.
      out[y * width_ + x] =
          across == 2 && down == 2 ? static_cast<uint8_t>((sum + 2) >> 2) : rounded(static_cast<float>(sum) * scale);
    }
  }
}

// The paper's picture: blocks of 4 x 4. Eight pixels a word, summed in ever wider lanes; exactly what shrinkBlocks gives.
void Preprocess::shrinkFours(const uint8_t* grey, const uint8_t* other, uint8_t* out) const {
  constexpr int kWidth = kScreenWidth / 4, kWords = kScreenWidth / 8;
  uint8_t joined[4 * kScreenWidth];
  for (int y = 0; y < height_; ++y) {
    const int at = (4 * y + crop_) * kScreenWidth;
    const uint8_t* rows = grey + at;
    if (other) {
      for (int x = 0; x < 4 * kScreenWidth; ++x) joined[x] = std::max(rows[x], other[at + x]);
      rows = joined;
    }
    uint32_t sums[kWidth];
    for (int w = 0; w < kWords; ++w) {
      uint64_t pairs = 0;
      for (int i = 0; i < 4; ++i) {
        uint64_t word;
        std::memcpy(&word, rows + i * kScreenWidth + 8 * w, sizeof word);
        pairs += pairsOfBytes(word);
      }
      const uint64_t fours = pairsOfShorts(pairs);
      std::memcpy(sums + 2 * w, &fours, sizeof fours);
    }
    // Sixteenths, ties to even.
    for (int x = 0; x < kWidth; ++x)
      out[y * kWidth + x] = static_cast<uint8_t>((sums[x] + 7 + ((sums[x] >> 4) & 1)) >> 4);
  }
}

void Preprocess::shrink(const uint8_t* grey, const uint8_t* other, uint8_t* out) const {
  if (fours_) shrinkFours(grey, other, out);
  else if (blocks_) shrinkBlocks(grey, other, out);
  else shrinkArea(grey, other, out);
}

}  // namespace trellis::atari
