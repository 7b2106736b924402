// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a compiled op does, counted from its commands: sizes do not change from one iteration to the next, so nothing
// has to run. Times an energy table it is the op's energy.
#pragma once

#include <span>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"
#include "hal/profile.h"

namespace systole::npu {

struct Actions {
  int64_t macs_i8 = 0, macs_bf16 = 0;  // of the array: useful ones
  int64_t vector_elements = 0;  // that entered a chain: pixels x channels x window positions, MACs of windows too
  // Bytes that moved from one register of the array to the next: for each MAC its element and a 4-byte sum, for each
  // weight as many rows as it is shifted down.
  int64_t register_bytes = 0;
  int64_t scratchpad_bytes = 0, accumulator_bytes = 0;  // read or written, by any engine; the vector's operands too

  Actions& operator+=(const Actions& other);
};

// Of the commands of an op, loops unrolled.
Actions count_actions(std::span<const contract::Descriptor> commands);

// Picojoules by part: energy_array_pj, energy_scratchpad_pj, energy_accumulator_pj, energy_vector_pj, energy_dram_pj,
// and their sum energy_pj. The DRAM's from the record's own counters: where dram.config names a device its bursts, an
// activation for each that missed its row, standby with open banks and refresh of all ranks over the op's cycles; else
// its bytes.
// None where the hardware names no table.
std::vector<Counter> energy_counters(const Actions& actions, const ProfileRecord& record, const spec::NpuSpec& spec);

}  // namespace systole::npu
