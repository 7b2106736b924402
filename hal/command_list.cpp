// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/command_list.h"

#include <algorithm>

#include "hal/device.h"
#include "hal/guard.h"

namespace systole {
namespace {

std::string plain(int64_t value) { return std::to_string(value); }

bool same_memory(const TensorView& a, const TensorView& b) {
  return a.slot >= 0 || b.slot >= 0 ? a.slot == b.slot : a.buffer == b.buffer;
}

bool overlap(const TensorView& a, const TensorView& b, int64_t bytes) {
  return same_memory(a, b) && a.offset < b.offset + bytes && b.offset < a.offset + bytes;
}

}  // namespace

CommandList::CommandList(std::shared_ptr<Device> device, std::string name)
    : device_(std::move(device)), name_(std::move(name)) {
  if (!device_) error_ = Status(Code::kInvalidArgument, "list '" + name_ + "' has no device");
}

CommandList::~CommandList() {
  executable_.reset();  // while the device lives
}

int CommandList::add_slot(int64_t size, std::string name) {
  Status checked;
  if (size <= 0) checked = {Code::kInvalidArgument, "slot '" + name + "': size must be positive, got " + plain(size)};
  if (ended_) checked = {Code::kFailedPrecondition, "list '" + name_ + "' has ended"};
  if (!checked.ok()) {
    if (error_.ok() && !ended_) error_ = checked;
    return -1;
  }
  slots_.push_back({size, std::move(name)});
  return static_cast<int>(slots_.size()) - 1;
}

Status CommandList::check_view(const TensorView& view, int64_t bytes, const std::string& what) const {
  int64_t size = 0;
  std::string place;
  if (view.slot >= 0) {
    if (static_cast<size_t>(view.slot) >= slots_.size()) {
      return {Code::kOutOfRange, what + ": slot " + std::to_string(view.slot) + " of " + std::to_string(slots_.size())};
    }
    size = slots_[static_cast<size_t>(view.slot)].size;
    place = "slot " + std::to_string(view.slot) + " '" + slots_[static_cast<size_t>(view.slot)].name + "'";
  } else {
    if (!view.buffer) return {Code::kInvalidArgument, what + " has neither a buffer nor a slot"};
    if (view.buffer->device() != nullptr && view.buffer->device() != device_.get()) {
      return {Code::kInvalidArgument, what + ": buffer '" + view.buffer->params().name + "' belongs to another device"};
    }
    size = view.buffer->size();
    place = "buffer '" + view.buffer->params().name + "'";
  }
  if (bytes < 0 || view.offset < 0 || view.offset > size || bytes > size - view.offset) {
    return {Code::kOutOfRange, what + ": offset " + plain(view.offset) + ", " + plain(bytes) + " bytes leave " + place +
                                   " of " + plain(size) + " bytes"};
  }
  return {};
}

namespace {

int64_t element_bytes(const TensorView& view) { return bytes_for(view.desc.dtype, 1); }

Status check_alignment(const TensorView& view, const std::string& what) {
  if (view.offset % element_bytes(view) == 0) return {};
  return {Code::kInvalidArgument, what + ": offset " + plain(view.offset) + " is not a multiple of the " +
                                      plain(element_bytes(view)) + " bytes of " + dtype_name(view.desc.dtype)};
}

// For sure: where both have gaps, their elements may lie between each other's.
bool shares_bytes(const TensorView& a, const TensorView& b) {
  const int64_t a_bytes = a.desc.span_bytes(), b_bytes = b.desc.span_bytes();
  if (a_bytes == 0 || b_bytes == 0 || !same_memory(a, b)) return false;
  if (a.offset >= b.offset + b_bytes || b.offset >= a.offset + a_bytes) return false;
  const auto gapless = [](const TensorView& view, int64_t bytes) {
    return bytes == bytes_for(view.desc.dtype, view.desc.elements());
  };
  // The first and the last element are touched whatever lies between.
  const auto ends_in = [](const TensorView& ends, int64_t ends_bytes, const TensorView& whole, int64_t whole_bytes) {
    const int64_t first = ends.offset, last = ends.offset + ends_bytes - 1, end = whole.offset + whole_bytes;
    return (first >= whole.offset && first < end) || (last >= whole.offset && last < end);
  };
  return (gapless(b, b_bytes) && ends_in(a, a_bytes, b, b_bytes)) ||
         (gapless(a, a_bytes) && ends_in(b, b_bytes, a, a_bytes));
}

// y may take the place of input `index` there.
bool may_replace(const OpCall& call, size_t index, const TensorView& output) {
  const auto* matmul = std::get_if<Matmul>(&call.op);
  const auto* conv = std::get_if<Conv2d>(&call.op);
  const bool residual = (matmul && matmul->epilogue.residual) || (conv && conv->epilogue.residual);
  const bool by_element = std::holds_alternative<Unary>(call.op) || std::holds_alternative<Binary>(call.op) ||
                          std::holds_alternative<Select>(call.op) || std::holds_alternative<Cast>(call.op);
  const TensorView& input = call.inputs[index];
  return (by_element || (residual && index + 1 == call.inputs.size())) && input.offset == output.offset &&
         input.desc.shape == output.desc.shape && input.desc.strides == output.desc.strides &&
         bit_width(input.desc.dtype) == bit_width(output.desc.dtype);
}

Status check_written(const TensorView& view, const std::string& what) {
  if (view.slot >= 0 || !view.buffer->frozen()) return {};
  return {Code::kInvalidArgument, what + ": buffer '" + view.buffer->params().name + "' is frozen"};
}

}  // namespace

void CommandList::use(const TensorView& view, int64_t alignment, bool written) {
  if (view.slot < 0) return;
  Slot& slot = slots_[static_cast<size_t>(view.slot)];
  slot.alignment = std::max(slot.alignment, alignment);
  slot.written = slot.written || written;
}

Status CommandList::record(Status checked, Command command) {
  if (ended_) return {Code::kFailedPrecondition, "list '" + name_ + "' has ended"};
  if (!error_.ok()) return error_;
  if (!checked.ok()) return error_ = checked;
  if (const auto* copy = std::get_if<CopyBytes>(&command)) use(copy->target, 1, true);
  if (const auto* fill = std::get_if<FillBytes>(&command)) use(fill->target, fill->pattern_bytes, true);
  if (const auto* call = std::get_if<OpCall>(&command)) {
    for (const TensorView& view : call->inputs) use(view, element_bytes(view), false);
    for (const TensorView& view : call->outputs) use(view, element_bytes(view), true);
  }
  commands_.push_back(std::move(command));
  return {};
}

Status CommandList::check_call(const OpCall& call) const {
  SYSTOLE_RETURN_IF_ERROR(validate(describe(call)));
  std::string head = std::string(op_name(call.op)) + " '" + call.name + "': ";
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    std::string what = head + "input " + std::to_string(i);
    SYSTOLE_RETURN_IF_ERROR(check_view(call.inputs[i], call.inputs[i].desc.span_bytes(), what));
    SYSTOLE_RETURN_IF_ERROR(check_alignment(call.inputs[i], what));
  }
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    std::string what = head + "output " + std::to_string(i);
    SYSTOLE_RETURN_IF_ERROR(check_view(call.outputs[i], call.outputs[i].desc.span_bytes(), what));
    SYSTOLE_RETURN_IF_ERROR(check_alignment(call.outputs[i], what));
    SYSTOLE_RETURN_IF_ERROR(check_written(call.outputs[i], what));
    for (size_t k = 0; k < call.inputs.size(); ++k) {
      if (!shares_bytes(call.inputs[k], call.outputs[i]) || may_replace(call, k, call.outputs[i])) continue;
      return {Code::kInvalidArgument, what + " shares bytes with input " + std::to_string(k)};
    }
  }
  return {};
}

