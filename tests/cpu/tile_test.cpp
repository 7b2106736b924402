// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every instruction set's tiles that this machine can run, against plain loops. Values are small integers, so that sums
// are exact in any order.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "devices/cpu/tile_product.h"

namespace systole::cpu {
namespace {

std::vector<float> integers(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 9) - 4);
  return values;
}

class Tiles : public testing::TestWithParam<size_t> {
 protected:
  void SetUp() override {
    if (GetParam() >= all_tile_kernels().size()) GTEST_SKIP() << "this machine has fewer instruction sets";
    kernels_ = all_tile_kernels()[GetParam()];
  }
  const TileKernels* kernels_ = nullptr;
};

TEST_P(Tiles, MultiplyEveryHeightAndWidth) {
  const int64_t k = 7, stride = 9;
  for (int rows = 1; rows <= kTileRows; ++rows) {
    for (int64_t columns = 1; columns <= kPanel; ++columns) {
      const auto x = integers(static_cast<size_t>(stride * kTileRows), 1),
                 w = integers(static_cast<size_t>(k * columns), 2), bias = integers(static_cast<size_t>(columns), 3),
                 residual = integers(kTileRows * 40, 4);
      alignas(64) float packed[7 * kPanel];
      pack_panels(w.data(), k, columns, columns, 1, packed);
      std::vector<float> y(kTileRows * 40, 99.0f);
      const int64_t offset = 0;
      Tile tile{x.data(), stride, &offset, 1, k, packed, bias.data(), residual.data(), 40, y.data(), 40};
      tile.rows = rows, tile.columns = static_cast<int>(columns);
      tile.clamp = true, tile.low = -20.0f, tile.high = 20.0f;
      kernels_->tile(tile);
      for (int64_t i = 0; i < kTileRows * 40; ++i) {
        const int64_t r = i / 40, j = i % 40;
        float expected = 99.0f;
        if (r < rows && j < columns) {
          expected = bias[static_cast<size_t>(j)] + residual[static_cast<size_t>(i)];
          for (int64_t p = 0; p < k; ++p)
            expected += x[static_cast<size_t>(r * stride + p)] * w[static_cast<size_t>(p * columns + j)];
          expected = std::min(20.0f, std::max(-20.0f, expected));
        }
        ASSERT_EQ(y[static_cast<size_t>(i)], expected) << rows << "x" << columns << " at " << r << "," << j;
      }
    }
  }
}

TEST_P(Tiles, ClampKeepsNaN) {
  const float x = std::numeric_limits<float>::quiet_NaN();
  alignas(64) float packed[kPanel] = {1, 2, 3};
  float y[3] = {};
  const int64_t offset = 0;
  Tile tile{&x, 1, &offset, 1, 1, packed, nullptr, nullptr, 0, y, 3, 1, 3, true, 0.0f, 6.0f};
  kernels_->tile(tile);
  for (float value : y) EXPECT_TRUE(std::isnan(value));
}

TEST_P(Tiles, DepthwiseRowsOfAnyChannelsStridesAndEdges) {
  for (int64_t channels : {1, 7, 8, 16, 19, 40}) {
    for (int64_t stride : {1, 2}) {
      for (int64_t dilation : {1, 2}) {
        const int64_t width = 31, kernel = 3, pad = 2, reach = (kernel - 1) * dilation;
        const int64_t outputs = (width + 2 * pad - reach - 1) / stride + 1;
        const auto x = integers(static_cast<size_t>(4 * width * channels), 5),
                   w = integers(static_cast<size_t>(kernel * kernel * channels), 6);
        std::vector<float> y(static_cast<size_t>(outputs * channels), 99.0f);
        DepthwiseRow row{x.data(), width, width * channels, channels, -1, 1, 3, kernel, stride, 1, dilation, pad};
        row.w = w.data(), row.y = y.data(), row.outputs = outputs, row.y_pixel = row.channels = channels;
        kernels_->depthwise(row);
        for (int64_t p = 0; p < outputs; ++p) {
          for (int64_t c = 0; c < channels; ++c) {
            float expected = 0;
            for (int64_t kh = 1; kh < 3; ++kh) {
              for (int64_t kw = 0; kw < kernel; ++kw) {
                const int64_t column = p * stride - pad + kw * dilation;
                if (column >= 0 && column < width)
                  expected += x[static_cast<size_t>(((kh - 1) * width + column) * channels + c)] *
                              w[static_cast<size_t>((kh * kernel + kw) * channels + c)];
              }
            }
            ASSERT_EQ(y[static_cast<size_t>(p * channels + c)], expected) << channels << " at " << p << "," << c;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Machine, Tiles, testing::Values(0, 1));

}  // namespace
}  // namespace systole::cpu
