// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/energy_keys.h"

#include <cmath>

namespace systole::spec {
namespace {

constexpr double kMost = 1e-3;  // joules
constexpr double kTebi = 1099511627776.0;

#define SLOT(member) [](void* s) -> Slot { return &static_cast<EnergyTable*>(s)->member; }
#define ENERGY(path, required, member) \
  { path, Dimension::kJoules, required, 0, kMost, SLOT(member) }

constexpr KeyInfo kKeys[] = {
    {"name", Dimension::kText, true, 0, 0, SLOT(name)},
    {"description", Dimension::kText, true, 0, 0, SLOT(description)},
    {"sources", Dimension::kText, true, 0, 0, SLOT(sources)},
    ENERGY("mac.int8", true, mac.int8),
    ENERGY("mac.bf16", true, mac.bf16),
    ENERGY("register.byte", true, registers.byte),
    {"sram.small_bytes", Dimension::kBytes, true, 1, kTebi, SLOT(sram.small_bytes)},
    ENERGY("sram.small", true, sram.small),
    {"sram.medium_bytes", Dimension::kBytes, true, 1, kTebi, SLOT(sram.medium_bytes)},
    ENERGY("sram.medium", true, sram.medium),
    {"sram.large_bytes", Dimension::kBytes, true, 1, kTebi, SLOT(sram.large_bytes)},
    ENERGY("sram.large", true, sram.large),
    ENERGY("vector.operation", true, vector.operation),
    ENERGY("dram.ddr", false, dram.ddr),
    ENERGY("dram.lpddr", false, dram.lpddr),
    ENERGY("dram.gddr5", false, dram.gddr5),
    ENERGY("dram.gddr6", false, dram.gddr6),
    ENERGY("dram.hbm2", false, dram.hbm2),
};

#undef ENERGY
#undef SLOT

std::vector<Complaint> inconsistencies(const EnergyTable& table) {
  const EnergyTable::Sram& s = table.sram;
  const auto more = [](const char* than, int64_t least, int64_t got) {
    return "expected more than " + std::string(than) + " (" + std::to_string(least) + "), got " + std::to_string(got);
  };
  if (s.medium_bytes <= s.small_bytes)
    return {{"sram.medium_bytes", more("sram.small_bytes", s.small_bytes, s.medium_bytes)}};
  if (s.large_bytes <= s.medium_bytes)
    return {{"sram.large_bytes", more("sram.medium_bytes", s.medium_bytes, s.large_bytes)}};
  for (const auto& [key, value] :
       {std::pair{"sram.small", s.small}, {"sram.medium", s.medium}, {"sram.large", s.large}})
    if (value <= 0) return {{key, "expected more than 0J, got 0J"}};
  return {};
}

}  // namespace

Keys energy_keys() { return kKeys; }

Result<EnergyTable> resolve_energy_table(const YamlDocument& document) {
  return resolve<EnergyTable>(energy_keys(), document, inconsistencies);
}

double EnergyTable::sram_byte(int64_t bytes) const {
  const bool low = bytes <= sram.medium_bytes;
  const double size0 = static_cast<double>(low ? sram.small_bytes : sram.medium_bytes);
  const double size1 = static_cast<double>(low ? sram.medium_bytes : sram.large_bytes);
  const double energy0 = low ? sram.small : sram.medium, energy1 = low ? sram.medium : sram.large;
  const double power = std::log(energy1 / energy0) / std::log(size1 / size0);
  return energy0 * std::pow(static_cast<double>(bytes) / size0, power) / 8;
}

const double* EnergyTable::dram_byte(const std::string& kind) const {
  if (kind == "ddr") return &dram.ddr;
  if (kind == "lpddr") return &dram.lpddr;
  if (kind == "gddr5") return &dram.gddr5;
  if (kind == "gddr6") return &dram.gddr6;
  return kind == "hbm2" ? &dram.hbm2 : nullptr;
}

}  // namespace systole::spec
