// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tensors in host-visible memory, written and read as vectors.
#pragma once

#include <systole/systole.h>

#include <cstring>

namespace guide {

using namespace systole;

inline Result<TensorView> tensor(Device& device, DType dtype, Shape shape, const char* name) {
  TensorView view;
  view.desc = row_major(dtype, std::move(shape));
  const BufferParams params{view.desc.span_bytes(), 0, MemoryKind::kHostVisible, name};
  SYSTOLE_ASSIGN_OR_RETURN(view.buffer, device.allocate(params));
  return view;
}

template <typename T>
Status write(const TensorView& view, const std::vector<T>& values) {
  const auto bytes = static_cast<int64_t>(values.size() * sizeof(T));
  SYSTOLE_ASSIGN_OR_RETURN(auto memory, view.buffer->map(view.offset, bytes, MapAccess::kWrite));
  std::memcpy(memory.data(), values.data(), memory.size());
  view.buffer->unmap();
  return view.buffer->flush(view.offset, bytes);
}

template <typename T>
Result<std::vector<T>> read(const TensorView& view) {
  std::vector<T> values(static_cast<size_t>(view.desc.elements()));
  const int64_t bytes = view.desc.span_bytes();
  SYSTOLE_RETURN_IF_ERROR(view.buffer->invalidate(view.offset, bytes));
  SYSTOLE_ASSIGN_OR_RETURN(auto memory, view.buffer->map(view.offset, bytes, MapAccess::kRead));
  std::memcpy(values.data(), memory.data(), memory.size());
  view.buffer->unmap();
  return values;
}

}  // namespace guide
