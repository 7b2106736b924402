// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD and COMPUTE in SystemVerilog against the model's: issue, port free and completion to the cycle, accumulators
// to the bit.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/rtl_array/array_unit.h"

namespace systole::sim {
namespace {

using contract::Dtype;

constexpr int kSequences = 2500;

template <typename Top>
class ArrayRtl : public testing::Test {
 protected:
  ArrayRtl() {
    unit_.preload_ends = [this](uint64_t port_free, uint64_t complete) {
      ++pairs_;
      preloads_.port_free = preloads_.flying.back().port_free = port_free;
      preloads_.flying.back().complete = complete;
    };
  }

  bool chance(int percent) { return between(0, 99) < percent; }
  int64_t between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }

  void fill_memories() {
    for (int64_t i = 0; i < unit_.kScratchpad; i += 4) {
      const auto word = static_cast<uint32_t>(random_());
      std::memcpy(unit_.scratchpad.at(i), &word, 4);
    }
    // The second half holds bf16 of all sizes whose sums stay finite.
    for (int64_t i = unit_.kScratchpad / 2; i < unit_.kScratchpad; i += 2) {
      const auto exponent = static_cast<uint16_t>(chance(10) ? between(0, 40) : between(100, 150));
      const uint16_t value = static_cast<uint16_t>((random_() & 0x807f) | exponent << 7);
      std::memcpy(unit_.scratchpad.at(i), &value, 2);
    }
    // Old sums: some near the end of i32's range, none of them without limits as f32.
    for (size_t i = 0; i < unit_.rtl_accumulators().size(); i += 4) {
      const uint32_t bits = static_cast<uint32_t>(random_()),
                     word = chance(50) ? bits & 0x80ffffff : (bits & 0x807fffff) | 0x7f000000;
      std::memcpy(unit_.accumulators->at(static_cast<int64_t>(i)), &word, 4);
    }
    std::memcpy(unit_.rtl_scratchpad().data(), unit_.scratchpad.at(0), unit_.kScratchpad);
    std::memcpy(unit_.rtl_accumulators().data(), unit_.accumulators->at(0), unit_.rtl_accumulators().size());
  }

  uint16_t size(int most) { return static_cast<uint16_t>(chance(50) ? most : between(1, most)); }
  int16_t zero(Dtype d) { return static_cast<int16_t>(d == Dtype::kBf16 || chance(50) ? 0 : between(-255, 255)); }
  // A base from which bytes of [low, high) about it lie in the half of the scratchpad for this type.
  int64_t base(Dtype d, int64_t low, int64_t high) {
    low = std::min<int64_t>(low, 0);
    const int64_t half = unit_.kScratchpad / 2, start = d == Dtype::kBf16 ? half : 0;
    const int64_t step = d == Dtype::kBf16 || chance(50) ? unit_.spec.scratchpad.line_bytes : 1;
    return (start + between(0, half - (high - low) - step) - low + step - 1) / step * step;
  }

  contract::Preload preload(Dtype dtype) {
    contract::Preload p;
    p.dtype = dtype;
    p.rows = size(unit_.spec.array.rows), p.cols = size(unit_.spec.array.cols);
    const int64_t bytes = element_size(dtype);
    p.row_stride = static_cast<uint32_t>(chance(70) ? unit_.spec.array.cols * bytes : between(0, 300) * bytes);
    p.zero_point = zero(dtype);
    p.addr = static_cast<uint32_t>(base(dtype, 0, p.row_stride * (p.rows - 1) + p.cols * bytes));
    if (dtype == Dtype::kU8 || chance(60)) return p;
    // Stored narrower, and so in fewer of these bytes.
    p.weights = dtype == Dtype::kBf16 && chance(50) ? contract::Weights::kI8 : contract::Weights::kI4;
    if (chance(50)) p.row_stride = static_cast<uint32_t>(stored_row_bytes(p));
    return p;
  }

