// Sums over observations of cotangents times activations. Include after one of the lanes_*.h.
#pragma once

#include "network/kernels.h"

namespace trellis::network {
namespace {

constexpr int kParts = kTile / Lanes::width;
// Columns of kTile observations whose products are summed in registers before the sum over a tile is taken.
constexpr int kPanelColumns = 96;
static_assert(kLargestBlock <= kPanelColumns * kTile);

// Positions times tiles of observations, in order: where each has its cotangents and activations, in floats, taken out of
// the innermost loop.
struct Panel {
  const GatherView& plan;
  const float* cotangent;
  const float* in;
  int64_t stride;
  int columns = 0;
  int64_t cotangentAt[kPanelColumns], inAt[kPanelColumns];

  Panel(const GatherView& plan, const float* cotangent, const float* in, int64_t stride, int lanes, int first, int last)
      : plan(plan), cotangent(cotangent), in(in), stride(stride) {
    for (int position = first; position < last; ++position) {
      for (int lane = 0; lane < lanes; lane += kTile, ++columns) {
        cotangentAt[columns] = plan.columnOut[position] * stride + lane;
        inAt[columns] = plan.columnIn[position] * stride + lane;
      }
    }
  }
};

// gradient[u * taps + t] += …, for U units from `unit` and T taps from `tap`.
template <int U, int T>
void gradientBlock(const Panel& panel, int unit, int tap, float* gradient, int64_t gradientStride) {
  const int64_t unitStride = panel.plan.unitStride * panel.stride;
  Lanes parts[U][T][kParts];
  for (int part = 0; part < kParts; ++part) {
    const float *c[U], *x[T];
    for (int u = 0; u < U; ++u) c[u] = panel.cotangent + (unit + u) * unitStride + part * Lanes::width;
    for (int t = 0; t < T; ++t) x[t] = panel.in + panel.plan.tapOffset[tap + t] * panel.stride + part * Lanes::width;
    Lanes sum[U][T];
    for (int u = 0; u < U; ++u) {
      for (int t = 0; t < T; ++t) sum[u][t] = Lanes::broadcast(0.0f);
    }
    for (int column = 0; column < panel.columns; ++column) {
      const int64_t cotangentAt = panel.cotangentAt[column], inAt = panel.inAt[column];
      Lanes cotangents[U];
      for (int u = 0; u < U; ++u) cotangents[u] = Lanes::load(c[u] + cotangentAt);
      for (int t = 0; t < T; ++t) {
        const Lanes input = Lanes::load(x[t] + inAt);
        for (int u = 0; u < U; ++u) sum[u][t] = fma(cotangents[u], input, sum[u][t]);
      }
    }
    for (int u = 0; u < U; ++u) {
      for (int t = 0; t < T; ++t) parts[u][t][part] = sum[u][t];
    }
  }
  for (int u = 0; u < U; ++u) {
    if constexpr (T == 4) {
      addTileSums(parts[u], gradient + u * gradientStride);
    } else {
      for (int t = 0; t < T; ++t) gradient[u * gradientStride + t] += sumTile(parts[u][t]);
    }
  }
}

template <int U>
void gradientTaps(const Panel& panel, int unit, float* gradient) {
  const int taps = panel.plan.taps;
  int tap = 0;
  for (; tap + 4 <= taps; tap += 4) gradientBlock<U, 4>(panel, unit, tap, gradient + tap, taps);
  if (taps - tap == 3) gradientBlock<U, 3>(panel, unit, tap, gradient + tap, taps);
  if (taps - tap == 2) gradientBlock<U, 2>(panel, unit, tap, gradient + tap, taps);
  if (taps - tap == 1) gradientBlock<U, 1>(panel, unit, tap, gradient + tap, taps);
}

inline void biasGradient(const Panel& panel, float* gradient) {
  for (int unit = 0; unit < panel.plan.units; ++unit) {
    Lanes parts[kParts];
    for (int part = 0; part < kParts; ++part) {
      const float* c = panel.cotangent + unit * panel.plan.unitStride * panel.stride + part * Lanes::width;
      Lanes sum = Lanes::broadcast(0.0f);
      for (int column = 0; column < panel.columns; ++column) sum = sum + Lanes::load(c + panel.cotangentAt[column]);
      parts[part] = sum;
    }
    gradient[unit] += sumTile(parts);
  }
}

void gradient(const GatherView& plan, const float* cotangent, const float* in, int64_t stride, int lanes,
              int64_t biasOffset, float* gradient) {
  const int columnsPerPosition = lanes / kTile;
  const int step = kPanelColumns / columnsPerPosition > 0 ? kPanelColumns / columnsPerPosition : 1;
  for (int position = 0; position < plan.positions; position += step) {
    const int last = position + step < plan.positions ? position + step : plan.positions;
    const Panel panel(plan, cotangent, in, stride, lanes, position, last);
    biasGradient(panel, gradient + biasOffset);
    const Blocks blocks(plan.units, Lanes::gradientUnits);
    for (int block = 0; block < blocks.blocks; ++block) {
      const int unit = blocks.start(block), units = blocks.start(block + 1) - unit;
      float* rows = gradient + plan.source[static_cast<int64_t>(unit) * plan.taps];
      constexpr int most = Lanes::gradientUnits;
      switch (units) {
        case 1:
          gradientTaps<1>(panel, unit, rows);
          break;
        case 2:
          gradientTaps<(most < 2 ? 1 : 2)>(panel, unit, rows);
          break;
        case 3:
          gradientTaps<(most < 3 ? 1 : 3)>(panel, unit, rows);
          break;
        case 4:
          gradientTaps<(most < 4 ? 1 : 4)>(panel, unit, rows);
          break;
        case 5:
          gradientTaps<(most < 5 ? 1 : 5)>(panel, unit, rows);
          break;
        default:
          gradientTaps<(most < 6 ? 1 : 6)>(panel, unit, rows);
          break;
      }
    }
  }
}

}  // namespace
}  // namespace trellis::network
