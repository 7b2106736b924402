// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The NPU as a HAL device.
#pragma once

#include "hal/registry.h"

namespace systole {

// URIs: "npu:PRESET" or "npu:FILE.yaml", with the options
//   fidelity=model|rtl      the SystemC model, or the RTL, Verilated when first asked for (kUnavailable without
//   Verilator);
//                           estimate is answered kUnsupported
//   waves=FILE.fst          rtl: waveforms
//   functional=on|off       off: cycles without values
//   fast_forward=on|off     off: with functional=off, iterations whose state recurs are simulated all the same (on)
//   race_check=on|off       unordered accesses and reads of storage never written fail the submission
//   residency=on|weights|both|off
//                           what may be in the scratchpad from op to op: tensors that only one command list sees (on),
//                           weights that come while the op before theirs runs, or both
//   watchdog=CYCLES         of device time
//   set=key:value,...       overrides of the hardware's keys, "array.rows:32,dram.bytes_per_second:68GB/s"
DriverInfo npu_driver();

}  // namespace systole