  contract::Compute compute(Dtype dtype, bool swap) {
    for (;;) {
      contract::Compute c;
      const int64_t bytes = element_size(dtype);
      const auto stride = [&](int64_t usual) {
        return static_cast<int32_t>((chance(70) ? usual : between(-40, 40)) * bytes);
      };
      c.dtype = dtype, c.swap = swap;
      c.rows = size(unit_.spec.array.rows), c.cols = size(unit_.spec.array.cols);
      c.m0 = static_cast<uint16_t>(chance(30) ? 1 : between(1, 12));
      c.m1 = static_cast<uint16_t>(chance(60) ? 1 : between(1, 4));
      c.m2 = static_cast<uint16_t>(chance(80) ? 1 : between(1, 3));
      c.stride0 = stride(unit_.spec.array.rows), c.stride1 = stride(64), c.stride2 = stride(200);
      c.k_c = static_cast<uint16_t>(chance(60) ? c.rows : between(1, 20));
      c.k_w = static_cast<uint16_t>(between(1, 3));
      c.c0 = static_cast<uint16_t>(between(0, c.k_c - 1)), c.kw0 = static_cast<uint16_t>(between(0, c.k_w - 1));
      c.kw_stride = stride(32), c.kh_stride = stride(96);
      c.zero_point = zero(dtype);
      c.accumulate = chance(60);
      c.acc_stride = static_cast<uint16_t>(chance(70) ? 1 : between(0, 2));
      c.acc_row = static_cast<uint32_t>(chance(50) ? between(0, 3) : between(0, 60));
      const Gather gather(c, unit_.spec.scratchpad);
      if (gather.high() - gather.low() > unit_.kScratchpad / 4) continue;
      c.addr = static_cast<uint32_t>(base(dtype, gather.low(), gather.high()));
      if (gather.vectors() * c.acc_stride + c.acc_row < unit_.kAccumulatorRows) return c;
    }
  }

  // Where bytes of [low, high) about it lie in one bank.
  uint32_t base_in_bank(Dtype d, int64_t bank, int64_t low, int64_t high) {
    const int64_t bytes = unit_.spec.scratchpad.bank_bytes(), step = element_size(d);
    low = std::min<int64_t>(low, 0);
    return static_cast<uint32_t>((bank * bytes + between(0, bytes - (high - low) - step) - low + step - 1) / step *
                                 step);
  }

  // An output-stationary pair; its matrix and its vectors lie in two banks, or in one if `wrong`.
  std::pair<contract::Preload, contract::Compute> pair(Dtype matrix, Dtype vectors, bool wrong) {
    const int64_t bank = (matrix == Dtype::kBf16 ? 2 : 0) + between(0, 1), other = wrong ? bank : bank ^ 1;
    auto [p, c] = std::pair(preload(matrix), compute(vectors, false));
    p.dataflow = c.dataflow = contract::Dataflow::kOutputStationary;
    p.rows = c.m0 * c.m1 * c.m2;
    const int64_t row = p.cols * element_size(matrix), most = unit_.spec.scratchpad.bank_bytes() / 2 / p.rows;
    p.row_stride = static_cast<uint32_t>(chance(70) ? row : between(0, most) & ~int64_t{1});
    p.addr = base_in_bank(matrix, bank, 0, p.row_stride * (p.rows - 1) + row);
    c.addr = 0;
    const Gather gather(c, unit_.spec.scratchpad);
    c.addr = base_in_bank(vectors, other, gather.low(), gather.high());
    c.acc_stride = static_cast<uint16_t>(c.rows == 1 ? between(0, 2) : chance(70) ? 1 : 2);
    return {p, c};
  }

  struct Queue {
    std::deque<Command> waiting, flying;
    uint64_t port_free = 0, issued = 0;
  };
  template <typename Body>
  void push(Queue& queue, const Body& body) {
    Command command;
    command.body = body;
    command.index = ++index_;
    queue.waiting.push_back(command);
  }

