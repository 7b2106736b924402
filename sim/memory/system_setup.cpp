// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// System: what it is made of, from a hardware file.
#include <algorithm>

#include "sim/memory/system.h"

namespace systole::memory {
namespace {

size_t timeline_channels(const spec::DramSpec& dram) {
  if (dram.timing == "fixed") return 1;
  return static_cast<size_t>(dram.config.empty() ? dram.channels : dram.device.organization.channels);
}

}  // namespace

std::string System::check(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes,
                          const spec::NocSpec& noc, const spec::L2Spec& l2) {
  const auto wrong = [](const char* key, const std::string& expected, auto got) {
    return std::string(key) + ": expected " + expected + ", got " + std::to_string(got);
  };
  const auto bursts = [&](int bytes) { return bytes > 0 && static_cast<uint64_t>(bytes) % burst_bytes == 0; };
  if (clock.hz <= 0) return wrong("clock", "a positive frequency", clock.hz);
  if (dram.channels < 1) return wrong("dram.channels", "at least 1", dram.channels);
  if (dram.banks < 1) return wrong("dram.banks", "at least 1", dram.banks);
  if (!(dram.bytes_per_second >= 1)) return wrong("dram.bytes_per_second", "at least 1", dram.bytes_per_second);
  for (const auto& [key, cycles] : {std::pair{"dram.latency_cycles", dram.latency_cycles},
                                    {"dram.row_miss_cycles", dram.row_miss_cycles},
                                    {"dram.turnaround_cycles", dram.turnaround_cycles}})
    if (cycles < 0) return wrong(key, "at least 0", cycles);
  if (dram.timing == "fixed" && dram.latency_cycles < 1)
    return wrong("dram.latency_cycles", "at least 1 with dram.timing fixed", dram.latency_cycles);
  if (dram.batch_bursts < 1) return wrong("dram.batch_bursts", "at least 1", dram.batch_bursts);
  if (burst_bytes == 0 || 4096 % burst_bytes != 0) return wrong("dma.burst_bytes", "a divisor of 4096", burst_bytes);
  if (!bursts(dram.interleave_bytes))
    return wrong("dram.interleave_bytes", "a multiple of dma.burst_bytes", dram.interleave_bytes);
  const int64_t of_device = dram.device.channel_bytes() * dram.device.organization.channels;
  if (!dram.config.empty() && dram.bytes > of_device)
    return wrong("dram.bytes", "at most the " + std::to_string(of_device) + " that dram.config has", dram.bytes);
  if (!bursts(dram.row_bytes)) return wrong("dram.row_bytes", "a multiple of dma.burst_bytes", dram.row_bytes);
  if (std::string error = Noc::check(noc); !error.empty()) return error;
  return L2::check(l2, burst_bytes);
}

System::System(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes, std::vector<PortSpec> ports,
               const spec::NocSpec& noc, const spec::L2Spec& l2)
    : burst_bytes_(burst_bytes),
      fixed_latency_(dram.timing == "fixed" ? static_cast<uint64_t>(dram.latency_cycles) : 0),
      l2_(l2.bytes == 0 ? nullptr : std::make_unique<L2>(l2, burst_bytes)),
      requesters_(l2_ ? 2 * l2_->banks() : ports.size()),
      channels_(dram, clock, burst_bytes, requesters_),
      ports_(ports.size()),
      timeline_(timeline_channels(dram)) {
  std::vector<bool> paced;
  std::vector<size_t> core_of;
  for (const PortSpec& port : ports) {
    core_of.push_back(port.core);
    served_.resize(std::max(served_.size(), port.core + 1));
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    ports_[i].spec = ports[i];
    if (!ports[i].host_paced) ports_[i].served = &served_[ports[i].core];
  }
  if (noc.topology != "ideal")
    noc_ = std::make_unique<Noc>(noc, burst_bytes, core_of, l2_ ? l2_->banks() : channels_.channels());
  for (size_t i = 0; i < (noc_ || l2_ ? channels_.channels() : 1) * requesters_; ++i)
    paced.push_back(l2_ || ports[i % ports.size()].host_paced);
  if (!dram.config.empty() && fixed_latency_ == 0)
    banks_ = std::make_unique<BankMemory>(dram.device, clock, burst_bytes, paced);
  else if (!noc_ && !l2_)
    direct_ = fixed_latency_ == 0, lookahead_ = channels_.least_answer();
  reset();
}

// Takes no memory: a device is reset when it is destroyed, too.
void System::reset(uint64_t origin) {
  if (banks_) banks_->reset();
  if (noc_) noc_->reset();
  if (l2_) l2_->reset();
  l2_counts_ = {};
  covered_ = uncovered_ = 0;
  channels_.reset();
  for (Port& port : ports_) {
    port.queue.clear();
    port.cursor.reset();
    port.next_request = port.in_flight = 0;
    for (Lane& lane : port.lanes) {
      lane.requests.clear();
      lane.flying.clear();
      lane.given = lane.ended = lane.wanted = lane.free = 0;
    }
  }
  next_ = kNever;
  bursts_read_ = bursts_written_ = 0;
  std::fill(served_.begin(), served_.end(), Served{});
  timeline_.reset(origin);
}

}  // namespace systole::memory
