// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as kept peaks: a message that names the line, or figures that are the same when written and read again.
#include "hal/peaks.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  const auto peaks = parse_peaks(std::string(reinterpret_cast<const char*>(data), size));
  if (!peaks.ok()) {
    if (!peaks.status().message().starts_with("peaks:")) std::abort();
    return 0;
  }
  const auto again = parse_peaks(peaks_text(*peaks));
  if (!again.ok() || *again != *peaks) std::abort();
  if (!(roof_of(*peaks, DType::kF32, 1000, 1000).seconds() >= 0)) std::abort();
  return 0;
}
