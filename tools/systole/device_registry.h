// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The devices that this program knows.
#pragma once

#include "hal/registry.h"

namespace systole::cli {

const Registry& devices();

// A registered driver's device. Options are added to the URI: ("functional", "off") gives "...functional=off".
Result<std::shared_ptr<Device>> open_device(const std::string& uri,
                                            const std::vector<std::pair<std::string, std::string>>& options = {});

}  // namespace systole::cli
