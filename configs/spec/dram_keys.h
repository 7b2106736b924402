// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every key of a DRAM's YAML file.
#pragma once

#include "configs/spec/dram_device.h"
#include "configs/spec/keys.h"

namespace systole::spec {

Keys dram_keys();

// Times that follow from others where the file has none, and the mapping's bits; then what does not go together.
std::vector<Complaint> settle(DramDevice& device);
// The first thing wrong with order or hash; none: slices and flips are filled.
std::vector<Complaint> settle_mapping(DramDevice& device);

Result<DramDevice> resolve_dram_device(const YamlDocument& document);

}  // namespace systole::spec
