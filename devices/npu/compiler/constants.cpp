// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/constants.h"

#include <cstring>

#include "devices/npu/compiler/gemm.h"

namespace systole::npu {

bool Constants::frozen(const TensorView& view) {
  return view.slot < 0 && view.buffer && view.buffer->frozen() &&
         view.buffer->params().kind != MemoryKind::kDeviceLocal;
}

DramAddress Constants::add(std::span<const std::byte> bytes) {
  const DramAddress at = reserve(static_cast<int64_t>(bytes.size()));
  if (!values()) return at;
  program_.constants.resize(static_cast<size_t>(at.offset));
  program_.constants.insert(program_.constants.end(), bytes.begin(), bytes.end());
  return at;
}

DramAddress Constants::reserve(int64_t bytes) {
  const int64_t offset = round_up(program_.constant_bytes, kPackedAlignment);
  program_.constant_bytes = offset + bytes;
  return {Target::kConstants, 0, offset};
}

Result<DramAddress> Constants::address(const TensorView& view) {
  const auto kept = on_chip_.find(&view);
  if (kept != on_chip_.end()) return DramAddress{Target::kOnChip, -1, kept->second};
  if (view.slot >= 0) return DramAddress{Target::kSlot, view.slot, view.offset};
  if (!view.buffer) return Status(Code::kInvalidArgument, "an operand has neither a buffer nor a slot");
  if (frozen(view) && view.buffer->device() == nullptr) {
    const auto key = std::make_tuple(view.buffer->id(), view.offset, view.desc.span_bytes());
    if (const auto found = copies_.find(key); found != copies_.end()) return found->second;
    if (!values()) return copies_[key] = reserve(view.desc.span_bytes());
    SYSTOLE_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, read(view));
    return copies_[key] = add(bytes);
  }
  const auto [entry, fresh] = buffers_.try_emplace(view.buffer.get(), static_cast<int32_t>(program_.buffers.size()));
  if (fresh) program_.buffers.push_back(view.buffer);
  return DramAddress{Target::kBuffer, entry->second, view.offset};
}

Result<std::vector<std::byte>> Constants::read(const TensorView& view) {
  const int64_t span = view.desc.span_bytes();
  SYSTOLE_ASSIGN_OR_RETURN(const std::span<std::byte> bytes, view.buffer->map(view.offset, span, MapAccess::kRead));
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  view.buffer->unmap();
  return copy;
}

}  // namespace systole::npu
