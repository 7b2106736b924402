// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/load.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/support/replaced.h"
#include "tests/tolerance.h"

namespace systole::spec {
namespace {

constexpr const char* kGood = R"(name: t
description: for tests
structure: exact
clock: 100MHz
array:
  rows: 8
  cols: 4
scratchpad:
  bytes: 32KiB
  banks: 4
  line_bytes: 8
accumulator:
  rows: 64
vector:
  lanes: 4
dma:
  burst_bytes: 64B
dram:
  bytes: 1MiB
  bytes_per_second: 1GB/s
)";

std::string replaced(const std::string& from, const std::string& to) { return tests::replaced(kGood, from, to); }

TEST(Load, EveryPresetIsValidAndNamedAsItsFile) {
  std::set<std::string> names;
  for (const Preset& preset : npu_presets()) {
    EXPECT_TRUE(preset.valid) << preset.description;
    const auto spec = load_npu_spec(preset.name);
    ASSERT_TRUE(spec.ok()) << spec.status().message();
    EXPECT_EQ(spec->name, preset.name);
    EXPECT_GE(spec->scratchpad.line_bytes, spec->array.rows);
    names.insert(preset.name);
  }
  for (const char* name : {"edge-16x16", "edge-32x32", "tpu-v1", "datacenter-128x128", "tiny-4x4", "tiny-8x8",
                           "gemmini-16x16", "tpu-v3"}) {
    EXPECT_TRUE(names.count(name)) << name;
  }
}

TEST(Load, TpuV1IsThePapers) {
  const auto spec = load_npu_spec("tpu-v1");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->clock.hz, 700000000);
  EXPECT_NEAR(peak_macs_per_cycle_i8(*spec) * 2 * 700e6, 92e12, 0.3e12);
  EXPECT_EQ(peak_macs_per_cycle_bf16(*spec), 0.0);
  EXPECT_EQ(spec->scratchpad.bytes + accumulator_bytes(*spec), 28ll << 20);
  EXPECT_EQ(spec->array.rows / spec->array.weight_rows_per_cycle, 256);
  EXPECT_EQ(spec->dram.bytes_per_second, 34e9);
}

TEST(Load, DefaultsAndUnitsResolve) {
  const auto spec = parse_npu_spec(kGood, "t.yaml");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->scratchpad.bytes, 32768);
  EXPECT_EQ(spec->scratchpad.interleave, 4);
  EXPECT_EQ(spec->core.load_queue, 8);
  EXPECT_EQ(spec->file, "t.yaml");
}

struct Bad {
  const char* from;
  const char* to;
  const char* message;  // how it begins
};

