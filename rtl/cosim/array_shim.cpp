// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Compiled into each Verilated library of an array, beside the C++ that Verilator made of it.
#include <verilated.h>

#include <cstring>
#include <memory>

#include "Vrtl.h"
#include "array_pins.h"

namespace {

struct Instance {
  VerilatedContext context;
  std::unique_ptr<Vrtl> top;
};

template <typename Port, typename Value>
void set(Port& port, const Value& value) {
  static_assert(sizeof(Port) <= sizeof(Value));
  std::memcpy(&port, &value, sizeof(Port));
}

}  // namespace

extern "C" void* systole_array_create() {
  auto* array = new Instance;
  array->top = std::make_unique<Vrtl>(&array->context);
  return array;
}

extern "C" void systole_array_destroy(void* instance) {
  auto* array = static_cast<Instance*>(instance);
  array->top->final();
  delete array;
}

extern "C" void systole_array_cycle(void* instance, systole::rtl::ArrayPins* pins) {
  Vrtl& top = *static_cast<Instance*>(instance)->top;
  top.rst_i = pins->reset;
  set(top.x_valid_i, pins->x_valid);
  set(top.x_swap_i, pins->x_swap);
  set(top.x_bf16_i, pins->x_bf16);
  set(top.x_i, pins->x);
  set(top.w_valid_i, pins->w_valid);
  set(top.w_first_i, pins->w_first);
  set(top.w_row_i, pins->w_row);
  set(top.w_i, pins->w);
  top.clk_i = 0;
  top.eval();
  std::memcpy(pins->sum, &top.sum_o, sizeof(top.sum_o) < sizeof(pins->sum) ? sizeof(top.sum_o) : sizeof(pins->sum));
  top.clk_i = 1;
  top.eval();
}
