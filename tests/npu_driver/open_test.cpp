// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// URIs of the NPU: what opens, and how everything else is answered.
#include <gtest/gtest.h>

#include "devices/npu/npu_device.h"
#include "hal/registry.h"

namespace systole {
namespace {

Result<std::shared_ptr<Device>> open(const std::string& uri) {
  Registry registry;
  EXPECT_TRUE(registry.add(npu_driver()).ok());
  return registry.open(uri);
}

double limit(const Device& device, const std::string& name) {
  for (const Limit& each : device.info().limits) {
    if (each.name == name) return each.value;
  }
  ADD_FAILURE() << "no limit " << name;
  return -1;
}

TEST(Open, APresetSaysWhatItIs) {
  const auto device = open("npu:edge-16x16");
  ASSERT_TRUE(device.ok()) << device.status().to_string();
  const DeviceInfo& info = (*device)->info();
  EXPECT_EQ(info.uri, "npu:edge-16x16?fidelity=model");
  EXPECT_TRUE(info.simulated);
  EXPECT_TRUE(info.functional);
  EXPECT_TRUE(info.coherent);
  EXPECT_LT(info.memory_bytes, 1ll << 30);
  EXPECT_EQ(limit(**device, "peak_macs_per_cycle_i8"), 256);
  EXPECT_EQ(limit(**device, "peak_macs_per_cycle_bf16"), 128);
  EXPECT_EQ(limit(**device, "clock_hz"), 1e9);
  EXPECT_EQ(limit(**device, "dram_bytes_per_s"), 12.8e9);
  EXPECT_EQ(limit(**device, "scratchpad_bytes"), 512 * 1024);
  EXPECT_EQ(limit(**device, "accumulator_bytes"), 64 * 1024);
  EXPECT_EQ(limit(**device, "dram_bytes"), 1 << 30);
}

TEST(Open, AFileAndOverridesWork) {
  const auto device =
      open("npu:" SYSTOLE_SOURCE_DIR "/configs/npu/tiny-4x4.yaml?set=vector.lanes:8,dram.bytes:32MiB&functional=off");
  ASSERT_TRUE(device.ok()) << device.status().to_string();
  EXPECT_EQ(limit(**device, "dram_bytes"), 32 << 20);
  EXPECT_FALSE((*device)->info().functional);
  const auto again = open((*device)->info().uri);
  ASSERT_TRUE(again.ok()) << again.status().to_string();
  EXPECT_EQ((*again)->info().uri, (*device)->info().uri);
}

struct Refused {
  const char* uri;
  Code code;
  const char* part;
};

TEST(Open, EverythingElseIsAnsweredClearly) {
  const Refused cases[] = {
      {"npu", Code::kInvalidArgument, "expected npu:PRESET or npu:FILE.yaml"},
      {"npu:edge-61x16", Code::kNotFound, "did you mean 'edge-16x16'?"},
      {"npu:no/such.yaml", Code::kNotFound, "no/such.yaml: can't be read"},
      {"npu:tiny-4x4?fidelity=estimate", Code::kUnsupported, "closed-form estimate"},
      {"npu:tiny-4x4?fidelity=rtl&functional=off", Code::kInvalidArgument, "RTL always computes values"},
      {"npu:tiny-4x4?fidelity=rtl&set=scratchpad.read_latency:1", Code::kUnsupported,
       "scratchpad.read_latency: the RTL expects at least 2, got 1"},
      {"npu:tiny-4x4?waves=w.fst", Code::kInvalidArgument, "only fidelity=rtl writes waveforms"},
      {"npu:tiny-4x4?fidelity=modle", Code::kInvalidArgument, "fidelity: expected estimate, model or rtl, got 'modle'"},
      {"npu:tiny-4x4?functional=yes", Code::kInvalidArgument, "functional: expected on or off, got 'yes'"},
      {"npu:tiny-4x4?race_check=1", Code::kInvalidArgument, "race_check: expected on or off, got '1'"},
      {"npu:tiny-4x4?watchdog=1e6", Code::kInvalidArgument, "watchdog: expected a whole number, got '1e6'"},
      {"npu:tiny-4x4?set=vector.lanes", Code::kInvalidArgument, "set: expected key:value, got 'vector.lanes'"},
      {"npu:tiny-4x4?set=vector.lane:8", Code::kInvalidArgument, "nearest: vector.lanes"},
      {"npu:tiny-4x4?set=array.rows:8", Code::kInvalidArgument,
       "scratchpad.line_bytes: expected at least array.rows (8)"},
  };
  for (const Refused& each : cases) {
    const auto device = open(each.uri);
    ASSERT_FALSE(device.ok()) << each.uri;
    EXPECT_EQ(device.status().code(), each.code) << device.status().to_string();
    EXPECT_NE(device.status().message().find(each.part), std::string::npos) << device.status().to_string();
  }
}

TEST(Open, WithoutVerilatorRtlIsUnavailable) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  const auto device = open("npu:tiny-4x4?fidelity=rtl");
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.status().code(), Code::kUnavailable);
  EXPECT_NE(device.status().message().find("apt-get install verilator"), std::string::npos)
      << device.status().to_string();
}

TEST(Open, PresetsAreEnumerated) {
  bool found = false;
  for (const auto& [name, description] : npu_driver().enumerate())
    found = found || (name == "tpu-v1" && !description.empty());
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace systole
