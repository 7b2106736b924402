// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/npu.h"

#include <sys/mman.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "sim/core.h"
#include "sim/functional_array.h"
#include "sim/kernel.h"
#include "sim/memory_adapter.h"

namespace systole::sim {
namespace {

std::string check_spec(const spec::NpuSpec& s) {
  std::string error = memory::System::check(s.dram, s.clock, static_cast<uint64_t>(s.dma.burst_bytes), s.noc, s.l2);
  if (!error.empty()) return error;
  if (s.cores < 1 || s.cores > 16) return "cores: expected 1 to 16, got " + std::to_string(s.cores);
  if (s.array.rows < 1 || s.array.cols < 1 || s.array.rows > 65535 || s.array.cols > 65535)
    return "array: expected 1 to 65535 rows and columns";
  if (s.array.pe_latency < 1 || s.array.weight_rows_per_cycle < 1) return "array: expected latencies of at least 1";
  if (s.scratchpad.banks < 1 || s.scratchpad.banks > 64) return "scratchpad.banks: expected 1 to 64";
  if (s.scratchpad.interleave < 1 || s.scratchpad.line_bytes < 1) return "scratchpad: expected lines and sub-banks";
  if (s.scratchpad.bytes < 1 || s.scratchpad.bytes % (int64_t{s.scratchpad.banks} * s.scratchpad.line_bytes))
    return "scratchpad.bytes: expected a multiple of banks x line_bytes";
  if (s.scratchpad.bytes > int64_t{1} << 32) return "scratchpad.bytes: expected at most 4 GiB";
  if (s.accumulator.rows < 1 || s.accumulator.rmw_interval < 1) return "accumulator: expected rows and an interval";
  if (s.vector.lanes < 1 || s.vector.pipeline < 1) return "vector: expected lanes and a pipeline";
  if (s.dma.outstanding < 1 || s.dma.bytes_per_cycle < 1 || s.dma.setup_cycles < 0)
    return "dma: expected rates above zero";
  if (s.core.semaphores < 1 || s.core.semaphores > 256) return "core.semaphores: expected 1 to 256";
  for (int depth : {s.core.load_queue, s.core.store_queue, s.core.preload_queue, s.core.compute_queue,
                    s.core.vector_queue, s.core.fetch_ahead, s.core.loop_buffer})
    if (depth < 1) return "core: expected depths of at least 1";
  if (s.dram.bytes < 4096) return "dram.bytes: expected at least 4096";
  return "";
}

std::vector<memory::PortSpec> memory_ports(const spec::NpuSpec& s) {
  const auto outstanding = static_cast<uint64_t>(s.dma.outstanding);
  const auto rate = static_cast<uint64_t>(s.dma.bytes_per_cycle);
  const auto bursts = [&](int64_t bytes) {
    return static_cast<uint64_t>((bytes + s.dma.burst_bytes - 1) / s.dma.burst_bytes);
  };
  // The processor has at most its fetches and one fence record in flight.
  const uint64_t control = static_cast<uint64_t>(s.core.fetch_ahead) * bursts(contract::kDescriptorBytes) + bursts(64);
  std::vector<memory::PortSpec> ports;
  for (size_t core = 0; core < static_cast<size_t>(s.cores); ++core)
    ports.insert(ports.end(),
                 {{outstanding, rate, false, core}, {outstanding, rate, false, core}, {control, 0, true, core}});
  return ports;
}

// Pages of the host, taken when touched.
class DeviceMemory {
 public:
  explicit DeviceMemory(uint64_t bytes) : bytes_(bytes) {
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    data_ = at == MAP_FAILED ? nullptr : static_cast<std::byte*>(at);
  }
  ~DeviceMemory() {
    if (data_) munmap(data_, bytes_);
  }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  std::byte* data() const { return data_; }

 private:
  uint64_t bytes_;
  std::byte* data_;
};

// The host's end of BAR0.
struct HostPort : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<HostPort> socket{"socket"};
  explicit HostPort(const sc_core::sc_module_name& name) : sc_module(name) {}

