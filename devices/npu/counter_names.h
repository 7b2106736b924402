// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a simulator counts, in the words of the profile and of the transport.
#pragma once

#include <vector>

#include "devices/npu/transport.h"
#include "sim/memory/timeline.h"
#include "sim/npu.h"

namespace systole::npu {

std::vector<Counter> named_counters(const sim::Counters& counters);
Traffic traffic_of(const memory::Timeline& timeline);

}  // namespace systole::npu
