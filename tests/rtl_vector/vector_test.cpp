// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector engine in SystemVerilog against the model's: issue, port free and completion to the cycle, memories to the
// bit.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <deque>

#include "sim/gather.h"
#include "tests/rtl_vector/random_vectors.h"
#include "tests/rtl_vector/vector_unit.h"

namespace systole::sim {
namespace {

using contract::Dtype;

bool is_nan(const std::byte* at, Dtype dtype) {
  uint32_t bits = 0;
  std::memcpy(&bits, at, static_cast<size_t>(element_size(dtype)));
  return std::isnan(std::bit_cast<float>(dtype == Dtype::kBf16 ? bits << 16 : bits));
}

template <typename Top>
class VectorRtl : public testing::Test {
 protected:
  // What `v` wrote. Bits of a NaN are free: the model's become the RTL's.
  void compare_destination(const contract::Vector& v) {
    const bool far = v.d_space == contract::Space::kAccumulator;
    LocalMemory& want = far ? unit_.accumulators : unit_.scratchpad;
    const std::byte* got = (far ? unit_.rtl_accumulators() : unit_.rtl_scratchpad()).data();
    const bool real = v.d_dtype == Dtype::kF32 || v.d_dtype == Dtype::kBf16;
    const int64_t size = element_size(v.d_dtype);
    const Box box = vector_shape(v).destination;
    box.each_row([&](int64_t row) {
      for (int64_t at = row; at < row + box.bytes; at += size) {
        if (std::memcmp(got + at, want.at(at), static_cast<size_t>(size)) == 0) continue;
        if (real && is_nan(got + at, v.d_dtype) && is_nan(want.at(at), v.d_dtype)) {
          std::memcpy(want.at(at), got + at, static_cast<size_t>(size));
          continue;
        }
        uint32_t a = 0, b = 0;
        std::memcpy(&a, got + at, static_cast<size_t>(size));
        std::memcpy(&b, want.at(at), static_cast<size_t>(size));
        ADD_FAILURE() << "byte " << at << ": " << std::hex << a << ", the model has " << b << std::dec << " in " << v.n1
                      << " x " << v.n0 << " x " << v.channels << ", window " << contract::name(v.window) << ", "
                      << contract::name(v.a_dtype) << " to " << contract::name(v.d_dtype) << ", requant "
                      << contract::name(v.requant) << ", " << contract::name(v.binary) << ", "
                      << contract::name(v.function) << ", reduce " << contract::name(v.reduce) << ", "
                      << contract::name(v.activation) << ", B " << contract::name(v.b_dtype)
                      << (v.b_broadcast ? " broadcast" : "") << (v.b_scaled ? " scaled" : "")
                      << (v.scalar_params ? ", scalar parameters" : "");
        return false;
      }
      return true;
    });
  }

  void compare_memories() {
    EXPECT_EQ(std::memcmp(unit_.rtl_scratchpad().data(), unit_.scratchpad.at(0), unit_.kScratchpad), 0);
    EXPECT_EQ(std::memcmp(unit_.rtl_accumulators().data(), unit_.accumulators.at(0), unit_.kAccumulators), 0);
  }

  // Ends a cycle in which `v` issues if there is one and the port is free; true when it did.
  bool cycle(const contract::Vector* v) {
    const uint64_t now = unit_.now();
    EXPECT_EQ(unit_.port_free(), now >= free_) << "cycle " << now;
    uint64_t complete = 0;
    for (; !flying_.empty() && flying_.front().complete == now; flying_.pop_front(), ++complete)
      compare_destination(std::get<contract::Vector>(flying_.front().body));
    EXPECT_EQ(unit_.done(), complete) << "cycle " << now;
    most_at_once_ = std::max(most_at_once_, complete);
    EXPECT_TRUE(unit_.ready());
    if (!v || now < free_) {
      unit_.cycle();
      return false;
    }
    unit_.cycle(v);
    Command command;
    command.body = *v;
    EXPECT_EQ(unit_.model->check(command).code, contract::ErrorCode::kNone);
    unit_.model->issue(command, now);
    free_ = command.port_free;
    if (!flying_.empty()) command.complete = std::max(command.complete, flying_.back().complete);
    flying_.push_back(command);
    return true;
  }

  static std::vector<contract::Vector> all(RandomVectors& commands) {
    std::vector<contract::Vector> batch;
    while (auto v = commands.next()) batch.push_back(*v);
    return batch;
  }

  // As many random commands as the memories hold, idle for `idle` quarters of the cycles; how many they were.
  size_t run(RandomVectors& commands, uint64_t idle) {
    commands.clear();
    const auto batch = all(commands);
    unit_.copy_memories();
    size_t next = 0;
    while (next < batch.size() && !this->HasFailure())
      if (cycle(random_() % 4 < idle ? nullptr : &batch[next])) ++next;
    while (!flying_.empty() && !this->HasFailure()) cycle(nullptr);
    if (!this->HasFailure()) compare_memories();
    return next;
  }

  VectorUnit<Top> unit_;
  std::mt19937_64 random_{2};
  std::deque<Command> flying_;
  uint64_t free_ = 0, most_at_once_ = 0;
};

using Units = testing::Types<Vvector4, Vvector6, Vvector16>;
TYPED_TEST_SUITE(VectorRtl, Units);

TYPED_TEST(VectorRtl, RandomCommandsBackToBack) {
  auto& unit = this->unit_;
  const auto lanes = static_cast<uint32_t>(unit.lanes());
  RandomVectors commands(lanes, lanes, unit.scratchpad, unit.accumulators);
  size_t issued = 0;
  for (uint64_t idle = 0; issued < 20'000 && !this->HasFailure(); ++idle) issued += this->run(commands, idle % 4);
  EXPECT_GT(this->most_at_once_, 1u);
  std::printf("%u lanes: %zu commands, %zu cycles\n", lanes, issued, static_cast<size_t>(unit.now()));
}

TYPED_TEST(VectorRtl, ResetInMidFlightLeavesNothing) {
  auto& unit = this->unit_;
  const auto lanes = static_cast<uint32_t>(unit.lanes());
  RandomVectors commands(7, lanes, unit.scratchpad, unit.accumulators);
  for (int after = 1; after < 60; ++after) {
    commands.clear();
    const auto batch = this->all(commands);
    unit.copy_memories();
    size_t next = 0;
    for (int i = 0; i < after; ++i) next += this->cycle(next < batch.size() ? &batch[next] : nullptr);
    unit.reset();
    this->flying_.clear();
    this->free_ = 0;
    commands.clear();
    unit.copy_memories();
    for (int i = 0; i < 100; ++i) this->cycle(nullptr);
    this->compare_memories();
  }
  this->run(commands, 0);
}

}  // namespace
}  // namespace systole::sim
