// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/dram_keys.h"

namespace systole::spec {
namespace {

constexpr double kMostTicks = 1000000;

#define SLOT(member) [](void* s) -> Slot { return &static_cast<DramDevice*>(s)->member; }
#define TICKS(name, required, least) \
  { "timing." #name, Dimension::kCount, required, least, kMostTicks, SLOT(timing.name) }
#define ENERGY(name, dimension) \
  { "energy." #name, dimension, false, 0, 1000, SLOT(energy.name) }

constexpr KeyInfo kKeys[] = {
    {"name", Dimension::kText, true, 0, 0, SLOT(name)},
    {"description", Dimension::kText, true, 0, 0, SLOT(description)},
    {"sources", Dimension::kText, false, 0, 0, SLOT(sources)},

    {"organization.channels", Dimension::kCount, false, 1, 64, SLOT(organization.channels)},
    {"organization.pseudo_channels", Dimension::kCount, false, 1, 8, SLOT(organization.pseudo_channels)},
    {"organization.ranks", Dimension::kCount, false, 1, 8, SLOT(organization.ranks)},
    {"organization.stacks", Dimension::kCount, false, 1, 16, SLOT(organization.stacks)},
    {"organization.bank_groups", Dimension::kCount, false, 1, 16, SLOT(organization.bank_groups)},
    {"organization.banks", Dimension::kCount, true, 1, 64, SLOT(organization.banks)},
    {"organization.rows", Dimension::kCount, true, 1, 16777216, SLOT(organization.rows)},
    {"organization.columns", Dimension::kCount, true, 1, 65536, SLOT(organization.columns)},
    {"organization.bus_bits", Dimension::kCount, true, 8, 1024, SLOT(organization.bus_bits)},
    {"organization.burst_length", Dimension::kCount, true, 1, 64, SLOT(organization.burst_length)},

    {"timing.tick", Dimension::kSeconds, true, 0, 1, SLOT(timing.tick)},
    {"timing.ticks_per_clock", Dimension::kCount, false, 1, 2, SLOT(timing.ticks_per_clock)},
    TICKS(burst, true, 1),
    TICKS(cl, true, 1),
    TICKS(cwl, true, 1),
    TICKS(rcd_read, true, 1),
    TICKS(rcd_write, false, 1),
    TICKS(rp, true, 1),
    TICKS(rp_all, false, 1),
    TICKS(ras, true, 1),
    TICKS(rc, false, 1),
    TICKS(wr, true, 1),
    TICKS(rtp, true, 1),
    TICKS(ccd_s, true, 1),
    TICKS(ccd_l, false, 1),
    TICKS(ccd_s_write, false, 1),
    TICKS(ccd_l_write, false, 1),
    TICKS(ccd_r, false, 1),
    TICKS(rrd_s, true, 1),
    TICKS(rrd_l, false, 1),
    TICKS(faw, true, 1),
    TICKS(wtr_s, true, 1),
    TICKS(wtr_l, false, 1),
    TICKS(write_array, false, 1),
    TICKS(read_to_write, false, 1),
    TICKS(rank_switch, false, 0),
    TICKS(ppd, false, 1),
    TICKS(rfc, false, 0),
    TICKS(refi, false, 0),
    TICKS(rfc_bank, false, 0),
    TICKS(refi_bank, false, 0),
    TICKS(bank_to_activate, false, 0),
    TICKS(bank_to_bank, false, 0),

    {"commands.bus", Dimension::kText, false, 0, 0, SLOT(commands.bus)},
    {"commands.activate", Dimension::kCount, false, 1, 16, SLOT(commands.activate)},
    {"commands.column", Dimension::kCount, false, 1, 16, SLOT(commands.column)},
    {"commands.precharge", Dimension::kCount, false, 1, 16, SLOT(commands.precharge)},
    {"commands.second_activate_within", Dimension::kCount, false, 0, 1000, SLOT(commands.second_activate_within)},
    {"commands.data_clock_keeps", Dimension::kCount, false, 0, 1000, SLOT(commands.data_clock_keeps)},

    {"controller.read_queue", Dimension::kCount, false, 1, 4096, SLOT(controller.read_queue)},
    {"controller.write_queue", Dimension::kCount, false, 1, 4096, SLOT(controller.write_queue)},
    {"controller.drain_above_percent", Dimension::kCount, false, 1, 99, SLOT(controller.drain_above_percent)},
    {"controller.drain_below_percent", Dimension::kCount, false, 1, 99, SLOT(controller.drain_below_percent)},
    {"controller.page", Dimension::kText, false, 0, 0, SLOT(controller.page)},
    {"controller.refresh", Dimension::kText, false, 0, 0, SLOT(controller.refresh)},

    {"mapping.order", Dimension::kText, true, 0, 0, SLOT(mapping.order)},
    {"mapping.hash", Dimension::kText, false, 0, 0, SLOT(mapping.hash)},

    ENERGY(activate, Dimension::kJoules),
    ENERGY(read, Dimension::kJoules),
    ENERGY(write, Dimension::kJoules),
    ENERGY(refresh, Dimension::kJoules),
    ENERGY(refresh_bank, Dimension::kJoules),
    ENERGY(open, Dimension::kWatts),
    ENERGY(closed, Dimension::kWatts),
};

#undef ENERGY
#undef TICKS
#undef SLOT

}  // namespace

Keys dram_keys() { return kKeys; }

}  // namespace systole::spec
