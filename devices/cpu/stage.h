// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operands in the type and dense order that a product wants: the view itself where it already is, else a converted
// copy.
#pragma once

#include <memory>

#include "devices/cpu/nest.h"
#include "devices/cpu/pack_cache.h"

namespace systole::cpu {

// Not thread-safe: it owns the copy.
class Stage {
 public:
  Stage() = default;
  // `order`: the axes of the dense copy, outermost first. Float types convert, and integers to a float type (i4 with
  // the axes in their own order only); other types must be equal.
  Stage(const TensorDesc& from, DType type, const std::vector<size_t>& order);

  bool copies() const { return copies_; }
  int64_t bytes() const { return bytes_; }
  // The dense operand for the view at `data`; valid until the next call.
  const std::byte* operator()(const Workers& workers, const std::byte* data);
  // A dense copy into `target`, whether or not one is needed.
  void copy(const Workers& workers, const std::byte* data, std::byte* target) const;

 private:
  void unpack(const Workers& workers, const std::byte* data, std::byte* target) const;

  DType from_ = DType::kF32, to_ = DType::kF32;
  bool copies_ = false;
  int64_t bytes_ = 0, packed_row_ = 0;  // packed_row_: elements of an i4 row
  Nest nest_;                           // copy, view
  std::unique_ptr<Packed> memory_;
};

// Strides of a dense tensor with its axes in this order, by axis of the shape.
Strides dense_strides(DType type, const Shape& shape, const std::vector<size_t>& order);
// Same physical order: strides of extent-1 axes do not matter.
bool same_layout(const Shape& shape, const Strides& a, const Strides& b);
std::vector<size_t> row_major_order(size_t rank);
inline std::vector<size_t> channels_last_order() { return {0, 2, 3, 1}; }

}  // namespace systole::cpu
