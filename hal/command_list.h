// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The device's unit of compilation: recorded once, compiled whole at end(), submitted many times.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "hal/op.h"

namespace systole {

class Device;
class Executable;

struct CopyBytes {
  TensorView source, target;  // desc is ignored but for its span
  int64_t bytes = 0;
};
struct FillBytes {
  TensorView target;
  int64_t bytes = 0;
  uint32_t pattern = 0;
  int pattern_bytes = 1;  // 1, 2 or 4; offset and bytes are multiples of it
};
struct Barrier {};  // everything recorded before completes before anything after starts

using Command = std::variant<OpCall, CopyBytes, FillBytes, Barrier>;

// Not thread-safe while recording. Every range is checked against its buffer when recorded; the first error sticks, and
// end() returns it. Commands behave as if run in order. Host memory that belongs to no device may be named where the
// device can address it, frozen constants everywhere; else end(), or the run where it is bound to a slot, is
// kUnsupported.
class CommandList {
 public:
  explicit CommandList(std::shared_ptr<Device> device, std::string name = "");
  ~CommandList();

  // A buffer given at submit: `size` bytes at least. Returns the slot's number for TensorView::slot, -1 for an error.
  int add_slot(int64_t size, std::string name);

  // An output shares no bytes with an input, but for the residual of an epilogue and any operand of unary, binary,
  // select and cast: the output may take the place of such an input of its shape, strides and width. Refused where one
  // of the two has no gaps, not defined elsewhere.
  Status op(OpCall call);
  Status copy(TensorView source, TensorView target, int64_t bytes);
  Status fill(TensorView target, int64_t bytes, uint32_t pattern, int pattern_bytes);
  Status barrier();
  // Compiles. After it the list is immutable and may be submitted; on failure it stays unusable. With the `image` that
  // an executable of an equal list saved, the device loads that instead.
  Status end(std::span<const std::byte> image = {});

  const std::string& name() const { return name_; }
  std::span<const Command> commands() const { return commands_; }
  struct Slot {
    int64_t size;
    std::string name;
    int64_t alignment = 1;  // of the offset bound: the widest element of the views that name it
    bool written = false;
  };
  std::span<const Slot> slots() const { return slots_; }
  const std::shared_ptr<Device>& device() const { return device_; }
  const std::shared_ptr<Executable>& executable() const { return executable_; }  // null until end() succeeded

 private:
  Status check_view(const TensorView& view, int64_t bytes, const std::string& what) const;
  Status check_call(const OpCall& call) const;
  void use(const TensorView& view, int64_t alignment, bool written);
  Status record(Status checked, Command command);

  std::shared_ptr<Device> device_;
  std::string name_;
  std::vector<Command> commands_;
  std::vector<Slot> slots_;
  Status error_;
  bool ended_ = false;
  std::shared_ptr<Executable> executable_;
};

}  // namespace systole