TEST(Load, EveryKindOfErrorNamesFileLineColumnKeyExpectedAndGot) {
  const Bad cases[] = {
      {"  rows: 8", "  rowz: 8",
       "t.yaml:6:3: array.rowz: expected a known key (nearest: array.rows), got 'array.rowz'"},
      {"array:", "aray:", "t.yaml:5:1: aray: expected a known key (nearest: array), got 'aray'"},
      {"  rows: 8", "  rows: 8\n  rows: 8", "t.yaml:7:3: array.rows: expected each key once, got a duplicate"},
      {"  rows: 8", "  rows: 010", "t.yaml:6:3: array.rows: expected a whole number, got '010'"},
      {"  rows: 8", "  rows: on", "t.yaml:6:3: array.rows: expected a whole number, got 'on'"},
      {"  rows: 8", "  rows: 1e3", "t.yaml:6:3: array.rows: expected a whole number, got '1e3'"},
      {"  rows: 8", "  rows: \"8\"", "t.yaml:6:3: array.rows: expected a number, got the string \"8\""},
      {"  rows: 8", "  rows: [8]", "t.yaml:6:3: array.rows: expected a value, got a list"},
      {"  rows: 8", "  rows: {a: 8}", "t.yaml:6:3: array.rows: expected a value, got a map"},
      {"  rows: 8", "  rows:", "t.yaml:6:3: array.rows: expected a value, got nothing"},
      {"  rows: 8", "  rows: 0", "t.yaml:6:3: array.rows: expected 1 to 1024, got '0'"},
      {"name: t", "name: 17", "t.yaml:1:1: name: expected a text, got the number 17 (quote it)"},
      {"name: t", "name: [t]", "t.yaml:1:1: name: expected a value, got a list"},
      {"name: t", "name: t\nsources: x", "t.yaml:2:1: sources: expected a list, got 'x'"},
      {"array:\n  rows: 8\n  cols: 4\n", "array: 8\n", "t.yaml:5:1: array: expected a map, got a value"},
      {"vector:\n  lanes: 4\n", "", "t.yaml:1:1: vector.lanes: expected this key, got a file without it"},
      {"clock: 100MHz", "clock: 100",
       "t.yaml:4:1: clock: expected a number with a unit (Hz, kHz, MHz, GHz), got '100'"},
      {"clock: 100MHz", "clock: 100MiB", "t.yaml:4:1: clock: expected a number with a unit"},
      {"clock: 100MHz", "clock: 99Hz", "t.yaml:4:1: clock: expected 1000000 Hz to 10000000000 Hz, got '99Hz'"},
      {"clock: 100MHz", "clock: 1.0000001GHz", "t.yaml:4:1: clock: expected whole kHz, got 1000000100"},
      {"structure: exact", "structure: exactly",
       "t.yaml:3:1: structure: expected exact, analogue or estimate-only, got 'exactly'"},
      {"bytes: 32KiB", "bytes: 32 kb", "t.yaml:9:3: scratchpad.bytes: expected a size in bytes or with a unit"},
      {"bytes: 32KiB", "bytes: 33000", "t.yaml:9:3: scratchpad.bytes: expected whole KiB, got 33000"},
      {"banks: 4", "banks: 3", "t.yaml:9:3: scratchpad.bytes: expected a multiple of scratchpad.banks (3), got 32768"},
      {"line_bytes: 8", "line_bytes: 12", "t.yaml:11:3: scratchpad.line_bytes: expected a power of two, got 12"},
      {"line_bytes: 8", "line_bytes: 4", "t.yaml:11:3: scratchpad.line_bytes: expected at least array.rows (8)"},
      {"line_bytes: 8", "line_bytes: 4096",
       "t.yaml:11:3: scratchpad.line_bytes: expected line_bytes x interleave to divide a bank of 8192"},
      {"  cols: 4", "  cols: 4\n  weight_rows_per_cycle: 9",
       "t.yaml:8:3: array.weight_rows_per_cycle: expected at most array.rows (8), got 9"},
      {"  cols: 4", "  cols: 4\n  int8_interval: 0\n  bf16_interval: 0",
       "t.yaml:8:3: array.int8_interval: expected int8_interval or"},
      {"burst_bytes: 64B", "burst_bytes: 48B", "t.yaml:17:3: dma.burst_bytes: expected a power of two, got 48"},
      {"burst_bytes: 64B", "burst_bytes: 512B",
       "t.yaml:1:1: dram.interleave_bytes: expected at least dma.burst_bytes (512)"},
      {"bytes_per_second: 1GB/s", "bytes_per_second: 1GB",
       "t.yaml:20:3: dram.bytes_per_second: expected a number with a unit"},
      {"bytes: 1MiB", "bytes: 65636",
       "t.yaml:19:3: dram.bytes: expected a multiple of channels x interleave_bytes (256), got 65636"},
      {"array:", "array: [", "t.yaml:"},
  };
  for (const Bad& bad : cases) {
    const auto spec = parse_npu_spec(replaced(bad.from, bad.to), "t.yaml");
    ASSERT_FALSE(spec.ok()) << bad.to;
    EXPECT_EQ(spec.status().code(), Code::kInvalidArgument);
    EXPECT_EQ(spec.status().message().rfind(bad.message, 0), 0u)
        << "wanted: " << bad.message << "\ngot:    " << spec.status().message();
  }
}

TEST(Load, TpuV3IsOneCoreWithBothArraysSideBySide) {
  const auto spec = load_npu_spec("tpu-v3");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->structure, "analogue");
  EXPECT_NEAR(2 * peak_macs_per_cycle_bf16(*spec) * 2 * 940e6, 123e12, 1e12) << "two cores a chip";
  EXPECT_EQ(2 * spec->dram.bytes_per_second, 820e9) << "900 less refresh";
}

