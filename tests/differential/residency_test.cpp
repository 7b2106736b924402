// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random lists of ops over an arena that is used again and again: with tensors kept on chip or weights that come ahead,
// and without, the NPU gives the same bits, and no command races another.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <numeric>
#include <random>

#include "devices/npu/npu_device.h"
#include "hal/command_list.h"
#include "hal/queue.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/op_case.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

using Random = std::mt19937_64;

// A value of the list: `rows` rows of `columns` bf16 in the arena.
struct Live {
  int64_t offset = 0, rows = 0, columns = 0;
  int64_t bytes() const { return rows * columns * 2; }
};

class RandomList {
 public:
  RandomList(std::shared_ptr<Device> device, uint64_t seed) : device_(std::move(device)), random_(seed) {
    const TensorDesc desc = row_major(DType::kBF16, {kRows, kColumns});
    input_ = make_buffer(*device_, random_operand(desc, seed), "input");
    arena_ = make_buffer(*device_, kArena, "arena");
    output_ = make_buffer(*device_, kArena, "output");
    list_ = std::make_shared<CommandList>(device_, "random");
    live_ = {put({0, kRows, kColumns})};
    record(Unary{UnaryKind::kRelu}, {view(input_, {0, kRows, kColumns}, false)}, live_[0]);
  }

  Bytes run(Profile* profile) {
    const int64_t ops = 6 + static_cast<int64_t>(random_() % 10);
    for (int64_t i = 0; i < ops; ++i) {
      step();
      if (live_.size() > 3) live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(random_() % live_.size()));
    }
    const Live last = live_.back();
    record(Unary{UnaryKind::kRelu}, {view(arena_, last, true)}, last, output_);
    require_ok(list_->end(), "end");
    require_ok(run_and_wait(*device_, list_, {}, profile), "run");
    return read_bytes(*output_, 0, last.bytes());
  }

 private:
  static constexpr int64_t kRows = 24, kColumns = 40, kMost = 96, kArena = 64 * 1024;

  Live any() { return live_[random_() % live_.size()]; }

  // Somewhere in the arena that no live value has, at random: ranges are used again in every way.
  Live put(Live value) {
    for (;;) {
      value.offset = static_cast<int64_t>(random_() % static_cast<uint64_t>((kArena - value.bytes()) / 64)) * 64;
      bool free = true;
      for (const Live& other : live_)
        free = free && (value.offset >= other.offset + other.bytes() || other.offset >= value.offset + value.bytes());
      if (free) return value;
    }
  }

  static TensorView view(const std::shared_ptr<Buffer>& buffer, const Live& value, bool transient) {
    TensorView v;
    v.buffer = buffer, v.offset = value.offset, v.transient = transient;
    v.desc = row_major(DType::kBF16, {value.rows, value.columns});
    return v;
  }

  void record(Op op, std::vector<TensorView> inputs, const Live& y, std::shared_ptr<Buffer> to = nullptr) {
    TensorView out = view(to ? to : arena_, y, !to);
    if (to) out.offset = 0;
    require_ok(list_->op({std::move(op), std::move(inputs), {out}, "op" + std::to_string(count_++)}), "record");
  }

  void step() {
    const Live a = any();
    switch (random_() % (a.rows > kRows ? 2 : 5)) {
      case 0: {  // a product with constant weights
        const Live y = put({0, a.rows, 8 + static_cast<int64_t>(random_() % (kMost - 8))});
        record(Matmul{}, {view(arena_, a, true), weights(a.columns, y.columns)}, y);
        live_.push_back(y);
        return;
      }
      case 1: {
        const Live y = put(a);
        record(Softmax{}, {view(arena_, a, true)}, y);
        live_.push_back(y);
        return;
      }
      case 2: {  // of two values, into two halves of a third that is read whole
        Live whole = put({0, 2 * a.rows, a.columns}), half = whole;
        half.rows = a.rows;
        record(Unary{UnaryKind::kSilu}, {view(arena_, a, true)}, half);
        half.offset += half.bytes();
        record(Normalize{}, {view(arena_, a, true)}, half);
        live_.push_back(whole);
        const Live y = put(whole);
        record(Unary{UnaryKind::kTanh}, {view(arena_, whole, true)}, y);
        live_.back() = y;
        return;
      }
      case 3:  // in place
        record(Unary{UnaryKind::kSigmoid}, {view(arena_, a, true)}, a);
        return;
      default: {
        const Live y = put(a);
        record(Binary{BinaryKind::kAdd}, {view(arena_, a, true), view(arena_, a, true)}, y);
        live_.push_back(y);
      }
    }
  }

  TensorView weights(int64_t rows, int64_t columns) {
    TensorView v;
    v.desc = row_major(DType::kBF16, {rows, columns});
    const Bytes content = random_operand(v.desc, random_());
    v.buffer = take(allocate_host({static_cast<int64_t>(content.size()), 0, MemoryKind::kConstant, "w"}), "weights");
    write_bytes(*v.buffer, 0, content);
    v.buffer->freeze();
    return v;
  }

  std::shared_ptr<Device> device_;
  Random random_;
  std::shared_ptr<Buffer> input_, arena_, output_;
  std::shared_ptr<CommandList> list_;
  std::vector<Live> live_;
  int count_ = 0;
};

