// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where the operands of a program lie.
#pragma once

#include "rtl/differential/commands.h"

namespace systole::differential {

inline constexpr uint64_t kDump = kData, kDumpBytes = 0xc000, kOutputs = kDump + kDumpBytes;

// Parts of the memories, typed by chance, with the fills of device memory in `program` and, as commands, the LOADs that
// write every byte of the on-chip zones.
Layout make_layout(const spec::NpuSpec& spec, Random& random, Program& program,
                   std::vector<contract::Descriptor>& loads);
// STOREs of every on-chip zone to kDump and on.
std::vector<contract::Descriptor> dump(const Layout& layout);

}  // namespace systole::differential
