// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/npu_driver/model_bench.h"

#include <cstdio>
#include <cstdlib>

#include "configs/spec/load.h"
#include "devices/npu/transport_sim.h"

namespace systole::npu {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().to_string().c_str());
    std::abort();
  }
  return std::move(result).value();
}

template <typename Command>
Command transfer(uint64_t dram, uint32_t local, uint32_t bytes, uint32_t rows) {
  Command command;
  command.dram_addr = dram;
  command.local_addr = local;
  command.row_bytes = bytes;
  command.n0 = rows;
  command.n1 = command.n2 = 1;
  command.dram_stride0 = command.local_stride0 = static_cast<int32_t>(bytes);
  return command;
}

}  // namespace

ModelBench::ModelBench(const char* preset, uint32_t ring_descriptors, bool functional, bool race_check)
    : spec(must(spec::load_npu_spec(preset))) {
  config.ring_descriptors = ring_descriptors;
  config.dram_bytes = static_cast<uint64_t>(spec.dram.bytes);
  config.watchdog_cycles = 20000;
  config.timeout_cycles = 100000;
  ModelOptions options;
  options.functional = functional;
  options.race_check = race_check;
  driver = std::make_unique<Driver>(must(make_model_transport(spec, options)));
  must(driver->probe());
  const Status status = driver->init(config);
  if (!status.ok()) must(Result<int>(status));
}

Status ModelBench::run(Descriptors commands) {
  contract::Fence fence;
  fence.sequence = ++sequence;
  fence.irq = 1;
  commands.push_back(contract::encode(fence));
  SYSTOLE_RETURN_IF_ERROR(driver->submit(commands));
  return driver->wait_fence(sequence);
}

contract::Load load(uint64_t dram, uint32_t local, uint32_t bytes, uint32_t rows) {
  return transfer<contract::Load>(dram, local, bytes, rows);
}

contract::Store store(uint64_t dram, uint32_t local, uint32_t bytes, uint32_t rows) {
  return transfer<contract::Store>(dram, local, bytes, rows);
}

}  // namespace systole::npu