TEST(Residency, RandomListsGiveTheSameBits) {
  int kept = 0, ahead = 0;
  constexpr int kLists = 60;
  for (const char* preset : {"tiny-8x8", "edge-16x16"}) {
    for (uint64_t seed = 1; seed <= kLists / 2; ++seed) {
      std::map<std::string, Bytes> results;
      std::vector<int64_t> read;  // from memory, by op, with nothing kept
      for (const std::string residency : {"off", "weights", "both"}) {
        Registry registry;
        require_ok(registry.add(npu_driver()), "driver");
        // Rows that cost nothing to open make weights come ahead wherever that saves a cycle.
        auto device = take(registry.open(std::string("npu:") + preset + "?race_check=on&residency=" + residency +
                                         "&set=dram.row_miss_cycles:0"),
                           "open");
        Profile profile;
        results[residency] = RandomList(device, seed).run(&profile);
        int64_t on_chip = 0;
        bool more = false;
        for (size_t i = 0; i < profile.records.size(); ++i) {
          const int64_t bytes = profile.records[i].counter("dram_read_bytes");
          on_chip += profile.records[i].counter("on_chip_bytes");
          if (residency == "off") read.push_back(bytes);
          more = more || bytes > read[i] + 1024;  // beside commands
        }
        if (residency == "both") kept += on_chip > 0;
        if (residency == "weights") ahead += more;
        if (residency != "both") {
          EXPECT_EQ(on_chip, 0);
        }
      }
      ASSERT_EQ(results["off"], results["weights"]) << preset << " seed " << seed;
      ASSERT_EQ(results["off"], results["both"]) << preset << " seed " << seed;
    }
  }
  std::cout << kept << " of " << kLists << " lists kept something on chip, " << ahead << " had weights come ahead\n";
  EXPECT_GT(kept, kLists / 2);
  EXPECT_GT(ahead, kLists / 8);
}

// Convolutions one after the other, each input what the one before made: every op's cycles.
std::vector<int64_t> cycles_of_convolutions(const std::string& residency) {
  Registry registry;
  require_ok(registry.add(npu_driver()), "driver");
  auto device = take(registry.open("npu:tpu-v1?functional=off&residency=" + residency), "open");
  const auto quant = std::make_shared<Quantization>(Quantization{{0.05F}, {0}, -1});
  const TensorDesc image = channels_last(DType::kI8, {8, 256, 19, 19}, quant);
  const auto tensor = [&](bool transient) {
    TensorView v;
    v.buffer = make_buffer(*device, image.span_bytes(), "image");
    v.desc = image, v.transient = transient;
    return v;
  };
  Conv2d op;
  op.pad_top = op.pad_bottom = op.pad_left = op.pad_right = 1;
  op.epilogue.requant = RequantMode::kOnnx;
  constexpr int kOps = 4;
  auto list = std::make_shared<CommandList>(device);
  TensorView x = tensor(false);
  for (int i = 0; i < kOps; ++i) {
    TensorView w;
    w.desc = row_major(DType::kI8, {256, 256, 3, 3}, quant);
    w.buffer = take(allocate_host({w.desc.span_bytes(), 0, MemoryKind::kConstant, "w"}), "weights");
    w.buffer->freeze();
    const TensorView y = tensor(i + 1 < kOps);
    require_ok(list->op({op, {x, w}, {y}, "conv"}), "record");
    x = y;
  }
  require_ok(list->end(), "end");
  Profile profile;
  require_ok(run_and_wait(*device, list, {}, &profile), "run");
  std::vector<int64_t> cycles;
  for (const ProfileRecord& record : profile.records) cycles.push_back(record.counter("cycles"));
  return cycles;
}

// The weights of a layer take half as long to load as the layer before takes to compute.
TEST(Residency, WeightsComeWhileTheOpBeforeComputes) {
  const auto without = cycles_of_convolutions("on"), with = cycles_of_convolutions("both");
  ASSERT_EQ(without.size(), with.size());
  for (size_t i = 0; i + 1 < with.size(); ++i) {
    if (i > 0) {
      EXPECT_LT(with[i] + 5000, without[i]) << i;
    }
  }
  EXPECT_LT(std::accumulate(with.begin(), with.end(), int64_t{0}) * 10,
            std::accumulate(without.begin(), without.end(), int64_t{0}) * 9);
}

}  // namespace
}  // namespace systole::conformance