Status CommandList::op(OpCall call) {
  return guarded(call.name, [&] {
    Status checked = check_call(call);
    return record(std::move(checked), std::move(call));
  });
}

Status CommandList::copy(TensorView source, TensorView target, int64_t bytes) {
  auto check = [&]() -> Status {
    SYSTOLE_RETURN_IF_ERROR(check_view(source, bytes, "copy: source"));
    SYSTOLE_RETURN_IF_ERROR(check_view(target, bytes, "copy: target"));
    SYSTOLE_RETURN_IF_ERROR(check_written(target, "copy: target"));
    if (!overlap(source, target, bytes)) return {};
    return {Code::kInvalidArgument, "copy: " + plain(bytes) + " bytes from offset " + plain(source.offset) +
                                        " to offset " + plain(target.offset) + " of one buffer overlap"};
  };
  return guarded("copy", [&] {
    Status checked = check();
    return record(std::move(checked), CopyBytes{std::move(source), std::move(target), bytes});
  });
}

Status CommandList::fill(TensorView target, int64_t bytes, uint32_t pattern, int pattern_bytes) {
  auto check = [&]() -> Status {
    if (pattern_bytes != 1 && pattern_bytes != 2 && pattern_bytes != 4) {
      return {Code::kInvalidArgument, "fill: a pattern has 1, 2 or 4 bytes, got " + std::to_string(pattern_bytes)};
    }
    SYSTOLE_RETURN_IF_ERROR(check_view(target, bytes, "fill: target"));
    SYSTOLE_RETURN_IF_ERROR(check_written(target, "fill: target"));
    if (target.offset % pattern_bytes == 0 && bytes % pattern_bytes == 0) return {};
    return {Code::kInvalidArgument, "fill: offset " + plain(target.offset) + " and " + plain(bytes) +
                                        " bytes must be multiples of the pattern's " + std::to_string(pattern_bytes)};
  };
  return guarded("fill", [&] {
    Status checked = check();
    return record(std::move(checked), FillBytes{std::move(target), bytes, pattern, pattern_bytes});
  });
}

Status CommandList::barrier() { return record({}, Barrier{}); }

Status CommandList::end(std::span<const std::byte> image) {
  if (ended_) return {Code::kFailedPrecondition, "list '" + name_ + "' has ended"};
  ended_ = true;
  if (!error_.ok()) return error_;
  auto compiled = guarded(name_, [&] { return image.empty() ? device_->compile(*this) : device_->load(*this, image); });
  if (!compiled.ok()) return error_ = compiled.status();
  executable_ = std::move(compiled).value();
  return {};
}

}  // namespace systole
