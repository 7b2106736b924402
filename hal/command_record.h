// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every device's profile says of a command alike.
#pragma once

#include "hal/command_list.h"
#include "hal/profile.h"

namespace systole {

// The record of a command before it has run: its name, its op, and the counters "macs" and "bytes" (compulsory_bytes of
// an op; what a copy or fill moves).
ProfileRecord command_record(const Command& command);

}  // namespace systole
