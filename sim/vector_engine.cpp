// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/vector_engine.h"

#include <bit>

#include "sim/gather.h"
#include "sim/vector_values.h"

namespace systole::sim {
namespace {

using contract::ErrorCode;

class VectorEngine final : public EngineModel {
 public:
  VectorEngine(const spec::NpuSpec& spec, LocalMemory& scratchpad, LocalMemory& accumulators, bool functional)
      : lanes_(static_cast<uint64_t>(spec.vector.lanes)),
        pipeline_(static_cast<uint64_t>(spec.vector.pipeline)),
        function_latency_(static_cast<uint64_t>(spec.vector.function_latency)),
        scratchpad_(scratchpad),
        accumulators_(accumulators),
        functional_(functional) {}
  void reset() override {}

  Fault check(const Command& command) const override {
    const auto& v = std::get<contract::Vector>(command.body);
    auto bad = [](uint64_t address) { return Fault{ErrorCode::kBadOperand, address}; };
    if (v.channels == 0 || v.n0 == 0 || v.n1 == 0) return bad(v.src_addr);
    if (v.window != contract::WindowOp::kNone && (v.win_kh == 0 || v.win_kw == 0)) return bad(v.src_addr);
    const uint64_t positions = v.window == contract::WindowOp::kNone ? 1 : uint64_t{v.win_kh} * v.win_kw;
    if (uint64_t{v.n0} * v.n1 > UINT32_MAX / (uint64_t{v.channels} * positions)) return bad(v.src_addr);
    const VectorShape s = vector_shape(v);
    for (const Box& box : s.source_window)
      if (!fits(box, v.a_space, element_size(v.a_dtype))) return bad(v.src_addr);
    if (!fits(s.destination, v.d_space, element_size(v.d_dtype))) return bad(v.dst_addr);
    if (s.operand && !fits(*s.operand, contract::Space::kScratchpad, element_size(v.b_dtype))) return bad(v.b_addr);
    if (s.param_bytes && !fits({v.param_addr, s.param_bytes}, contract::Space::kScratchpad, 4))
      return bad(v.param_addr);
    return {};
  }

  uint64_t ready_at(const Command&, uint64_t now) override { return now; }

  void issue(Command& command, uint64_t now) override {
    const auto& v = std::get<contract::Vector>(command.body);
    const uint64_t window = v.window == contract::WindowOp::kNone ? 1 : uint64_t{v.win_kh} * v.win_kw;
    const uint64_t pixels = uint64_t{v.n0} * v.n1;
    command.port_free = now + pixels * ((v.channels + lanes_ - 1) / lanes_) * window;
    command.complete = command.port_free - 1 + pipeline_;
    if (v.function != contract::Function::kNone) command.complete += function_latency_;
    if (v.reduce != contract::Reduce::kNone) command.complete += static_cast<uint64_t>(std::bit_width(lanes_ - 1));
    if (v.window == contract::WindowOp::kMac) command.macs = pixels * v.channels * window;
    if (functional_) run_vector_chain(v, lanes_, scratchpad_, accumulators_);
  }

  void accesses(const Command& command, std::vector<Access>& out) const override {
    const auto& v = std::get<contract::Vector>(command.body);
    const VectorShape s = vector_shape(v);
    auto space = [](contract::Space at) {
      return at == contract::Space::kScratchpad ? Race::Space::kScratchpad : Race::Space::kAccumulator;
    };
    for (const Box& box : s.source_window) out.push_back({space(v.a_space), false, box});
    if (s.operand) out.push_back({Race::Space::kScratchpad, false, *s.operand});
    if (s.param_bytes) out.push_back({Race::Space::kScratchpad, false, {v.param_addr, s.param_bytes}});
    out.push_back({space(v.d_space), true, s.destination});
  }

 private:
  bool fits(const Box& box, contract::Space space, int64_t size) const {
    for (int64_t stride : box.strides)
      if (stride % size) return false;
    const LocalMemory& memory = space == contract::Space::kScratchpad ? scratchpad_ : accumulators_;
    return box.base % size == 0 && box.within(memory.bytes());
  }

  uint64_t lanes_, pipeline_, function_latency_;
  LocalMemory& scratchpad_;
  LocalMemory& accumulators_;
  bool functional_;
};

}  // namespace

std::unique_ptr<EngineModel> make_vector_engine(const spec::NpuSpec& spec, LocalMemory& scratchpad,
                                                LocalMemory& accumulators, bool functional) {
  return std::make_unique<VectorEngine>(spec, scratchpad, accumulators, functional);
}

}  // namespace systole::sim
