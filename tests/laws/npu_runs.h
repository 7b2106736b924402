// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One op on an NPU with values withheld or not: its record, its traffic over time, and the limits to hold it against.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hal/device.h"
#include "hal/traffic.h"
#include "tests/conformance/op_case.h"
#include "tests/support/causes.h"

namespace systole::laws {

using tests::kCauses;

struct Ran {
  ProfileRecord record;
  std::vector<Series> traffic;
  double peak_bytes_per_cycle = 0, peak_macs_per_cycle = 0;  // of the op's operands
  int64_t compulsory_bytes = 0;                              // every operand once

  int64_t cycles() const { return record.counter("cycles"); }
  int64_t dram_bytes() const { return record.counter("dram_read_bytes") + record.counter("dram_write_bytes"); }
};

// `uri` without its '?': "npu:tiny-8x8"; `options` as "functional=off" or "set=key:value,key:value".
Ran run(const std::string& npu, const std::vector<std::string>& options, const conformance::OpCase& op_case);

conformance::OpCase matmul(DType dtype, int64_t m, int64_t k, int64_t n);
conformance::OpCase convolution(DType dtype, int64_t channels, int64_t size, int64_t filters, int64_t kernel);
// A copy of so many bytes from one place of device memory to another: nothing but a stream each way.
Ran copy(const std::string& npu, const std::vector<std::string>& options, int64_t bytes);

}  // namespace systole::laws
