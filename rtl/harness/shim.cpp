// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Compiled into each Verilated library, beside the C++ that Verilator made of npu_top.
#include <verilated.h>

#include <cstring>
#include <memory>

#include "Vrtl.h"
#include "pins.h"
#if VM_TRACE_FST
#include <verilated_fst_c.h>
#endif
#if VM_COVERAGE
#include <unistd.h>
#include <verilated_cov.h>

#include <cstdlib>
#include <string>
#endif

namespace systole::rtl {
namespace {

struct Instance {
  VerilatedContext context;
  std::unique_ptr<Vrtl> top;
#if VM_TRACE_FST
  std::unique_ptr<VerilatedFstC> waves;
#endif
  uint64_t time = 0;
};

template <typename Port>
void set(Port& port, const uint8_t* bytes) {
  std::memcpy(&port, bytes, sizeof(port) < kMostBurstBytes ? sizeof(port) : kMostBurstBytes);
}
template <typename Port>
void get(const Port& port, uint8_t* bytes, size_t most) {
  std::memcpy(bytes, &port, sizeof(port) < most ? sizeof(port) : most);
}

void dump([[maybe_unused]] Instance& npu) {
#if VM_TRACE_FST
  if (npu.waves) npu.waves->dump(npu.time);
#endif
  ++npu.time;
}

void drive(Vrtl& top, const Pins& pins) {
  top.rst_i = pins.reset;
  top.s_aw_valid_i = pins.write;
  top.s_aw_addr_i = pins.write_address;
  top.s_w_data_i = pins.write_data;
  top.s_ar_valid_i = pins.read;
  top.s_ar_addr_i = pins.read_address;
  const MasterPins &load = pins.master[0], &store = pins.master[1], &processor = pins.master[2];
  top.load_ar_ready_i = load.ar_ready;
  top.load_r_valid_i = load.r_valid;
  if (load.r_valid) set(top.load_r_data_i, load.r_data);
  top.store_aw_ready_i = store.aw_ready;
  top.store_b_valid_i = store.b_valid;
  top.processor_ar_ready_i = processor.ar_ready;
  top.processor_r_valid_i = processor.r_valid;
  if (processor.r_valid) set(top.processor_r_data_i, processor.r_data);
  top.processor_aw_ready_i = processor.aw_ready;
  top.processor_b_valid_i = processor.b_valid;
}

void sample(const Vrtl& top, Pins& pins) {
  pins.resetting = top.reset_o;
  MasterPins &load = pins.master[0], &store = pins.master[1], &processor = pins.master[2];
  load.ar_valid = top.load_ar_valid_o;
  load.ar_addr = top.load_ar_addr_o;
  store.aw_valid = top.store_aw_valid_o;
  store.aw_addr = top.store_aw_addr_o;
  if (store.aw_valid) {
    get(top.store_w_data_o, store.w_data, kMostBurstBytes);
    get(top.store_w_strb_o, store.w_strobe, sizeof(store.w_strobe));
  }
  processor.ar_valid = top.processor_ar_valid_o;
  processor.ar_addr = top.processor_ar_addr_o;
  processor.aw_valid = top.processor_aw_valid_o;
  processor.aw_addr = top.processor_aw_addr_o;
  if (processor.aw_valid) {
    get(top.processor_w_data_o, processor.w_data, kMostBurstBytes);
    get(top.processor_w_strb_o, processor.w_strobe, sizeof(processor.w_strobe));
  }
  pins.dispatched = top.dispatched_o;
  pins.dispatched_engine = top.dispatched_engine_o;
  pins.dispatched_opcode = top.dispatched_opcode_o;
  pins.dispatched_copies = top.dispatched_copies_o;
  pins.dispatched_tag = top.dispatched_tag_o;
  pins.dispatched_sequence = top.dispatched_seq_o;
  pins.fence_begin = top.fence_begin_o;
  pins.fence_end = top.fence_end_o;
  pins.failed = top.failed_o;
  pins.failed_tag = top.failed_tag_o;
  pins.fired = top.fired_o;
  pins.port_free = top.port_free_o;
  for (int e = 0; e < kEngines; ++e) pins.done[e] = static_cast<uint8_t>(top.done_o >> (8 * e));
}

// What follows from registers alone holds as soon as the clock has risen.
void sample_state(const Vrtl& top, Pins& pins) {
  pins.irq = top.irq_o;
  pins.idle = top.idle_o;
  pins.pending = top.pending_o;
  pins.written = top.s_b_valid_o;
  pins.write_response = top.s_b_resp_o;
  pins.answered = top.s_r_valid_o;
  pins.read_response = top.s_r_resp_o;
  pins.read_data = top.s_r_data_o;
}

}  // namespace
}  // namespace systole::rtl

using systole::rtl::Instance;

extern "C" void* systole_rtl_create() {
  auto* npu = new Instance;
#if VM_TRACE_FST
  npu->context.traceEverOn(true);
#endif
  npu->top = std::make_unique<Vrtl>(&npu->context);
  npu->top->clk_i = 0;
  return npu;
}

extern "C" void systole_rtl_destroy(void* instance) {
  auto* npu = static_cast<Instance*>(instance);
#if VM_TRACE_FST
  if (npu->waves) npu->waves->close();
#endif
  npu->top->final();
#if VM_COVERAGE
  // One file an instance, for verilator_coverage to merge.
  static int number = 0;
  if (const char* folder = std::getenv("SYSTOLE_RTL_COVERAGE"))
    npu->context.coveragep()->write(
        (std::string(folder) + "/" + std::to_string(getpid()) + "-" + std::to_string(number++) + ".dat").c_str());
#endif
  delete npu;
}

extern "C" void systole_rtl_cycle(void* instance, systole::rtl::Pins* pins) {
  Instance& npu = *static_cast<Instance*>(instance);
  systole::rtl::drive(*npu.top, *pins);
  npu.top->clk_i = 0;
  npu.top->eval();
  systole::rtl::dump(npu);
  systole::rtl::sample(*npu.top, *pins);
  npu.top->clk_i = 1;
  npu.top->eval();
  systole::rtl::dump(npu);
  systole::rtl::sample_state(*npu.top, *pins);
}

extern "C" int systole_rtl_waves([[maybe_unused]] void* instance, [[maybe_unused]] const char* file) {
#if VM_TRACE_FST
  Instance& npu = *static_cast<Instance*>(instance);
  npu.waves = std::make_unique<VerilatedFstC>();
  npu.top->trace(npu.waves.get(), 99);
  npu.waves->open(file);
  return npu.waves->isOpen();
#else
  return 0;
#endif
}
