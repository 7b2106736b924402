// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A module that uses the generated packages, so that a linter elaborates them.
module contract_lint
  import npu_contract_pkg::*;
  import npu_functions_pkg::*;
(
    input  logic [DescriptorWords*32-1:0] descriptor_i,
    output logic                          is_load_o,
    output logic [63:0]                   hash_o,
    input  logic [5:0]                    segment_i,
    output logic [95:0]                   exp_o
);
  load_t load;
  logic  unused_bits;
  assign load = descriptor_i;
  assign unused_bits = ^load;
  assign is_load_o = load.header.opcode == OpcodeLoad && (descriptor_i & ~LoadUsed) == '0;
  assign hash_o = ContractHash;
  assign exp_o = ExpTable[segment_i];
endmodule
