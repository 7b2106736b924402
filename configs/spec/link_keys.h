// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every key of a link's YAML file.
#pragma once

#include "configs/spec/keys.h"
#include "configs/spec/link_spec.h"

namespace systole::spec {

Keys link_keys();
// What the values say together.
std::vector<Complaint> settle(const LinkSpec& spec);
Result<LinkSpec> resolve_link_spec(const YamlDocument& document);

}  // namespace systole::spec
