// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/pack.h"

#include <algorithm>
#include <cstring>

namespace systole::npu {

std::vector<WeightRun> weight_runs(const Gemm& g, const std::vector<ChannelBlock>& channels, int64_t begin,
                                   int64_t end) {
  std::vector<WeightRun> runs;
  for (const ChannelBlock& block : channels) {
    const int64_t rows = g.kernel_h * g.kernel_w * block.channels;
    int64_t row = std::max(begin, block.k_first);
    const int64_t stop = std::min(end, block.k_first + rows);
    while (row < stop) {
      const int64_t tap = (row - block.k_first) / block.channels, c = (row - block.k_first) % block.channels;
      const int64_t count = std::min({block.channels - c, stop - row, int64_t{65535}});
      runs.push_back({row, count, tap / g.kernel_w * g.w_kh + tap % g.kernel_w * g.w_kw + (block.first + c) * g.w_c});
      row += count;
    }
  }
  return runs;
}

std::vector<std::byte> pack_weights(const Gemm& g, std::span<const std::byte> w, int64_t group_offset,
                                    const std::vector<ChannelBlock>& channels, const ColumnBlock& columns,
                                    int64_t begin, int64_t end) {
  const int64_t es = g.weight_size(), row_bytes = g.weight_bytes(columns.columns);
  // bf16 zero has all bits clear; an 8-bit zero is its zero point.
  std::vector<std::byte> packed(static_cast<size_t>((end - begin) * row_bytes),
                                static_cast<std::byte>(g.w_zero & 0xff));
  for (const WeightRun& run : weight_runs(g, channels, begin, end)) {
    const int64_t tap_offset = g.diagonal_c ? 0 : run.offset;
    for (int64_t i = 0; i < run.count; ++i) {
      std::byte* row = packed.data() + (run.row + i - begin) * row_bytes;
      int64_t from = group_offset + tap_offset + i * g.w_c;
      int64_t j0 = 0, j1 = columns.columns;
      if (g.diagonal_c) {
        const ChannelBlock& block = *std::find_if(channels.begin(), channels.end(), [&](const ChannelBlock& b) {
          return run.row + i < b.k_first + g.kernel_h * g.kernel_w * b.channels;
        });
        const int64_t r = run.row + i - block.k_first, tap = r / block.channels, c = block.first + r % block.channels;
        const int64_t packed_group = c / g.diagonal_c;
        from = group_offset + tap / g.kernel_w * g.w_kh + tap % g.kernel_w * g.w_kw + c % g.diagonal_c * g.w_c;
        j0 = std::clamp<int64_t>(packed_group * g.diagonal_j - columns.first, 0, columns.columns);
        j1 = std::clamp<int64_t>((packed_group + 1) * g.diagonal_j - columns.first, 0, columns.columns);
      }
      if (g.weights == contract::Weights::kI4) {  // as it lies: a block begins on a byte
        std::memcpy(row, w.data() + from + columns.first / 2, static_cast<size_t>(row_bytes));
        continue;
      }
      for (int64_t j = j0; j < j1; ++j) {
        std::memcpy(row + j * es, w.data() + from + (columns.first + j) * g.w_j, static_cast<size_t>(es));
      }
    }
  }
  return packed;
}

std::vector<std::byte> pack_params(const Gemm& g, std::span<const uint32_t> bias, std::span<const uint32_t> requant1,
                                   std::span<const uint32_t> requant2, int64_t first, int64_t columns, int64_t tile) {
  std::vector<uint32_t> words;
  const auto append = [&](std::span<const uint32_t> values, int64_t from, int64_t count) {
    for (int64_t i = 0; i < count; ++i) words.push_back(values.empty() ? 0u : values[static_cast<size_t>(from + i)]);
  };
  for (int64_t j = 0; j < columns; j += tile) {
    const int64_t count = std::min(tile, columns - j);
    if (g.bias && !g.scaled()) append(bias, first + j, count);
    if (g.requant != contract::Requant::kNone) append(requant1, first + j, count);
    if (g.requant == contract::Requant::kTflite) append(requant2, first + j, count);
    if (g.bias && g.scaled()) append(bias, first + j, count);
  }
  std::vector<std::byte> bytes(words.size() * 4);
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return bytes;
}

}  // namespace systole::npu
