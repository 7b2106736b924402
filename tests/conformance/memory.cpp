// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/memory.h"

#include <algorithm>
#include <random>

#include "tests/conformance/suite.h"

namespace systole::conformance {

std::shared_ptr<Buffer> make_buffer(Device& device, int64_t size, const std::string& name) {
  BufferParams params;
  params.size = size;
  params.kind = MemoryKind::kHostVisible;
  params.name = name;
  return take(device.allocate(params), "allocate " + std::to_string(size) + " bytes");
}

std::shared_ptr<Buffer> make_buffer(Device& device, std::span<const std::byte> content, const std::string& name) {
  auto buffer = make_buffer(device, static_cast<int64_t>(content.size()), name);
  write_bytes(*buffer, 0, content);
  return buffer;
}

void write_bytes(Buffer& buffer, int64_t offset, std::span<const std::byte> content) {
  const int64_t size = static_cast<int64_t>(content.size());
  auto mapped = take(buffer.map(offset, size, MapAccess::kWrite), "map for writing");
  std::copy(content.begin(), content.end(), mapped.begin());
  require_ok(buffer.flush(offset, size), "flush");
  buffer.unmap();
}

Bytes read_bytes(Buffer& buffer, int64_t offset, int64_t size) {
  require_ok(buffer.invalidate(offset, size), "invalidate");
  auto mapped = take(buffer.map(offset, size, MapAccess::kRead), "map for reading");
  Bytes content(mapped.begin(), mapped.end());
  buffer.unmap();
  return content;
}

Bytes pattern_bytes(int64_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes content(static_cast<size_t>(size));
  for (std::byte& value : content) value = static_cast<std::byte>(random());
  return content;
}

TensorView byte_view(std::shared_ptr<Buffer> buffer, int64_t offset, int64_t bytes) {
  TensorView view;
  view.buffer = std::move(buffer);
  view.offset = offset;
  view.desc = row_major(DType::kU8, {bytes});
  return view;
}

}  // namespace systole::conformance
