// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What an NPU's file names: its DRAM, its energy table, its link to the host.
#include <cmath>

#include "configs/spec/dram_keys.h"
#include "configs/spec/load.h"
#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

// A file that a key names can't be read: the key is wrong, unless memory ran out.
std::vector<Complaint> unread(const char* key, const Status& status) {
  return {{key, status.message(), status.code() == Code::kOutOfMemory ? Code::kOutOfMemory : Code::kInvalidArgument}};
}

std::vector<Complaint> attach(NpuSpec& spec) {
  DramSpec& dram = spec.dram;
  auto device = load_dram_device(dram.config);
  if (!device.ok()) return unread("dram.config", device.status());
  dram.device = std::move(*device);
  dram.device.organization.channels = dram.channels;
  if (auto found = settle(dram.device); !found.empty())
    return {{"dram.config", found[0].key + ": " + found[0].message}};
  const DramOrganization& o = dram.device.organization;
  const DramTiming& t = dram.device.timing;
  const auto cycles = [&](int ticks) {
    return static_cast<int>(std::ceil(ticks * t.tick * static_cast<double>(spec.clock.hz)));
  };
  dram.bytes_per_second = dram.device.peak_bytes_per_second();
  dram.banks = dram.device.banks_of_channel();
  dram.row_bytes = o.columns * (o.bus_bits / 8);
  dram.latency_cycles = cycles(t.cl + t.burst);
  dram.row_miss_cycles = cycles(t.rp + t.rcd_read);
  dram.turnaround_cycles = cycles(t.cwl + t.burst + t.wtr_l);
  return {};
}

std::vector<Complaint> attach_energy(NpuSpec& spec) {
  EnergySpec& energy = spec.energy;
  auto table = load_energy_table(energy.table);
  if (!table.ok()) return unread("energy.table", table.status());
  energy.figures = std::move(*table);
  if (!spec.dram.config.empty() && energy.dram.empty()) return {};
  const double* byte = energy.figures.dram_byte(energy.dram);
  if (byte == nullptr) return {{"energy.dram", "expected ddr, lpddr, gddr5, gddr6 or hbm2, got '" + energy.dram + "'"}};
  if (*byte == 0) return {{"energy.dram", "expected a kind that " + energy.table + " has, got '" + energy.dram + "'"}};
  return {};
}

std::vector<Complaint> attach_link(NpuSpec& spec) {
  auto link = load_link_spec(spec.host.link);
  if (!link.ok()) return unread("host.link", link.status());
  spec.host.figures = std::move(*link);
  return {};
}

}  // namespace

std::vector<Complaint> settle(NpuSpec& spec) {
  if (!spec.dram.config.empty())
    if (auto found = attach(spec); !found.empty()) return found;
  if (!spec.energy.table.empty())
    if (auto found = attach_energy(spec); !found.empty()) return found;
  if (!spec.host.link.empty())
    if (auto found = attach_link(spec); !found.empty()) return found;
  return inconsistencies(spec);
}

}  // namespace systole::spec