  bool access(bool write, uint32_t offset, uint32_t& value) {
    tlm::tlm_generic_payload p;
    p.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    p.set_address(offset);
    p.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    p.set_data_length(4);
    p.set_streaming_width(4);
    p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(p, delay);
    return p.is_response_ok();
  }
};

}  // namespace

const char* engine_name(Engine engine) { return contract::name(static_cast<contract::Engine>(engine)); }

const char* cause_name(Cause cause) {
  static const char* const names[] = {"compute",     "vector",       "dram",  "copy",    "preload",
                                      "array_drain", "vector_drain", "fence", "dispatch"};
  return names[static_cast<int>(cause)];
}

struct Npu::Impl {
  // Modules: made and unmade with the kernel entered.
  struct CoreModules {
    std::optional<HostPort> host;
    std::optional<RegisterBlock> registers;
    std::optional<Core> core;
  };
  spec::NpuSpec spec;
  Kernel kernel;
  DeviceMemory dram;
  memory::System memory;
  bool stop_on_irq = false, resetting = false;
  uint64_t progress = 0;
  std::optional<MemoryAdapter> adapter;
  std::vector<CoreModules> cores;

  Impl(const spec::NpuSpec& s, const NpuOptions& options)
      : spec(s),
        dram(static_cast<uint64_t>(s.dram.bytes)),
        memory(s.dram, s.clock, static_cast<uint64_t>(s.dma.burst_bytes), memory_ports(s), s.noc, s.l2),
        cores(static_cast<size_t>(s.cores)) {
    Kernel::Entry entry(kernel);
    adapter.emplace("memory", kernel, memory, dram.data(), static_cast<uint64_t>(spec.dram.bytes), spec.cores);
    NpuOptions each = options;
    each.fast_forward &= cores.size() == 1 && !options.functional && !options.race_check;
    for (size_t i = 0; i < cores.size(); ++i) make_core(i, each);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborates
  }
  ~Impl() {
    Kernel::Entry entry(kernel);
    adapter->reset();
    for (CoreModules& each : cores) each.core.reset();
    adapter.reset();
    for (CoreModules& each : cores) {
      each.registers.reset();
      each.host.reset();
    }
  }

  void make_core(size_t number, const NpuOptions& options) {
    const auto named = [&](const char* name) { return number == 0 ? name : name + std::to_string(number); };
    CoreModules& m = cores[number];
    m.host.emplace(named("host").c_str());
    m.registers.emplace(named("registers").c_str(), spec);
    m.core.emplace(
        named("core").c_str(), spec, options, *m.registers,
        !options.functional  ? nullptr
        : options.make_array ? options.make_array()
                             : make_functional_array(spec.array),
        [this] {
          if (stop_on_irq) kernel.pause();
        },
        [this, number] { reset_around(number); }, kernel,
        Neighbours{[this](uint64_t at, uint32_t core, uint32_t id, uint32_t count) {
                     cores[core].core->signalled(at, id, count);
                   },
                   &progress});
    m.registers->connect(*m.core);
    m.core->watch(memory, number);
    m.host->socket.bind(m.registers->host);
    const int core = static_cast<int>(number);
    m.core->load_port().socket.bind(adapter->socket(core, kLoadPort));
    m.core->store_port().socket.bind(adapter->socket(core, kStorePort));
    m.core->processor_port().socket.bind(adapter->socket(core, kProcessorPort));
  }

  // A core is being reset: so are the memory and the others.
  void reset_around(size_t number) {
    if (resetting) return;
    resetting = true;
    progress = 0;
    adapter->reset();
    for (size_t i = 0; i < cores.size(); ++i)
      if (i != number) cores[i].core->reset();
    resetting = false;
  }

  bool irq() const {
    return std::any_of(cores.begin(), cores.end(), [](const CoreModules& each) { return each.registers->irq(); });
  }

