// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operands of one program: where each lies at run time, and the bytes of those that are frozen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "devices/npu/compiler/emitter.h"
#include "hal/tensor.h"

namespace systole::npu {

inline constexpr int64_t kPackedAlignment = 64;  // bytes; of each block in Program::constants

class Constants {
 public:
  explicit Constants(Program& program) : program_(program) {}

  // Its content is known and readable now; never true of a slot.
  static bool frozen(const TensorView& view);

  bool values() const { return program_.values; }  // false: contents are left out, places stay the same
  // Appends to the program's constants.
  DramAddress add(std::span<const std::byte> bytes);
  // Likewise so many bytes; `pack` gives them where values are asked for.
  template <typename Pack>
  DramAddress add(int64_t bytes, Pack&& pack) {
    return values() ? add(pack()) : reserve(bytes);
  }
  // From here on this very view, by its address, lies in the scratchpad from byte `at` on.
  void keep_on_chip(const TensorView& view, int64_t at) { on_chip_[&view] = at; }
  // Where the view lies; a frozen one in plain host memory is copied into the constants, once.
  Result<DramAddress> address(const TensorView& view);
  // The view's span, from its first element.
  static Result<std::vector<std::byte>> read(const TensorView& view);

  // Blocks of a product's weights: by group offset, first column and first row.
  using Blocks = std::map<std::array<int64_t, 3>, DramAddress>;
  // Those of the next op that are packed before it is written, and how many of its first ones are loaded before it.
  struct Ahead {
    Blocks blocks;
    std::map<int64_t, DramAddress> params;  // by first output channel
    int count = 0;
  };
  Ahead ahead;

  size_t copies() const { return copies_.size(); }  // of frozen views, so far

 private:
  DramAddress reserve(int64_t bytes);

  Program& program_;
  std::map<const Buffer*, int32_t> buffers_;
  std::map<std::tuple<uint64_t, int64_t, int64_t>, DramAddress> copies_;
  std::map<const TensorView*, int64_t> on_chip_;
};

}  // namespace systole::npu
