// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The .npy format, versions 1 to 3, in memory.
#pragma once

#include <string>
#include <string_view>

#include "graph/host_tensor.h"
#include "hal/status.h"

namespace systole::graph {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

Result<HostTensor> parse_npy(const std::string& bytes, const std::string& what);
Result<std::string> format_npy(const HostTensor& tensor, const std::string& what);

}  // namespace systole::graph
