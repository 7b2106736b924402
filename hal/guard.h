// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// No exception crosses a seam: what libraries and the standard library throw becomes a status.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "hal/status.h"

namespace systole {

// body(), which gives a Status or a Result; kOutOfMemory where the host's memory was short, kInternal for anything else
// thrown.
template <typename F>
std::invoke_result_t<F> guarded(const std::string& what, F&& body) {
  try {
    return std::forward<F>(body)();
  } catch (const std::bad_alloc&) {
    return Status(Code::kOutOfMemory, what + ": this machine has no more memory to give");
  } catch (const std::exception& error) {
    return Status(Code::kInternal, what + ": " + error.what());
  }
}

}  // namespace systole