  // Holds this cycle's ports against the model's and issues what both let issue.
  template <typename Body, typename Ports>
  void step(Queue& queue, EngineModel& model, bool offered, const Ports& ports) {
    uint64_t complete = 0;
    for (; !queue.flying.empty() && queue.flying.front().complete == unit_.now; queue.flying.pop_front()) ++complete;
    ASSERT_EQ(ports.done, complete) << "cycle " << unit_.now;
    const bool free = unit_.now >= queue.port_free;
    ASSERT_EQ(ports.port_free, free) << "cycle " << unit_.now;
    if (!offered || queue.waiting.empty()) return;
    Command& command = queue.waiting.front();
    ASSERT_EQ(model.check(command).code, contract::ErrorCode::kNone);
    const bool ready = free && model.ready_at(command, unit_.now) == unit_.now;
    if (free) {
      ASSERT_EQ(ports.ready, ready) << contract::name(command.body.index() == 3 ? contract::Opcode::kPreload
                                                                                : contract::Opcode::kCompute)
                                    << " at " << unit_.now << ", model " << model.ready_at(command, unit_.now);
    }
    if (!ready) return;
    if (std::is_same_v<Body, contract::Compute>) {
      const bool fault = model.check_at_issue(command).code != contract::ErrorCode::kNone;
      ASSERT_EQ(ports.mismatch, fault);
      if (fault) {  // with its types made right, for there is no core here to stop
        std::get<contract::Compute>(command.body).swap = 0;
        queue.waiting.pop_front();
        return;
      }
    }
    model.issue(command, unit_.now);
    overflow_ += command.overflow;
    queue.port_free = command.port_free;
    queue.flying.push_back(command);
    queue.waiting.pop_front();
    ++queue.issued;
    *ports.fire = 1;
  }

  void cycle(int gaps) {
    const bool offer_preload = !chance(gaps), offer_compute = !chance(gaps);
    if (!preloads_.waiting.empty()) unit_.show(std::get<contract::Preload>(preloads_.waiting.front().body));
    if (!computes_.waiting.empty()) unit_.show(std::get<contract::Compute>(computes_.waiting.front().body));
    struct Ports {
      bool port_free, ready, mismatch;
      uint64_t done;
      uint8_t* fire;
    };
    auto& top = unit_.eval();
    step<contract::Preload>(
        preloads_, *unit_.preload, offer_preload,
        Ports{top.preload_port_free_o != 0, top.preload_ready_o != 0, false, top.preload_done_o, &top.preload_fire_i});
    unit_.eval();
    step<contract::Compute>(
        computes_, *unit_.compute, offer_compute,
        Ports{top.compute_port_free_o != 0,
              top.preload_fire_i ? top.paired_o || (top.compute_ready_o && !top.shared_o) : top.compute_ready_o != 0,
              top.mismatch_o != 0, top.compute_done_o, &top.compute_fire_i});
    unit_.eval();
    unit_.cycle();
  }

  void compare_accumulators() {
    const int64_t cols = unit_.spec.array.cols;
    for (int64_t i = 0; i < unit_.kAccumulatorRows * cols; ++i) {
      uint32_t want, got;
      std::memcpy(&want, unit_.accumulators->at(4 * i), 4);
      std::memcpy(&got, unit_.rtl_accumulators().data() + 4 * i, 4);
      ASSERT_EQ(got, want) << "row " << i / cols << ", column " << i % cols << std::hex << ": " << got << ", model "
                           << want;
    }
  }

