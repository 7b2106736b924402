// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/command_list.h"

#include "hal/device.h"
#include "hal/guard.h"

namespace systole {
namespace {

std::string plain(int64_t value) { return std::to_string(value); }

bool overlap(const TensorView& a, const TensorView& b, int64_t bytes) {
  bool same = a.slot >= 0 || b.slot >= 0 ? a.slot == b.slot : a.buffer == b.buffer;
  return same && a.offset < b.offset + bytes && b.offset < a.offset + bytes;
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

Status CommandList::record(Status checked, Command command) {
  if (ended_) return {Code::kFailedPrecondition, "list '" + name_ + "' has ended"};
  if (!error_.ok()) return error_;
  if (checked.ok()) {
    commands_.push_back(std::move(command));
  } else {
    error_ = checked;
  }
  return checked;
}

namespace {

Status check_alignment(const TensorView& view, const std::string& what) {
  if (bit_width(view.desc.dtype) < 8 || view.offset % byte_size(view.desc.dtype) == 0) return {};
  return {Code::kInvalidArgument, what + ": offset " + plain(view.offset) + " is not a multiple of the " +
                                      plain(byte_size(view.desc.dtype)) + " bytes of " + dtype_name(view.desc.dtype)};
}

Status check_written(const TensorView& view, const std::string& what) {
  if (view.slot >= 0 || !view.buffer->frozen()) return {};
  return {Code::kInvalidArgument, what + ": buffer '" + view.buffer->params().name + "' is frozen"};
}

}  // namespace

Status CommandList::op(OpCall call) {
  auto check = [&]() -> Status {
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
    }
    return {};
  };
  return guarded(call.name, [&] {
    Status checked = check();
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
