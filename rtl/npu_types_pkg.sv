// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Types between the NPU's modules. npu_config_pkg has an instance's figures: a parameter for each key of its YAML.
package npu_types_pkg;

  import npu_config_pkg::*;

  typedef logic [47:0] cycle_t;  // core cycles since power-on
  typedef logic [31:0] addr_t;   // byte of the scratchpad or of the accumulators

  typedef struct packed {
    logic [3:0]  code;  // error_e; 0: none
    logic [63:0] address;
  } fault_t;

  // Bytes that LOAD or STORE moves on chip in a cycle: a burst, or what a copy within the scratchpad moves.
  localparam int unsigned MoveBytes = (DmaBytesPerCycle > BurstBytes) ? DmaBytesPerCycle : BurstBytes;
  localparam int unsigned PreloadElements = WeightRows * Cols;
  localparam int unsigned AccBytes = AccRows * Cols * 4;

endpackage