  bool access(bool write, uint32_t offset, uint32_t& value) {
    const size_t core = cores.size() == 1 ? 0 : offset >> kCoreStrideLog2;
    if (core >= cores.size()) return false;
    return cores[core].host->access(write, offset - (static_cast<uint32_t>(core) << kCoreStrideLog2), value);
  }

  uint64_t run(uint64_t max_cycles, bool until_irq) {
    Kernel::Entry entry(kernel);
    if (until_irq && irq()) return 0;
    const uint64_t start = now();
    const uint64_t most = (uint64_t{1} << 62) - std::min(start, uint64_t{1} << 61);
    stop_on_irq = until_irq;
    kernel.run_until(start + std::min(max_cycles, most));
    return now() - start;
  }
  uint64_t now() const { return cycle() + kernel.skipped(); }
};

Npu::Npu(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Npu::~Npu() = default;

std::unique_ptr<Npu> Npu::create(const spec::NpuSpec& spec, const NpuOptions& options, std::string& error) {
  error = check_spec(spec);
  if (!error.empty()) return nullptr;
  auto impl = std::make_unique<Impl>(spec, options);
  if (impl->dram.data() == nullptr) {
    error =
        "dram.bytes: the host cannot reserve " + std::to_string(spec.dram.bytes) + " bytes: " + std::strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<Npu>(new Npu(std::move(impl)));
}

uint32_t Npu::reg_read(uint32_t offset, bool& ok) {
  Kernel::Entry entry(impl_->kernel);
  uint32_t value = 0;
  ok = impl_->access(false, offset, value);
  return ok ? value : 0;
}

bool Npu::reg_write(uint32_t offset, uint32_t value) {
  Kernel::Entry entry(impl_->kernel);
  return impl_->access(true, offset, value);
}

std::byte* Npu::memory() { return impl_->dram.data(); }
uint64_t Npu::memory_bytes() const { return static_cast<uint64_t>(impl_->spec.dram.bytes); }

uint64_t Npu::now() const {
  Kernel::Entry entry(impl_->kernel);
  return impl_->now();
}

uint64_t Npu::skipped() const { return impl_->kernel.skipped(); }

bool Npu::irq() const { return impl_->irq(); }

bool Npu::idle() const {
  Kernel::Entry entry(impl_->kernel);
  return std::none_of(impl_->cores.begin(), impl_->cores.end(),
                      [](const Impl::CoreModules& each) { return each.core->pending(); });
}

uint64_t Npu::run(uint64_t max_cycles) { return impl_->run(max_cycles, true); }
uint64_t Npu::advance(uint64_t cycles) { return impl_->run(cycles, false); }

int Npu::cores() const { return impl_->spec.cores; }

const Stats& Npu::stats(int core) const {
  Kernel::Entry entry(impl_->kernel);
  impl_->adapter->catch_up();
  Accounting& accounting = impl_->cores[static_cast<size_t>(core)].core->accounting();
  accounting.account(cycle());
  const memory::Stats memory = impl_->memory.stats();
  Stats& stats = accounting.stats();
  stats.row_hits = memory.row_hits;
  stats.row_misses = memory.row_misses;
  stats.channel_busy = memory.channel_busy;
  return stats;
}

const memory::Timeline& Npu::traffic() const {
  Kernel::Entry entry(impl_->kernel);
  impl_->adapter->catch_up();
  return impl_->memory.timeline();
}

void Npu::set_trace(bool on) {
  for (auto& each : impl_->cores) each.core->set_trace(on);
}

std::vector<Span> Npu::take_trace() {
  std::vector<Span> all;
  for (int core = 0; core < cores(); ++core)
    for (Span& span : impl_->cores[static_cast<size_t>(core)].core->take_trace()) {
      span.core = core;
      all.push_back(span);
    }
  return all;
}

const std::vector<Race>& Npu::races(int core) const { return impl_->cores[static_cast<size_t>(core)].core->races(); }

}  // namespace systole::sim