// Peaks that their makers state, in 1e12 operations a second of `parts` of what the preset is.
TEST(Load, PresetsHaveThePeaksTheirMakersState) {
  struct Stated {
    const char* name;
    double parts, int8, bf16;  // 0: not stated, or at another rate than the array's (the file says so)
  };
  for (const Stated& one : {Stated{"tpu-v2", 2, 0, 46},
                            {"tpu-v4", 2, 275, 275},
                            {"tpu-v4i", 1, 138, 138},
                            {"tpu-v5e", 1, 0, 197},
                            {"tpu-v5p", 2, 0, 459},
                            {"tpu-v6e", 1, 0, 918},
                            {"tpu-v7", 2, 0, 2307},
                            {"edge-tpu", 1, 4, 0},
                            {"nvdla-large", 1, 4.096, 0},
                            {"nvdla-small", 1, 0.128, 0},
                            {"ethos-u55-256", 1, 0.256, 0},
                            {"ethos-u65-512", 1, 1.024, 0},
                            {"ethos-u85-2048", 1, 4.096, 0},
                            {"eyeriss-v1", 1, 0, 0.0672},
                            {"neuroncore-v2", 1, 0, 92},
                            {"ascend-910", 32, 0, 256},
                            {"ascend-310", 2, 16, 0},
                            {"mtia-v1", 64, 102.4, 51.2},
                            {"mtia-v2", 64, 354, 177}}) {
    const auto spec = load_npu_spec(one.name);
    ASSERT_TRUE(spec.ok()) << spec.status().message();
    const double scale = one.parts * 2 * static_cast<double>(spec->clock.hz) / 1e12;
    if (one.int8 > 0) {
      EXPECT_NEAR(peak_macs_per_cycle_i8(*spec) * scale / one.int8, 1, tests::kStatedPeak) << one.name;
    }
    if (one.bf16 > 0) {
      EXPECT_NEAR(peak_macs_per_cycle_bf16(*spec) * scale / one.bf16, 1, tests::kStatedPeak) << one.name;
    }
  }
}

TEST(Load, EveryPresetNamesItsSourcesAndWhatIsGuessed) {
  for (const Preset& preset : npu_presets()) {
    const auto spec = load_npu_spec(preset.name);
    ASSERT_TRUE(spec.ok()) << spec.status().message();
    EXPECT_EQ(preset.structure, spec->structure);
    if (!preset.name.starts_with("tiny-")) {
      EXPECT_FALSE(spec->sources.empty()) << preset.name;
    }
    std::ifstream file(preset.path);
    std::string line;
    while (std::getline(
        file, line)) {  // figures of arrays, memories and clocks say where they are from, or that they are guesses
      const bool figure = line.starts_with("  bytes_per_second:") || line.starts_with("  latency_cycles:");
      if (figure && !preset.name.starts_with("tiny-")) {
        EXPECT_NE(line.find('#'), std::string::npos) << preset.name << ": " << line;
      }
    }
  }
}

TEST(Load, AHashedChannelNeedsAPowerOfTwo) {
  const auto message = [](const std::string& keys) {
    return parse_npu_spec(replaced("  bytes: 1MiB\n", "  bytes: 1536KiB\n" + keys), "t.yaml").status().message();
  };
  EXPECT_EQ(message("  channels: 4\n  channel_hash: fold\n"), "");
  EXPECT_NE(message("  channels: 6\n  channel_hash: fold\n").find("dram.channels: expected a power of two"),
            std::string::npos);
  EXPECT_NE(message("  channel_hash: xor\n").find("dram.channel_hash: expected none or fold, got 'xor'"),
            std::string::npos);
}

TEST(Load, GemminiIsItsDefaultConfiguration) {
  const auto spec = load_npu_spec("gemmini-16x16");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(peak_macs_per_cycle_i8(*spec), 256.0);
  EXPECT_EQ(peak_macs_per_cycle_bf16(*spec), 0.0);
  EXPECT_EQ(spec->scratchpad.bytes, 256 << 10);
  EXPECT_EQ(accumulator_bytes(*spec), 64 << 10);
}

TEST(Load, SeveralArraysAreUnsupportedNotWrong) {
  const auto message = [](const std::string& from, const std::string& to) {
    const Status status = parse_npu_spec(replaced(from, to), "t.yaml").status();
    EXPECT_EQ(status.code(), Code::kUnsupported) << to;
    return status.message();
  };
  EXPECT_EQ(
      message("  rows: 8", "  count: 2\n  rows: 8"),
      "t.yaml:6:3: array.count: expected 1: the model has one, arrays that take the same vectors are one with the "
      "columns of all; got 2");
  EXPECT_EQ(message("  cols: 4", "  cols: 4\n  rtl: a.sv\ncores: 2"),
            "t.yaml:8:3: array.rtl: expected one core beside it, got 2");
  NpuSpec spec = parse_npu_spec(kGood, "t.yaml").value();
  EXPECT_EQ(apply_override(spec, "array.count=2").code(), Code::kUnsupported);
  EXPECT_EQ(spec.array.count, 1);
}

TEST(Load, TheL2IsChecked) {
  NpuSpec spec = parse_npu_spec(kGood, "t.yaml").value();
  EXPECT_EQ(spec.l2.bytes, 0);
  ASSERT_TRUE(apply_override(spec, "l2.bytes=64KiB").ok());
  EXPECT_EQ(spec.l2.bytes, 65536);
  EXPECT_NE(apply_override(spec, "l2.ways=3").message().find("l2.bytes: expected a multiple of dma.burst_bytes x"),
            std::string::npos);
  EXPECT_FALSE(apply_override(spec, "l2.misses=0").ok());
}

