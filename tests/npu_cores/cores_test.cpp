// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An NPU of several cores as a HAL device: the values of one core, work shared out, one account of the cycles.
#include <gtest/gtest.h>

#include "graph/builtin/builtin.h"
#include "graph/executor.h"
#include "graph/import.h"
#include "hal/queue.h"
#include "package/devices.h"
#include "tests/conformance/op_random.h"
#include "tests/support/causes.h"

namespace systole {
namespace {

using conformance::Bytes;
using conformance::OpCase;
using tests::kCauses;

std::shared_ptr<Device> device(const std::string& uri) {
  auto opened = open_device(uri);
  EXPECT_TRUE(opened.ok()) << opened.status().to_string();
  return opened.ok() ? *opened : nullptr;
}

OpCase matmul(DType dtype, int64_t m, int64_t k, int64_t n, bool constant) {
  OpCase result;
  result.desc.name = "matmul";
  result.desc.op = Matmul{};
  result.desc.inputs = {row_major(dtype, {m, k}), row_major(dtype, {k, n})};
  result.desc.outputs = {row_major(dtype == DType::kI8 ? DType::kI32 : DType::kF32, {m, n})};
  result.constant = {false, constant};
  return result;
}

ProfileRecord profile_of(const std::string& uri, const OpCase& op_case) {
  Profile profile;
  const auto outputs = run_case(device(uri), op_case, conformance::random_inputs(op_case), &profile);
  EXPECT_TRUE(outputs.ok()) << outputs.status().to_string();
  return profile.records.empty() ? ProfileRecord{} : profile.records[0];
}

// Extents that leave some of the cores without a share.
TEST(NpuCores, GiveTheValuesOfOneCoreWhereSomeHaveNoShare) {
  const std::string fast = "npu:tiny-4x4?set=dram.timing:fixed,dram.bytes_per_second:1TB/s";
  const auto one = device(fast), six = device(fast + ",cores:6"), sixteen = device(fast + ",cores:16");
  for (int64_t rows = 2; rows <= 18; ++rows) {
    OpCase products = matmul(DType::kI8, 1, 64, 4, true);  // cut best between one and the next
    products.desc.inputs = {row_major(DType::kI8, {rows, 1, 64}), row_major(DType::kI8, {rows, 64, 4})};
    products.desc.outputs = {row_major(DType::kI32, {rows, 1, 4})};
    const auto inputs = conformance::random_inputs(products);
    const auto expected = run_case(one, products, inputs);
    ASSERT_TRUE(expected.ok()) << expected.status().to_string();
    for (const auto& each : {six, sixteen}) {
      const auto got = run_case(each, products, inputs);
      ASSERT_TRUE(got.ok()) << got.status().to_string();
      EXPECT_EQ(*got, *expected) << rows << " products on " << each->info().uri;
    }
  }
}

// Columns of i4 weights lie two a byte: no core's share begins in the middle of one.
TEST(NpuCores, GiveTheValuesOfOneCoreWithPackedWeights) {
  const std::string set = "set=dram.bytes:16MiB,array.weight_types:i4";
  const auto one = device("npu:tiny-4x4?" + set);
  for (const bool constant : {true, false})
    for (const auto& [x, y] : {std::pair{DType::kBF16, DType::kF32}, {DType::kI8, DType::kI32}})
      for (int64_t columns : {7, 22, 65}) {
        OpCase product = matmul(x, 1, 256, columns, constant);
        std::shared_ptr<Quantization> scale;
        if (x == DType::kBF16) {
          const auto each = static_cast<size_t>(columns);
          scale =
              std::make_shared<Quantization>(Quantization{std::vector<float>(each), std::vector<int32_t>(each, 0), 1});
          for (size_t i = 0; i < each; ++i) scale->scale[i] = 0.5f + 0.25f * static_cast<float>(i);
        }
        product.desc.inputs[1] = row_major(DType::kI4, {256, columns}, scale);
        product.desc.outputs[0] = row_major(y, {1, columns});
        const auto inputs = conformance::random_inputs(product);
        const auto expected = run_case(one, product, inputs);
        ASSERT_TRUE(expected.ok()) << expected.status().to_string();
        for (const char* cores : {"2", "4", "7"}) {
          const auto got = run_case(device("npu:tiny-4x4?" + set + ",cores:" + cores), product, inputs);
          ASSERT_TRUE(got.ok()) << got.status().to_string();
          EXPECT_EQ(*got, *expected) << columns << " columns, constant " << constant << ", on " << cores << " cores";
        }
      }
}

// Every sum has the order that it has on one core: floats are equal to the bit too.
TEST(NpuCores, GiveTheValuesOfOneCore) {
  const auto one = device("npu:tiny-4x4?set=dram.bytes:16MiB");
  const std::shared_ptr<Device> several[] = {device("npu:tiny-4x4?race_check=on&set=cores:2,dram.bytes:16MiB"),
                                             device("npu:tiny-4x4?set=cores:4,dram.bytes:16MiB,noc.topology:mesh")};
  std::mt19937_64 random(7);
  std::vector<int> ran(conformance::kOpKinds);
  for (int round = 0; round < 60; ++round)
    for (size_t op = 0; op < conformance::kOpKinds; ++op) {
      const OpCase op_case = conformance::random_case(op, random);
      if (!one->supports(op_case.desc).yes) continue;
      const auto inputs = conformance::random_inputs(op_case);
      const auto expected = run_case(one, op_case, inputs);
      if (!expected.ok()) continue;  // a constant where this NPU takes none
      ++ran[op];
      for (const auto& each : several) {
        const auto got = run_case(each, op_case, inputs);
        ASSERT_TRUE(got.ok()) << op_case.desc.name << ": " << got.status().to_string();
        EXPECT_EQ(*got, *expected) << op_name(op_case.desc.op) << " " << op_case.desc.outputs[0].to_string() << " on "
                                   << each->info().uri;
      }
    }
  int kinds = 0;
  for (int each : ran) kinds += each > 5;
  EXPECT_GE(kinds, 10);
}

int64_t bytes_of(const ProfileRecord& record) {
  return record.counter("dram_read_bytes") + record.counter("dram_write_bytes");
}
int64_t bursts_of(const ProfileRecord& record) {
  return record.counter("dram_row_hits") + record.counter("dram_row_misses");
}

struct Ran {
  graph::TensorMap outputs;
  graph::RunReport report;
};
Ran run_network(const std::string& name, const std::string& uri) {
  Ran ran;
  auto graph = graph::import_graph(graph::make_builtin(name).value()).value();
  graph::TensorMap inputs;
  for (graph::ValueId id : graph.inputs) {
    const graph::Value& value = graph.at(id);
    graph::HostTensor tensor;
    tensor.dtype = value.dtype;
    tensor.shape = value.shape;
    tensor.data.resize(static_cast<size_t>(row_major(value.dtype, value.shape).span_bytes()));
    inputs[value.name] = std::move(tensor);
  }
  graph::SessionOptions options;
  options.device = device(uri);
  options.fallback = device("cpu");
  auto session = graph::compile(std::move(graph), options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  const Status status = (*session)->run(inputs, ran.outputs, &ran.report);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return ran;
}

TEST(NpuCores, RunANetworkOpAfterOp) {
  const Ran one = run_network("lenet5_int8", "npu:tiny-8x8");
  // The second one's rings are far smaller than its programs.
  for (const char* set : {"cores:2", "cores:4,dram.bytes:512KiB", "cores:16"}) {
    const Ran several = run_network("lenet5_int8", std::string("npu:tiny-8x8?set=") + set);
    ASSERT_EQ(several.outputs.size(), one.outputs.size());
    for (const auto& [name, tensor] : one.outputs) EXPECT_EQ(several.outputs.at(name).data, tensor.data) << set;
  }
}

TEST(NpuCores, TheCausesOfAllSumToTheirCyclesAndTheWorkIsThatOfOne) {
  const OpCase work = matmul(DType::kI8, 64, 40, 72, true);
  const ProfileRecord one = profile_of("npu:tiny-8x8", work);
  for (int64_t cores : {1, 2, 4}) {
    const ProfileRecord record = profile_of("npu:tiny-8x8?set=cores:" + std::to_string(cores), work);
    int64_t causes = 0;
    for (const char* cause : kCauses) {
      EXPECT_GE(record.counter(cause), 0) << cause;
      causes += record.counter(cause);
    }
    EXPECT_EQ(causes, cores * record.counter("cycles"));
    EXPECT_EQ(record.counter("macs"), one.counter("macs"));
    EXPECT_GE(record.counter("dram_write_bytes"), 64 * 72 * 4);
    // Each burst that a core asked for found its row open or did not, and is that core's alone.
    EXPECT_EQ(bursts_of(record) * bytes_of(one), bursts_of(one) * bytes_of(record));
    EXPECT_GT(bursts_of(record), 0);
  }
}

// What the array does is the same work, whoever does it.
TEST(NpuCores, EnergyIsThatOfAll) {
  const OpCase work = matmul(DType::kI8, 64, 64, 64, true);
  const std::string set = "npu:tiny-8x8?set=energy.table:45nm,energy.dram:ddr,cores:";
  const ProfileRecord one = profile_of(set + "1", work), four = profile_of(set + "4", work);
  ASSERT_GT(one.counter("energy_array_pj"), 0);
  EXPECT_GE(four.counter("energy_array_pj"), one.counter("energy_array_pj"));
  EXPECT_LE(four.counter("energy_array_pj"), 2 * one.counter("energy_array_pj")) << "weights shift in once a core";
  EXPECT_GE(four.counter("energy_dram_pj"), one.counter("energy_dram_pj"));
}

TEST(NpuCores, ComputeBoundWorkScalesAndMemoryBoundWorkDoesNot) {
  const OpCase compute = matmul(DType::kI8, 256, 256, 256, true);
  const std::string fast = "npu:tiny-8x8?set=dram.timing:fixed,cores:", slow = "npu:tiny-8x8?set=cores:";
  const auto cycles = [](const std::string& uri, const OpCase& op) { return profile_of(uri, op).counter("cycles"); };
  EXPECT_GT(cycles(fast + "1", compute), 3 * cycles(fast + "4", compute));
  OpCase copy;
  copy.desc.name = "copy";
  copy.desc.op = Copy{};
  copy.desc.inputs = copy.desc.outputs = {row_major(DType::kF32, {64, 2048})};
  EXPECT_LT(cycles(slow + "1", copy), 2 * cycles(slow + "4", copy));
  const ProfileRecord four = profile_of(slow + "4", copy);
  EXPECT_GT(10 * four.counter("stall_dram_cycles"), 9 * four.counter("cycles")) << "one waits for it at any time";
}

TEST(NpuCores, SayWhatTheyCannot) {
  EXPECT_EQ(open_device("npu:tiny-4x4?fidelity=rtl&set=cores:2").status().code(), Code::kUnsupported);
  EXPECT_EQ(open_device("npu:tiny-4x4?set=cores:17").status().code(), Code::kInvalidArgument);
  const OpCase work = matmul(DType::kI8, 8, 8, 8, false);
  const auto few =
      run_case(device("npu:tiny-4x4?set=cores:2,core.semaphores:16"), work, conformance::random_inputs(work));
  EXPECT_EQ(few.status().code(), Code::kUnsupported);
  EXPECT_NE(few.status().message().find("17 semaphores"), std::string::npos) << few.status().message();

  const auto two = device("npu:tiny-4x4?set=cores:2");
  CommandList list(two);
  ASSERT_TRUE(list.op(make_call(*two, work, conformance::random_inputs(work))).ok());
  ASSERT_TRUE(list.end().ok());
  EXPECT_EQ(list.executable()->save(list).status().code(), Code::kUnsupported);
}

TEST(NpuCores, AFaultStopsAllAndTheNextRunStartsAnew) {
  const auto two = device("npu:tiny-4x4?watchdog=1&set=cores:2");
  const OpCase work = matmul(DType::kI8, 8, 8, 8, false);
  for (int i = 0; i < 2; ++i) {
    const auto failed = run_case(two, work, conformance::random_inputs(work));
    EXPECT_EQ(failed.status().code(), Code::kDeviceFault) << failed.status().to_string();
    EXPECT_NE(failed.status().message().find("core "), std::string::npos) << failed.status().message();
  }
}

}  // namespace
}  // namespace systole
