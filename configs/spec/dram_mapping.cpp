// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The address mapping's text as bits.
#include <array>
#include <bit>
#include <charconv>
#include <string_view>

#include "configs/spec/dram_keys.h"

namespace systole::spec {
namespace {

using Mapping = DramMapping;
constexpr std::array<const char*, Mapping::kFields> kNames = {"channel", "pseudo_channel", "rank", "stack",
                                                              "group",   "bank",           "row",  "column"};
using Bits = std::array<int, Mapping::kFields>;

int field_named(std::string_view name) {
  for (int f = 0; f < Mapping::kFields; ++f)
    if (name == kNames[f]) return f;
  return -1;
}

bool number(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

std::string all_names() {
  std::string all;
  for (const char* name : kNames) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

// How many bits each field has; a message where a count can't be told by bits.
std::string count_bits(const DramDevice& d, Bits& bits) {
  const auto& o = d.organization;
  const int counts[] = {o.channels,    o.pseudo_channels, o.ranks, o.stacks,
                        o.bank_groups, o.banks,           o.rows,  o.columns / o.burst_length};
  for (int f = 0; f < Mapping::kFields; ++f) {
    if (!std::has_single_bit(static_cast<unsigned>(counts[f])))
      return "expected powers of two to divide an address by, got " + std::to_string(counts[f]) + " of " + kNames[f];
    bits[f] = std::countr_zero(static_cast<unsigned>(counts[f]));
  }
  if (!std::has_single_bit(static_cast<uint64_t>(d.burst_bytes())))
    return "expected bursts of a power of two bytes, got " + std::to_string(d.burst_bytes());
  return "";
}

std::string read_order(Mapping& mapping, const Bits& bits) {
  Bits used{};
  int at = 0;
  for (const std::string& item : mapping.order) {
    const std::string_view text = item;
    const size_t colon = text.find(':');
    const int f = field_named(text.substr(0, colon));
    if (f < 0) return "expected " + all_names() + ", got '" + item + "'";
    const int left = bits[f] - used[f];
    int width = left;
    if (colon != std::string_view::npos && (!number(text.substr(colon + 1), width) || width > left))
      return "expected at most the " + std::to_string(left) + " bits that are left of " + kNames[f] + ", got '" + item +
             "'";
    if (width > 0)
      mapping.slices.push_back({static_cast<Mapping::Field>(f), static_cast<uint8_t>(at), static_cast<uint8_t>(used[f]),
                                (uint64_t{1} << width) - 1});
    at += width;
    used[f] += width;
  }
  for (int f = 0; f < Mapping::kFields; ++f)
    if (used[f] != bits[f])
      return "expected all " + std::to_string(bits[f]) + " bits of " + kNames[f] + ", got " + std::to_string(used[f]);
  return at < 58 ? "" : "expected less than 58 bits in all, got " + std::to_string(at);
}

bool read_operand(std::string_view text, const Bits& bits, Mapping::Field& field, uint8_t& bit) {
  const size_t dot = text.find('.');
  const int f = field_named(text.substr(0, dot));
  int value = 0;
  if (dot == std::string_view::npos || f < 0 || !number(text.substr(dot + 1), value) || value >= bits[f]) return false;
  field = static_cast<Mapping::Field>(f);
  bit = static_cast<uint8_t>(value);
  return true;
}

// Flips of a field by one that is itself flipped would depend on their order.
std::string read_hash(Mapping& mapping, const Bits& bits) {
  uint32_t flipped = 0, by = 0;
  for (const std::string& item : mapping.hash) {
    const std::string_view text = item;
    const size_t caret = text.find(" ^ ");
    Mapping::Flip flip{};
    if (caret == std::string_view::npos || !read_operand(text.substr(0, caret), bits, flip.field, flip.bit) ||
        !read_operand(text.substr(caret + 3), bits, flip.by, flip.by_bit))
      return "expected 'FIELD.BIT ^ OTHER.BIT' with bits that the fields have, got '" + item + "'";
    flipped |= 1u << flip.field;
    by |= 1u << flip.by;
    if ((flipped & by) != 0) return "expected fields that flip others not to be flipped themselves, got '" + item + "'";
    mapping.flips.push_back(flip);
  }
  return "";
}

}  // namespace

std::vector<Complaint> settle_mapping(DramDevice& device) {
  Bits bits{};
  device.mapping.slices.clear();
  device.mapping.flips.clear();
  if (std::string wrong = count_bits(device, bits); !wrong.empty()) return {{"organization", wrong}};
  if (std::string wrong = read_order(device.mapping, bits); !wrong.empty()) return {{"mapping.order", wrong}};
  if (std::string wrong = read_hash(device.mapping, bits); !wrong.empty()) return {{"mapping.hash", wrong}};
  return {};
}

}  // namespace systole::spec
