// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An op as kernel launches: what devices/gpu/lower makes of a call and the executable runs. Plain data.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "devices/gpu/provider.h"
#include "hal/op.h"

namespace systole::gpu {

// What an operand of a launch is: the call's inputs from 0 on, its outputs, the op's scratch memory, its constants, or
// what `prepare` made of its weights.
struct OperandRef {
  enum class Kind : uint8_t { kInput, kOutput, kScratch, kConstants, kPrepared } kind = Kind::kInput;
  int index = 0;       // of the input or output
  int64_t offset = 0;  // bytes from its first element, or from the beginning of the memory
};

struct Launch {
  std::optional<ProductSpec> product;  // of the library's: operands as Provider::product has them, and nothing else
  std::string program;                 // a source of devices/gpu/kernels, without its ending
  std::vector<std::pair<std::string, std::string>> macros;
  std::string entry;
  Grid grid;
  std::vector<OperandRef> operands;
  std::vector<std::byte> params;  // a struct of kernels/params.h

  template <typename Params>
  void set_params(const Params& p) {
    static_assert(std::is_trivially_copyable_v<Params>);
    params.resize(sizeof(Params));
    std::memcpy(params.data(), &p, sizeof(Params));
  }
};

// In order; each sees what those before it wrote. `prepare` packs the weights: its launches read input 1 and constants
// only and write kPrepared memory. Where input 1 is frozen it runs once, at compile, and its memory stays; else it runs
// ahead of `launches` every time.
struct LoweredOp {
  std::vector<Launch> prepare;
  std::vector<Launch> launches;
  int64_t scratch_bytes = 0, prepared_bytes = 0;
  std::vector<std::byte> constants;  // scales, tables: copied to the device once
};

// A way to compute an op. Candidates of one op differ in their names.
struct Candidate {
  std::string name;
  LoweredOp lowered;
};

// All ways there are of an op that lower_support() says yes to, one at least, the first being what is taken where
// nothing is timed. kUnsupported with the same reason otherwise. Pure: the same call and facts give the same.
Result<std::vector<Candidate>> candidates(const OpDesc& op, const Facts& facts);
// What ops have in common for which the same candidate is fastest: op, attributes, types, order of axes, and extents
// rounded up to steps of an eighth.
std::string op_class(const OpDesc& op);

// Whether it has kernels, and why not. The op is valid.
struct LowerSupport {
  bool yes = false;
  std::string reason;
};
LowerSupport lower_support(const OpDesc& op, const Facts& facts);

}  // namespace systole::gpu
