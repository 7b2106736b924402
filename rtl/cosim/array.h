// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A Verilated systolic array inside the model: its values come from Verilog, its moments stay the model's
// (docs/own_array.md).
#pragma once

#include <memory>
#include <string>

#include "configs/spec/npu_spec.h"
#include "sim/array_port.h"

namespace systole::rtl {

// An array of spec's figures in a library made by build(). Null and a sentence in `error` where it can't be loaded. One
// caller at a time.
std::unique_ptr<sim::ArrayPort> make_verilated_array(const spec::NpuSpec& spec, const std::string& library,
                                                     std::string& error);

}  // namespace systole::rtl
