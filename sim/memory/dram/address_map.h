// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where an address lies.
#pragma once

#include <array>
#include <cstdint>

#include "configs/spec/dram_device.h"

namespace systole::memory::dram {

struct Place {
  uint32_t channel = 0;
  uint32_t bank = 0;  // index in the channel (command.h)
  uint32_t row = 0;
  uint64_t burst = 0;  // address / burst_bytes
};

class AddressMap {
 public:
  explicit AddressMap(const spec::DramDevice& device);
  // Addresses beyond the device wrap.
  Place place(uint64_t address) const;

 private:
  spec::DramMapping mapping_;
  int burst_shift_;
  std::array<uint8_t, spec::DramMapping::kFields> bank_shift_{};  // of a field in Place::bank
};

}  // namespace systole::memory::dram
