// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/address_map.h"

#include <bit>

namespace systole::memory::dram {
namespace {

using Mapping = spec::DramMapping;
constexpr Mapping::Field kOfBank[] = {Mapping::kBank, Mapping::kGroup, Mapping::kStack, Mapping::kRank,
                                      Mapping::kPseudoChannel};

}  // namespace

AddressMap::AddressMap(const spec::DramDevice& device)
    : mapping_(device.mapping), burst_shift_(std::countr_zero(static_cast<uint64_t>(device.burst_bytes()))) {
  int shift = 0;
  for (const Mapping::Field field : kOfBank) {
    bank_shift_[field] = static_cast<uint8_t>(shift);
    for (const Mapping::Slice& slice : mapping_.slices)
      if (slice.field == field) shift += std::popcount(slice.mask);
  }
}

Place AddressMap::place(uint64_t address) const {
  std::array<uint64_t, Mapping::kFields> fields{};
  Place place;
  place.burst = address >> burst_shift_;
  for (const Mapping::Slice& slice : mapping_.slices)
    fields[slice.field] |= ((place.burst >> slice.from) & slice.mask) << slice.to;
  for (const Mapping::Flip& flip : mapping_.flips)
    fields[flip.field] ^= (fields[flip.by] >> flip.by_bit & 1) << flip.bit;
  for (const Mapping::Field field : kOfBank) place.bank |= static_cast<uint32_t>(fields[field] << bank_shift_[field]);
  place.channel = static_cast<uint32_t>(fields[Mapping::kChannel]);
  place.row = static_cast<uint32_t>(fields[Mapping::kRow]);
  return place;
}

}  // namespace systole::memory::dram
