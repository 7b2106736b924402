// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a device reaches at best, measured on it: the roofline that an op's time is held against.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hal/disk_cache.h"
#include "hal/dtype.h"
#include "hal/status.h"

namespace systole {

struct Peaks {
  struct Compute {
    DType type;             // of the products' operands
    double macs_per_s = 0;  // of the whole device; 2 operations each
    bool operator==(const Compute&) const = default;
  };
  // Probes: "read" (summed up), "stream" (y = x + s: bytes read and bytes written both count), "copy" (the runtime's
  // own, within the device's memory; both count), "to_device" and "from_device" (from and to pinned memory of the
  // host).
  struct Memory {
    std::string probe;
    int64_t bytes = 0;  // footprint: everything that the probe touched
    double bytes_per_s = 0;
    bool operator==(const Memory&) const = default;
  };
  std::vector<Compute> compute;
  std::vector<Memory> memory;  // those of one probe by ascending footprint
  bool operator==(const Peaks&) const = default;

  // Of a type without a figure of its own: that of 8-bit integers is i8's, that of narrower floats f32's (in which they
  // are computed then), and integers of at most 8 bits without i8's have f32's, which holds their products exactly. 0
  // where unknown.
  double macs_per_s(DType type) const;
  double bytes_per_s(int64_t bytes) const;             // of "read", at the smallest footprint that holds them
  const Memory* find(const std::string& probe) const;  // the largest footprint's; null where there is none
  // Bytes of "stream" over those of "copy": near 1 where the probe sees what the memory gives. 0 where one is missing.
  double stream_over_copy() const;
};

// The least time that so many multiply-accumulates and bytes can take: the longer of the two.
struct Roof {
  double compute_s = 0, memory_s = 0;
  double seconds() const { return compute_s > memory_s ? compute_s : memory_s; }
  // Which of the two: "compute", "memory", or "" where neither is known.
  const char* bound() const { return seconds() <= 0 ? "" : compute_s > memory_s ? "compute" : "memory"; }
};
Roof roof_of(const Peaks& peaks, DType type, int64_t macs, int64_t bytes);

// A device that can measure its peaks. A Device may be one (dynamic_cast).
class PeakSource {
 public:
  virtual ~PeakSource() = default;
  // Everything that the figures depend on: hardware, driver, options. Equal keys, equal devices.
  virtual std::string peaks_key() const = 0;
  // Takes a few seconds of the whole device; what runs meanwhile makes them less.
  virtual Result<Peaks> measure_peaks() = 0;
};

// As text, a line a figure, to the last bit; and back: a message that names the line for anything else.
std::string peaks_text(const Peaks& peaks);
Result<Peaks> parse_peaks(const std::string& text);

// Those kept in `cache`, else measured and kept there; `again`: measured and replaced in any case. before() is called
// ahead of measuring.
Result<Peaks> cached_peaks(PeakSource& source, const DiskCache& cache, bool again, const std::function<void()>& before);

}  // namespace systole
