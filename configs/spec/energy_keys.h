// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every key of an energy table's YAML file.
#pragma once

#include "configs/spec/energy_table.h"
#include "configs/spec/keys.h"

namespace systole::spec {

Keys energy_keys();

Result<EnergyTable> resolve_energy_table(const YamlDocument& document);

}  // namespace systole::spec
