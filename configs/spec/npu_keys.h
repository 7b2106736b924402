// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every key of an NPU's YAML file.
#pragma once

#include "configs/spec/keys.h"
#include "configs/spec/npu_spec.h"

namespace systole::spec {

Keys npu_keys();

Result<NpuSpec> resolve_npu_spec(const YamlDocument& document);

std::vector<Complaint> inconsistencies(const NpuSpec& spec);
// Loads what dram.config, energy.table and host.link name and takes the coarse figures of a DRAM from it, for
// estimates; then what does not go together.
std::vector<Complaint> settle(NpuSpec& spec);

}  // namespace systole::spec
