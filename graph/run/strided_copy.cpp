// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/run/strided_copy.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace systole::graph {
namespace {

struct Loop {
  int64_t extent, from, to;
};

void copy_run(const std::byte* source, std::byte* target, const Loop& inner, int64_t element) {
  if (inner.from == element && inner.to == element) {
    std::memcpy(target, source, static_cast<size_t>(inner.extent * element));
    return;
  }
  for (int64_t i = 0; i < inner.extent; ++i)
    std::memcpy(target + i * inner.to, source + i * inner.from, static_cast<size_t>(element));
}

void copy_loops(const std::byte* source, std::byte* target, const std::vector<Loop>& loops, size_t depth,
                int64_t element) {
  if (depth + 1 == loops.size()) return copy_run(source, target, loops[depth], element);
  for (int64_t i = 0; i < loops[depth].extent; ++i)
    copy_loops(source + i * loops[depth].from, target + i * loops[depth].to, loops, depth + 1, element);
}

}  // namespace

Status strided_copy(const std::byte* source, const TensorDesc& from, std::byte* target, const TensorDesc& to) {
  if (from.dtype != to.dtype || from.shape != to.shape)
    return Status(Code::kInvalidArgument, "copy of " + from.to_string() + " to " + to.to_string());
  if (from.elements() == 0) return {};
  if (from.is_row_major() && to.is_row_major()) {
    std::memcpy(target, source, static_cast<size_t>(from.span_bytes()));
    return {};
  }
  if (bit_width(from.dtype) < 8) return Status(Code::kUnsupported, "strided copy of " + from.to_string());
  const int64_t element = byte_size(from.dtype);
  std::vector<Loop> loops;
  for (size_t a = 0; a < from.shape.size(); ++a)
    if (from.shape[a] != 1) loops.push_back({from.shape[a], from.strides[a], to.strides[a]});
  std::stable_sort(loops.begin(), loops.end(), [](const Loop& a, const Loop& b) { return a.to > b.to; });
  if (loops.empty()) loops.push_back({1, element, element});
  copy_loops(source, target, loops, 0, element);
  return {};
}

}  // namespace systole::graph
