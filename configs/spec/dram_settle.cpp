// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What follows from a DRAM's figures, and what they must agree on.
#include <algorithm>

#include "configs/spec/dram_keys.h"

namespace systole::spec {
namespace {

constexpr int kMostBanks = 256;  // a channel

void derive(DramTiming& t) {
  const auto otherwise = [](int& value, int from) {
    if (value == 0) value = from;
  };
  otherwise(t.rcd_write, t.rcd_read);
  otherwise(t.rp_all, t.rp);
  otherwise(t.rc, t.ras + t.rp);
  otherwise(t.ccd_l, t.ccd_s);
  otherwise(t.ccd_s_write, t.ccd_s);
  otherwise(t.ccd_l_write, t.ccd_l);
  otherwise(t.ccd_r, t.ccd_s);
  otherwise(t.rrd_l, t.rrd_s);
  otherwise(t.wtr_l, t.wtr_s);
  otherwise(t.write_array, t.burst);
  otherwise(t.read_to_write, t.cl + t.burst + 2 - t.cwl);  // two ticks between the data
  otherwise(t.bank_to_activate, t.rrd_s);
  otherwise(t.bank_to_bank, t.rrd_s);
}

void one_of(std::vector<Complaint>& found, const char* key, const std::string& got,
            std::initializer_list<const char*> names) {
  std::string all;
  for (const char* name : names) {
    if (got == name) return;
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  found.push_back({key, "expected one of " + all + ", got '" + got + "'"});
}

void check_refresh(std::vector<Complaint>& found, const DramDevice& d) {
  const DramTiming& t = d.timing;
  const auto need = [&](bool good, const char* key, const std::string& expected, int got) {
    if (!good) found.push_back({key, "expected " + expected + ", got " + std::to_string(got)});
  };
  const std::string& kind = d.controller.refresh;
  // To close whatever is open, and from the last refresh to an activation that the next one does not forestall.
  const int close = std::max({t.rc, t.ras + t.rp_all, t.rtp + t.rp_all, t.cwl + t.burst + t.wr + t.rp_all});
  const int slots = 2 * (d.commands.activate + d.commands.column + d.commands.precharge) + t.ppd;
  if (kind == "all_bank") {
    const int64_t busy = (int64_t{close} + t.rp_all + t.rfc + slots) * d.ranks_of_channel() + t.faw;
    need(t.rfc > 0, "timing.rfc", "a time for controller.refresh all_bank", t.rfc);
    need(t.refi > busy, "timing.refi", "more than " + std::to_string(busy) + " ticks, so that something else is done",
         t.refi);
  } else if (kind == "per_bank") {
    const int64_t busy = int64_t{close} + std::max(t.bank_to_bank, t.rfc_bank / d.banks_of_channel() + 1) +
                         std::max(t.bank_to_activate, t.rrd_l) + t.faw + slots;
    need(t.rfc_bank > 0, "timing.rfc_bank", "a time for controller.refresh per_bank", t.rfc_bank);
    need(t.refi_bank > busy, "timing.refi_bank",
         "more than " + std::to_string(busy) + " ticks, so that something else is done", t.refi_bank);
  }
}

}  // namespace

std::vector<Complaint> settle(DramDevice& d) {
  std::vector<Complaint> found;
  const auto need = [&](bool good, const char* key, const std::string& expected, int64_t got) {
    if (!good) found.push_back({key, "expected " + expected + ", got " + std::to_string(got)});
  };
  const auto text = [](int64_t value) { return std::to_string(value); };
  DramTiming& t = d.timing;
  derive(t);
  one_of(found, "commands.bus", d.commands.bus, {"single", "split"});
  one_of(found, "controller.page", d.controller.page, {"open", "closed"});
  one_of(found, "controller.refresh", d.controller.refresh, {"all_bank", "per_bank", "none"});
  need(d.tick_femtoseconds() >= 1000, "timing.tick", "at least 1 ps; got femtoseconds", d.tick_femtoseconds());
  need(d.banks_of_channel() <= kMostBanks, "organization.banks", "at most " + text(kMostBanks) + " banks a channel",
       d.banks_of_channel());
  need(d.organization.bus_bits % 8 == 0, "organization.bus_bits", "whole bytes", d.organization.bus_bits);
  need(d.organization.columns % d.organization.burst_length == 0, "organization.columns",
       "a multiple of burst_length (" + text(d.organization.burst_length) + ")", d.organization.columns);
  need(t.rc >= t.ras, "timing.rc", "at least ras (" + text(t.ras) + ")", t.rc);
  need(t.ccd_l >= t.ccd_s, "timing.ccd_l", "at least ccd_s (" + text(t.ccd_s) + ")", t.ccd_l);
  need(t.read_to_write + t.cwl >= t.cl + t.burst, "timing.read_to_write",
       "at least cl + burst - cwl (" + text(t.cl + t.burst - t.cwl) + "): data of two directions apart",
       t.read_to_write);
  need(d.controller.drain_below_percent < d.controller.drain_above_percent, "controller.drain_below_percent",
       "less than drain_above_percent (" + text(d.controller.drain_above_percent) + ")",
       d.controller.drain_below_percent);
  const bool single = d.commands.bus == "single";
  const int within = d.commands.second_activate_within;
  need(within == 0 || (single && d.commands.activate == 1 && d.commands.column == 1 && d.commands.precharge == 1),
       "commands.second_activate_within", "0 unless all commands take one tick of a single bus", within);
  need(within < t.rcd_read && within < t.rcd_write, "commands.second_activate_within", "less than rcd", within);
  need(d.commands.data_clock_keeps == 0 || single, "commands.data_clock_keeps", "0 with a split bus",
       d.commands.data_clock_keeps);
  check_refresh(found, d);
  if (!found.empty()) return found;
  return settle_mapping(d);
}

Result<DramDevice> resolve_dram_device(const YamlDocument& document) {
  return resolve<DramDevice>(dram_keys(), document, [](DramDevice& device) { return settle(device); });
}

}  // namespace systole::spec
