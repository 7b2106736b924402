// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/stage.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "devices/cpu/rows.h"

namespace systole::cpu {

Strides dense_strides(DType type, const Shape& shape, const std::vector<size_t>& order) {
  Strides strides(shape.size(), 0);
  int64_t next = byte_size(type);
  for (size_t i = order.size(); i-- > 0;) {
    strides[order[i]] = next;
    next *= std::max<int64_t>(shape[order[i]], 1);
  }
  return strides;
}

bool same_layout(const Shape& shape, const Strides& a, const Strides& b) {
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] > 1 && a[axis] != b[axis]) return false;
  }
  return true;
}

std::vector<size_t> row_major_order(size_t rank) {
  std::vector<size_t> order(rank);
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

Stage::Stage(const TensorDesc& from, DType type, const std::vector<size_t>& order) : from_(from.dtype), to_(type) {
  const Strides dense = dense_strides(type, from.shape, order);
  copies_ = from.dtype != type || !same_layout(from.shape, from.strides, dense);
  bytes_ = bytes_for(type, from.elements());
  if (from.dtype == DType::kI4) {  // walked by rows, which begin on bytes
    const Shape rows(from.shape.begin(), from.shape.end() - 1);
    packed_row_ = from.shape.back();
    nest_ = make_nest(rows, {{dense.begin(), dense.end() - 1}, {from.strides.begin(), from.strides.end() - 1}});
  } else {
    nest_ = make_nest(from.shape, {dense, from.strides});
  }
}

const std::byte* Stage::operator()(const Workers& workers, const std::byte* data) {
  if (!copies_) return data;
  if (!memory_) memory_ = std::make_unique<Packed>(static_cast<size_t>(bytes_));
  copy(workers, data, memory_->data());
  return memory_->data();
}

void Stage::copy(const Workers& workers, const std::byte* data, std::byte* target) const {
  if (from_ == DType::kI4) return unpack(workers, data, target);
  for_blocks(workers, nest_, [&](const int64_t* at, int64_t count) {
    with_domain(from_, [&](auto zero) {
      decltype(zero) row[kBlock];
      load_row(from_, data + at[1], nest_.inner[1], count, row);
      if constexpr (!std::is_floating_point_v<decltype(zero)>) {
        if (is_float(to_)) {
          float widened[kBlock];
          std::copy_n(row, count, widened);
          return store_row(to_, target + at[0], nest_.inner[0], count, widened);
        }
      }
      store_row(to_, target + at[0], nest_.inner[0], count, row);
    });
  });
}

void Stage::unpack(const Workers& workers, const std::byte* data, std::byte* target) const {
  for_lines(workers, nest_, packed_row_, [&](const int64_t* at) {
    const std::byte* from = data + at[1];
    for (int64_t first = 0; first < packed_row_; first += kBlock) {
      const int64_t count = std::min(kBlock, packed_row_ - first);
      float row[kBlock];
      for (int64_t i = 0; i < count; ++i) {
        const int nibble = std::to_integer<int>(from[(first + i) / 2]) >> (i % 2 ? 4 : 0) & 15;
        row[i] = static_cast<float>((nibble ^ 8) - 8);
      }
      store_row(to_, target + at[0] + first * byte_size(to_), byte_size(to_), count, row);
    }
  });
}

}  // namespace systole::cpu