  // With COMPUTEs before it that don't go with its matrix: of another type, of more steps, in the same bank.
  void push_pair(Dtype usual, Dtype vectors) {
    const auto [matrix, product] = pair(usual, vectors, false);
    push(preloads_, matrix);
    if (chance(10)) {
      auto other = product;
      const int64_t what = between(0, 1);
      if (what == 0) other.m0 += 1, other.stride0 = 0;
      if (what == 1)
        other.addr = matrix.addr, other.stride0 = other.stride1 = other.stride2 = other.kw_stride = other.kh_stride = 0;
      push(computes_, other);
    }
    push(computes_, product);
  }

  // PRELOADs and the COMPUTEs that take their weights, with more COMPUTEs between; sometimes of another type; and
  // output-stationary pairs.
  void sequence(int gaps, int stays) {
    fill_memories();
    const int tiles = static_cast<int>(between(2, 8));
    constexpr Dtype kTypes[] = {Dtype::kI8, Dtype::kU8, Dtype::kBf16};
    const Dtype usual = kTypes[between(0, 2)];
    for (int tile = 0; tile < tiles; ++tile) {
      const Dtype weights = chance(85) ? usual : kTypes[between(0, 2)];
      if (stays > 0 && chance(stays)) {
        push_pair(weights, weights == Dtype::kBf16 ? weights : kTypes[between(0, 1)]);
        continue;
      }
      push(preloads_, preload(weights));
      const auto matching = [&] { return weights == Dtype::kBf16 ? Dtype::kBf16 : kTypes[between(0, 1)]; };
      push(computes_, compute(matching(), true));
      while (chance(30)) push(computes_, compute(chance(95) ? matching() : kTypes[between(0, 2)], false));
    }
    uint64_t quiet = 0;
    const auto busy = [&](const Queue& q) { return !q.waiting.empty() || !q.flying.empty(); };
    while ((busy(preloads_) || busy(computes_)) && !this->HasFatalFailure()) {
      const uint64_t issued = preloads_.issued + computes_.issued;
      cycle(gaps);
      quiet = preloads_.issued + computes_.issued == issued ? quiet + 1 : 0;
      ASSERT_LT(quiet, 20000u) << "nothing issues";
    }
    if (!this->HasFatalFailure()) compare_accumulators();
    ASSERT_EQ(unit_.overflow, overflow_);
  }

  ArrayUnit<Top> unit_;
  std::mt19937_64 random_{3};
  Queue preloads_, computes_;
  uint64_t overflow_ = 0, index_ = 0, pairs_ = 0;
};

using Units = testing::Types<Varray4, Varray8, Varray16, Varray4x6>;
TYPED_TEST_SUITE(ArrayRtl, Units);

TYPED_TEST(ArrayRtl, RandomSequencesBackToBack) {
  for (int n = 0; n < kSequences && !this->HasFatalFailure(); ++n) {
    SCOPED_TRACE(n);
    constexpr int kStays[] = {0, 50, 100};  // output-stationary of 100
    this->sequence(n % 2 ? 0 : 30, kStays[n % 3]);
  }
  EXPECT_GT(this->unit_.overflow, 0u);
  EXPECT_GT(this->pairs_, 1000u);
  std::printf("%d sequences, %lu commands, %lu output-stationary pairs, %lu cycles, %lu additions that wrapped\n",
              kSequences, this->preloads_.issued + this->computes_.issued, this->pairs_, this->unit_.now,
              this->unit_.overflow);
}

TYPED_TEST(ArrayRtl, ResetDropsWhatIsUnderWay) {
  for (int n = 0; n < 50 && !this->HasFatalFailure(); ++n) {
    this->fill_memories();
    this->push(this->preloads_, this->preload(Dtype::kI8));
    this->push(this->computes_, this->compute(Dtype::kI8, true));
    this->push_pair(Dtype::kU8, Dtype::kI8);
    for (int64_t c = this->between(1, 60); c > 0; --c) this->cycle(0);
    this->preloads_ = {}, this->computes_ = {};
    this->unit_.reset();
    this->overflow_ = 0;
    this->sequence(0, 50);
  }
}

}  // namespace
}  // namespace systole::sim