TEST(Load, TheNetworkIsChecked) {
  const auto with = [](const std::string& noc) {
    return parse_npu_spec(replaced("dram:\n", "noc:\n" + noc + "dram:\n"), "t.yaml");
  };
  const auto spec = with("  topology: mesh\n  columns: 2\n  link_bytes_per_cycle: 32B\n");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->noc.columns, 2);
  EXPECT_EQ(spec->noc.link_bytes_per_cycle, 32);
  EXPECT_EQ(spec->noc.hop_cycles, 1);
  EXPECT_EQ(parse_npu_spec(kGood, "t.yaml")->noc.topology, "ideal");
  EXPECT_EQ(with("  topology: ring\n").status().message(),
            "t.yaml:19:3: noc.topology: expected ideal, crossbar or mesh, got 'ring'");
  EXPECT_EQ(with("  buffer_bursts: 0\n").status().code(), Code::kInvalidArgument);
}

TEST(Load, UnknownPresetNamesTheNearest) {
  const auto spec = load_npu_spec("edge-16x61");
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.status().code(), Code::kNotFound);
  EXPECT_NE(spec.status().message().find("did you mean 'edge-16x16'?"), std::string::npos) << spec.status().message();
  EXPECT_EQ(load_npu_spec("no/such.yaml").status().code(), Code::kNotFound);
}

TEST(Load, EnvironmentChoosesTheFolderAndBrokenPresetsSayWhy) {
  const std::filesystem::path root = std::filesystem::path(testing::TempDir()) / "systole_presets";
  std::filesystem::create_directories(root / "npu");
  std::ofstream(root / "npu/good.yaml") << kGood;
  std::ofstream(root / "npu/broken.yaml") << replaced("  rows: 8", "  rows: x");
  setenv("SYSTOLE_CONFIGS", root.c_str(), 1);
  const auto presets = npu_presets();
  unsetenv("SYSTOLE_CONFIGS");
  std::filesystem::remove_all(root);
  ASSERT_EQ(presets.size(), 2u);
  EXPECT_EQ(presets[0].name, "broken");
  EXPECT_FALSE(presets[0].valid);
  EXPECT_NE(presets[0].description.find("array.rows: expected a whole number, got 'x'"), std::string::npos);
  EXPECT_TRUE(presets[1].valid);
  EXPECT_EQ(presets[1].description, "for tests");
}

TEST(Override, ChangesOneValueOrNothing) {
  NpuSpec spec = parse_npu_spec(kGood, "t.yaml").value();
  EXPECT_TRUE(apply_override(spec, "array.cols=16").ok());
  EXPECT_TRUE(apply_override(spec, "dram.bytes_per_second=2GB/s").ok());
  EXPECT_EQ(spec.array.cols, 16);
  EXPECT_EQ(spec.dram.bytes_per_second, 2e9);
  const auto message = [&](const char* text) { return apply_override(spec, text).message(); };
  EXPECT_EQ(message("array.rows=32"),
            "'array.rows=32': scratchpad.line_bytes: expected at least array.rows (32) so that an int8 vector is one "
            "line, got 8");
  EXPECT_EQ(spec.array.rows, 8);
  EXPECT_EQ(message("array.row=32"), "array.row: expected a known key (nearest: array.rows), got 'array.row'");
  EXPECT_EQ(message("array.rows=x"), "array.rows: expected a whole number, got 'x'");
  EXPECT_EQ(message("array.rows"), "'array.rows': expected key=value");
  EXPECT_TRUE(apply_override(spec, "array.weight_types=i8").ok());
  EXPECT_TRUE(spec.array.i8_weights() && !spec.array.i4_weights());
  EXPECT_EQ(message("array.weight_types=int4"),
            "'array.weight_types=int4': array.weight_types: expected same, i8 or i4, got 'int4'");
}

TEST(Describe, ListsEveryResolvedValueOnce) {
  const NpuSpec spec = parse_npu_spec(kGood, "t.yaml").value();
  std::set<std::string> keys;
  for (const Setting& setting : resolved_settings(spec)) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    if (setting.key == "clock") {
      EXPECT_EQ(setting.value + setting.unit, "100000000Hz");
    }
  }
  EXPECT_TRUE(keys.count("core.fetch_ahead"));
  const std::string text = describe(spec);
  EXPECT_NE(text.find("8 x 4 at 100 MHz: 0.0064 TOPS int8"), std::string::npos) << text;
  EXPECT_NE(text.find("32 KiB in 4 banks"), std::string::npos) << text;
}

}  // namespace
}  // namespace systole::spec
