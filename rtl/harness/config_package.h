// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// npu_config_pkg.sv: an NPU's figures as SystemVerilog parameters.
#pragma once

#include <string>

#include "configs/spec/npu_spec.h"

namespace systole::rtl {

// "" or why the RTL can't be this NPU: what it has no hardware for.
std::string check(const spec::NpuSpec& spec);
std::string check_array(const spec::NpuSpec& spec);  // of its array alone
std::string config_package(const spec::NpuSpec& spec);

}  // namespace systole::rtl
