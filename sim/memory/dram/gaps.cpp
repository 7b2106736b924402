// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/gaps.h"

#include <algorithm>

namespace systole::memory::dram {

// A standard counts from a command's last tick; here commands are dated by their first one, hence the differences of
// lengths. JESD79-4, JESD209-5 and JESD238 have the same rules but for lengths and for the times themselves.
Gaps::Gaps(const spec::DramDevice& device) {
  const spec::DramTiming& t = device.timing;
  const int a = device.commands.activate, c = device.commands.column, p = device.commands.precharge;
  const auto gap = [](int from, int to, int64_t time) {
    return static_cast<Cycle>(std::max<int64_t>(time + from - to, 1));
  };
  const int latency[2] = {t.cl, t.cwl}, recovery[2] = {t.rtp, t.cwl + t.burst + t.wr};
  const int ccd_s[2] = {t.ccd_s, t.ccd_s_write}, ccd_l[2] = {t.ccd_l, t.ccd_l_write},
            rcd[2] = {t.rcd_read, t.rcd_write};
  for (int d = 0; d < 2; ++d) {
    column.same_group[d] = gap(c, c, ccd_l[d]);
    column.same_stack[d] = gap(c, c, std::max(ccd_s[d], t.burst));
    column.same_rank[d] = gap(c, c, std::max(t.ccd_r, t.burst));
    column.other_rank[d] = gap(c, c, d == 0 ? t.burst + t.rank_switch : t.burst);
    row.activate_to_column[d] = gap(a, c, rcd[d]);
    row.column_to_precharge[d] = gap(c, p, recovery[d]);
    row.closing_column_to_activate[d] = gap(c, a, recovery[d] + t.rp);
    refresh.from_closing_column[d] = gap(c, p, recovery[d] + t.rp);
    data[d] = static_cast<Cycle>(latency[d] + t.burst);
    wake_keeps[d] = static_cast<Cycle>(latency[d] + t.burst + device.commands.data_clock_keeps);
  }
  column.turn_group[0] = column.turn_rank[0] = gap(c, c, t.read_to_write);
  column.turn_other_rank[0] = gap(c, c, t.cl + t.burst + t.rank_switch - t.cwl);
  column.turn_group[1] = gap(c, c, t.cwl + t.write_array + t.wtr_l);
  column.turn_rank[1] = gap(c, c, t.cwl + t.burst + t.wtr_s);
  column.turn_other_rank[1] = gap(c, c, t.cwl + t.burst + t.rank_switch - t.cl);

  row.activate_to_precharge = gap(a, p, t.ras);
  row.activate_bank = gap(a, a, t.rc);
  row.activate_group = gap(a, a, t.rrd_l);
  row.activate_rank = gap(a, a, t.rrd_s);
  row.four_activates = gap(a, a, t.faw);
  row.precharge_to_activate = gap(p, a, t.rp);
  row.all_to_activate = gap(p, a, t.rp_all);
  row.precharge_to_precharge = gap(p, p, t.ppd);

  refresh.from_activate = gap(a, p, t.rc);
  refresh.from_precharge = gap(p, p, t.rp);
  refresh.to_activate = gap(p, a, t.rfc);
  refresh.to_other = gap(p, p, t.rfc);
  refresh.bank_from_activate_elsewhere = gap(a, p, t.rrd_s);
  refresh.bank_to_activate = gap(p, a, t.rfc_bank);
  refresh.bank_to_activate_elsewhere = gap(p, a, t.bank_to_activate);
  refresh.bank_to_bank = gap(p, p, t.bank_to_bank);
  refresh.bank_to_all = gap(p, p, t.rfc_bank);

  bus[0] = static_cast<Cycle>(a);
  bus[1] = static_cast<Cycle>(c);
  bus[2] = static_cast<Cycle>(p);
}

}  // namespace systole::memory::dram
