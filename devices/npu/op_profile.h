// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From fence records and the simulator's counters to the HAL's profile.
#pragma once

#include <cstddef>
#include <span>

#include "devices/npu/actions.h"
#include "devices/npu/compiler/program.h"
#include "devices/npu/hardware.h"
#include "hal/profile.h"

namespace systole::npu {

inline constexpr size_t kRecordBytes = 64;  // of a FENCE

// One record per op. `records` is device memory of each core, one fence record per op; `start` and `before` are what
// the device and counters_by_tag said before submission. Counters: "cycles" and what the fence record holds
// (architectural), then what the transport can tell beyond it, and energy, where `actions` has a count for each op. Of
// several cores they are sums, but for "cycles": those pass for all cores at once, so that the causes of all cores sum
// to cores x cycles; queues' greatest lengths and bytes of on-chip memory are those of one core.
void append_records(Profile& profile, std::span<const OpRange> ops, std::span<const Actions> actions,
                    std::span<const std::byte* const> records, const PerfCounters& start, Hardware& hardware,
                    const CountersByTag& before);

// The transport's activity since the last call.
void append_spans(Profile& profile, Hardware& hardware);

}  // namespace systole::npu
