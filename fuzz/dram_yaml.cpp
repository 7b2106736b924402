// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a DRAM's file: a message, or a device whose controller serves requests without a command too early.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "configs/spec/load.h"
#include "sim/memory/dram/checker.h"
#include "sim/memory/dram/replay.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  namespace dram = memory::dram;
  const auto device = spec::parse_dram_device(std::string(reinterpret_cast<const char*>(data), size), "input.yaml");
  if (device.ok() ? spec::resolved_settings(*device).empty() : device.status().message().empty()) std::abort();
  if (!device.ok()) return 0;
  dram::Dram memory(*device);
  dram::Checker checker(*device);
  memory.set_log(&checker);
  std::vector<dram::Access> trace;
  for (uint64_t i = 0; i < 48; ++i) {
    const uint64_t address = i * i * 0x9e3779b97f4a7c15;
    trace.push_back({i % 2 == 0 ? i * static_cast<uint64_t>(device->burst_bytes()) : address, i % 3 == 1});
  }
  const dram::Replay result = dram::replay(memory, trace, 8);
  if (checker.violations() != 0) std::fprintf(stderr, "%s\n", checker.first_ones()[0].c_str());
  if (result.reads + result.writes != trace.size() || checker.violations() != 0) std::abort();
  return 0;
}
