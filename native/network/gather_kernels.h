// Products of packed weights with a block of activations. Include after one of the lanes_*.h.
#pragma once

#include "network/kernels.h"

namespace trellis::network {
namespace {

// What one call of a micro-kernel works on: U units at N columns of Lanes::width observations each.
struct Columns {
  const float* in[Lanes::columnBlock];
  float* out[Lanes::columnBlock];
};

// Every output is one chain of fused multiply-adds over the taps in order, whatever U, N and the instruction set.
template <int U, int N>
void gatherBlock(const float* weights, const int32_t* tapOffset, int taps, int64_t stride, const float* bias,
                 const Columns& columns, int64_t unitStride) {
  Lanes sum[U][N];
  for (int u = 0; u < U; ++u) {
    for (int n = 0; n < N; ++n) {
      sum[u][n] = bias != nullptr ? Lanes::broadcast(bias[u]) : Lanes::load(columns.out[n] + u * unitStride);
    }
  }
  for (int k = 0; k < taps; ++k) {
    const int64_t offset = tapOffset[k] * stride;
    Lanes x[N];
    for (int n = 0; n < N; ++n) x[n] = Lanes::load(columns.in[n] + offset);
    for (int u = 0; u < U; ++u) {
      const Lanes w = Lanes::broadcast(weights[k * U + u]);
      for (int n = 0; n < N; ++n) sum[u][n] = fma(w, x[n], sum[u][n]);
    }
  }
  for (int u = 0; u < U; ++u) {
    for (int n = 0; n < N; ++n) sum[u][n].store(columns.out[n] + u * unitStride);
  }
}

using GatherBlock = decltype(&gatherBlock<1, 1>);

template <int N>
GatherBlock gatherBlockOf(int units) {
  constexpr int most = Lanes::unitBlock;
  switch (units) {
    case 1:
      return gatherBlock<1, N>;
    case 2:
      return gatherBlock<2, N>;
    case 3:
      return gatherBlock<3, N>;
    case 4:
      return gatherBlock<4, N>;
    case 5:
      return gatherBlock < most < 5 ? 1 : 5, N > ;
    case 6:
      return gatherBlock < most < 6 ? 1 : 6, N > ;
    case 7:
      return gatherBlock < most < 7 ? 1 : 7, N > ;
    default:
      return gatherBlock < most < 8 ? 1 : 8, N > ;
  }
}

inline GatherBlock gatherBlockOf(int units, int columns) {
  constexpr int most = Lanes::columnBlock;
  if (columns == 1) return gatherBlockOf<1>(units);
  if (columns == 2) return gatherBlockOf<(most < 2 ? 1 : 2)>(units);
  return gatherBlockOf<(most < 3 ? 1 : 3)>(units);
}

void gather(const GatherView& plan, const float* packed, const float* bias, const float* in, float* out, int64_t stride,
            int lanes) {
  const int perPosition = lanes / Lanes::width;
  const int total = plan.positions * perPosition;
  const Blocks blocks(plan.units, Lanes::unitBlock);
  int position = 0, part = 0;
  for (int column = 0; column < total;) {
    const int count = total - column < Lanes::columnBlock ? total - column : Lanes::columnBlock;
    Columns columns;
    for (int n = 0; n < count; ++n) {
      columns.in[n] = in + plan.columnIn[position] * stride + part * Lanes::width;
      columns.out[n] = out + plan.columnOut[position] * stride + part * Lanes::width;
      if (++part == perPosition) part = 0, ++position;
    }
    for (int block = 0; block < blocks.blocks; ++block) {
      const int first = blocks.start(block), units = blocks.start(block + 1) - first;
      gatherBlockOf(units, count)(packed + static_cast<int64_t>(first) * plan.taps, plan.tapOffset, plan.taps, stride,
                                  bias == nullptr ? nullptr : bias + first, columns, plan.unitStride * stride);
      for (int n = 0; n < count; ++n) columns.out[n] += units * plan.unitStride * stride;
    }
    column += count;
  }
}

// Blocks of units for one observation, B at a time so that additions need not wait for one another.
template <int B>
void gatherOneBlocks(const float* weights, const int32_t* tapOffset, int taps, int64_t stride, const float* bias,
                     const float* in, float* out, int64_t outStride) {
  constexpr int most = Lanes::unitBlock;
  Units sum[B];
  for (int b = 0; b < B; ++b) sum[b] = Units::load(bias + b * most);
  for (int k = 0; k < taps; ++k) {
    const Units x = Units::broadcast(in[tapOffset[k] * stride]);
    for (int b = 0; b < B; ++b) {
      sum[b] = fma(Units::load(weights + (static_cast<int64_t>(b) * taps + k) * most), x, sum[b]);
    }
  }
  for (int b = 0; b < B; ++b) {
    float units[most];
    sum[b].store(units);
    for (int u = 0; u < most; ++u) out[(b * most + u) * outStride] = units[u];
  }
}

// The same chains as `gather` makes, across units instead of observations.
void gatherOne(const GatherView& plan, const float* packed, const float* bias, const float* in, float* out,
               int64_t stride) {
  constexpr int most = Lanes::unitBlock, together = 8;
  const Blocks blocks(plan.units, most);
  const int64_t outStride = plan.unitStride * stride;
  for (int block = 0; block < blocks.blocks;) {
    const int first = blocks.start(block), units = blocks.start(block + 1) - first;
    const float* weights = packed + static_cast<int64_t>(first) * plan.taps;
    float* to = out + first * outStride;
    if (block + together <= blocks.blocks && blocks.start(block + together) - first == together * most) {
      gatherOneBlocks<together>(weights, plan.tapOffset, plan.taps, stride, bias + first, in, to, outStride);
      block += together;
      continue;
    }
    for (int u = 0; u < units; ++u) {
      float sum = bias[first + u];
      for (int k = 0; k < plan.taps; ++k) {
        sum = fusedOne(weights[static_cast<int64_t>(k) * units + u], in[plan.tapOffset[k] * stride], sum);
      }
      to[u * outStride] = sum;
    }
    ++block;
  }
}

template <int U>
void gatherEachUnits(const GatherView& plan, int unit, const float* parameters, int64_t biasOffset, const float* in,
                     float* out) {
  const int taps = plan.taps;
  const int64_t* source = plan.source + static_cast<int64_t>(unit) * taps;
  for (int position = 0; position < plan.positions; ++position) {
    Lanes sum[U];
    for (int u = 0; u < U; ++u) sum[u] = Lanes::load(parameters + (biasOffset + unit + u) * kTile);
    for (int k = 0; k < taps; ++k) {
      const Lanes x = Lanes::load(in + static_cast<int64_t>(plan.columnIn[position] + plan.tapOffset[k]) * kTile);
      for (int u = 0; u < U; ++u) {
        sum[u] = fma(Lanes::load(parameters + source[static_cast<int64_t>(u) * taps + k] * kTile), x, sum[u]);
      }
    }
    for (int u = 0; u < U; ++u) {
      sum[u].store(out + static_cast<int64_t>(plan.columnOut[position] + (unit + u) * plan.unitStride) * kTile);
    }
  }
}

void gatherEach(const GatherView& plan, const float* parameters, int64_t biasOffset, const float* in, float* out) {
  for (int part = 0; part < kTile; part += Lanes::width) {
    int unit = 0;
    for (; unit + 4 <= plan.units; unit += 4) {
      gatherEachUnits<4>(plan, unit, parameters + part, biasOffset, in + part, out + part);
    }
    for (; unit < plan.units; ++unit) {
      gatherEachUnits<1>(plan, unit, parameters + part, biasOffset, in + part, out + part);
    }
  }
}

}  // namespace
}  // namespace trellis::network
