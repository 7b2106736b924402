// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Orders commands by semaphores, so that a program does on parallel engines what it says in a row.
#pragma once

#include <cstdint>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"
#include "rtl/differential/footprint.h"

namespace systole::differential {

// The last semaphores are left alone: programs may count in them by SEM.
inline constexpr int kPrivateSemaphores = 2;

// Commands without waits and signals, with them: through a semaphore for each pair of engines outside of loops, for
// each pair of commands inside, with NOPs where a command would have to wait for more than two, and with FENCEs around
// loops and where slots or semaphores run out. `seed` chooses among ways. False where a loop can't be ordered so.
bool synchronise(const std::vector<contract::Descriptor>& plan, const spec::NpuSpec& spec, uint64_t seed,
                 std::vector<contract::Descriptor>& commands);
// The reverse: without waits and signals, and without what only they need.
std::vector<contract::Descriptor> without_semaphores(const std::vector<contract::Descriptor>& commands,
                                                     const spec::NpuSpec& spec);

// Whether the order in which one engine takes its commands is not enough between these two: what the first one writes
// may still be on its way.
bool needs_own_order(contract::Opcode opcode, const Footprint& earlier, const Footprint& later);

// An output-stationary PRELOAD and its COMPUTE. They come one behind the other, with no fence between them.
bool begins_pair(const contract::Descriptor& command);
bool ends_pair(const contract::Descriptor& command);

bool add_wait(contract::Descriptor& command, uint32_t id, uint32_t count);    // false: no slot left
bool add_signal(contract::Descriptor& command, uint32_t id, uint32_t count);  // likewise

}  // namespace systole::differential
