// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/decode.h"

#include "sim/vector_shape.h"

namespace systole::sim {
namespace {

using contract::Dataflow;
using contract::Dtype;
using contract::ErrorCode;

bool array_multiplies(Dtype dtype, const spec::ArraySpec& array) {
  if (is_byte(dtype)) return array.int8_interval > 0;
  return dtype == Dtype::kBf16 && array.bf16_interval > 0;
}

struct Support {
  const spec::NpuSpec& spec;
  bool operator()(const contract::Load& c) const { return transfer(c); }
  bool operator()(const contract::Store& c) const { return transfer(c); }
  bool operator()(const contract::Preload& c) const {
    return has(c.dataflow) && c.sparsity == 0 && array_multiplies(c.dtype, spec.array) && widens(c);
  }
  bool operator()(const contract::Compute& c) const {
    return has(c.dataflow) && array_multiplies(c.dtype, spec.array) &&
           !(c.swap && c.dataflow == Dataflow::kOutputStationary);
  }
  bool operator()(const contract::Vector& c) const { return vector_supported(c); }
  bool operator()(const contract::Sem& c) const { return is_valid(c.op); }
  template <typename T>
  bool operator()(const T&) const {
    return true;
  }

 private:
  bool has(Dataflow dataflow) const {
    return dataflow == Dataflow::kWeightStationary ||
           (dataflow == Dataflow::kOutputStationary && spec.array.output_stationary());
  }
  bool widens(const contract::Preload& c) const {
    const bool bf16 = c.dtype == Dtype::kBf16;
    if (c.weights == contract::Weights::kI8) return bf16 && spec.array.i8_weights();
    if (c.weights == contract::Weights::kI4) return (bf16 || c.dtype == Dtype::kI8) && spec.array.i4_weights();
    return c.weights == contract::Weights::kSame;
  }
  template <typename T>
  static bool transfer(const T& c) {
    return c.dtype_pair == 0 && c.sparsity == 0 && c.group_scale == 0 && c.transpose == 0;
  }
};

struct Increments {
  int64_t a, b, c;
  void operator()(contract::Load& l) const { transfer(l); }
  void operator()(contract::Store& s) const { transfer(s); }
  void operator()(contract::Preload& p) const { p.addr += static_cast<uint32_t>(a); }
  void operator()(contract::Compute& p) const {
    p.addr += static_cast<uint32_t>(a);
    p.acc_row += static_cast<uint32_t>(b);
  }
  void operator()(contract::Vector& v) const {
    v.src_addr += static_cast<uint32_t>(a);
    v.dst_addr += static_cast<uint32_t>(b);
    if (v.c_steps != contract::CSteps::kParams) v.b_addr += static_cast<uint32_t>(c);
    if (v.c_steps != contract::CSteps::kB) v.param_addr += static_cast<uint32_t>(c);
  }
  void operator()(contract::Fence& f) const {
    if (f.record_addr) f.record_addr += static_cast<uint64_t>(a);
  }
  template <typename T>
  void operator()(T&) const {}

 private:
  template <typename T>
  void transfer(T& t) const {
    t.dram_addr += static_cast<uint64_t>(a);
    t.local_addr += static_cast<uint32_t>(b);
  }
};

Fault decode_header(const contract::Header& h, uint64_t address, const spec::NpuSpec& spec, Command& command) {
  using contract::Scope;
  const auto elsewhere = [&](Scope scope) { return scope == Scope::kCore && spec.cores > 1; };
  const bool to_a_core = elsewhere(h.signal0_scope) || elsewhere(h.signal1_scope);
  for (Scope scope : {h.wait0_scope, h.wait1_scope})
    if (scope != Scope::kLocal) return {ErrorCode::kUnsupported, address};
  for (Scope scope : {h.signal0_scope, h.signal1_scope})
    if (scope != Scope::kLocal && !elsewhere(scope)) return {ErrorCode::kUnsupported, address};
  if (h.core != 0 && !to_a_core) return {ErrorCode::kUnsupported, address};
  if (h.core >= static_cast<uint32_t>(spec.cores)) return {ErrorCode::kBadOperand, h.core};
  command.tag = static_cast<uint16_t>(h.tag);
  command.core = h.core;
  command.waits = {{{h.wait0_id, h.wait0_count}, {h.wait1_id, h.wait1_count}}};
  command.signals = {{{h.signal0_id, h.signal0_count, elsewhere(h.signal0_scope)},
                      {h.signal1_id, h.signal1_count, elsewhere(h.signal1_scope)}}};
  for (const auto* pair : {&command.waits, &command.signals})
    for (const Command::Count& c : *pair)
      if (c.count && c.id >= static_cast<uint32_t>(spec.core.semaphores)) return {ErrorCode::kBadOperand, c.id};
  return {};
}

}  // namespace

Decoded decode(const contract::Descriptor& descriptor, uint64_t address, const spec::NpuSpec& spec) {
  Decoded decoded;
  Command& command = decoded.command;
  const auto refuse = [&](Fault fault) {
    decoded.fault = fault;
    return decoded;
  };
  command.opcode = contract::opcode(descriptor);
  if (!is_valid(command.opcode)) return refuse({ErrorCode::kBadOpcode, address});
  command.engine = static_cast<Engine>(contract::engine_of(command.opcode));
  const contract::Header header = contract::decode_header(descriptor);
  command.tag = static_cast<uint16_t>(header.tag);
  if (!contract::reserved_bits_clear(descriptor)) return refuse({ErrorCode::kReservedBits, address});
  if (Fault fault = decode_header(header, address, spec, command)) return refuse(fault);
  contract::visit(descriptor, [&](auto&& body) {
    command.body = body;
    if constexpr (requires { body.far; }) command.copies = body.far == contract::Far::kScratchpad;
  });
  if (!std::visit(Support{spec}, command.body)) return refuse({ErrorCode::kUnsupported, address});
  if (const auto* sem = std::get_if<contract::Sem>(&command.body);
      sem && sem->id >= static_cast<uint32_t>(spec.core.semaphores))
    return refuse({ErrorCode::kBadOperand, sem->id});
  decoded.increments = {{{header.inc_a_0, header.inc_a_1, header.inc_a_2},
                         {header.inc_b_0, header.inc_b_1, header.inc_b_2},
                         {header.inc_c_0, header.inc_c_1, header.inc_c_2}}};
  return decoded;
}

void advance_operands(const Decoded& decoded, const LoopCounts& iterations, Command& command) {
  if (iterations == LoopCounts{}) return;
  const auto sum = [&](int operand) {
    int64_t by = 0;
    for (size_t level = 0; level < iterations.size(); ++level)
      by += decoded.increments[operand][level] * static_cast<int64_t>(iterations[level]);
    return by;
  };
  std::visit(Increments{sum(0), sum(1), sum(2)}, command.body);
}

}  // namespace systole::sim
