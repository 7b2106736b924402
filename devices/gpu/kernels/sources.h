// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The texts of the kernels, built into the library.
#pragma once

#include <string>

#include "hal/status.h"

namespace systole::gpu {

// Everything a compiler needs of that program: prelude, params, what programs share, and its own text. kNotFound for a
// name that is none.
Result<std::string> kernel_text(const std::string& program);

}  // namespace systole::gpu
