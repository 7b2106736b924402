// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Scratchpad and accumulators. Every client has ports of its own (docs/timing.md, section 4: what limits the array side is
// arbitrated by its address generator). Reads are synchronous: data of an address given in cycle t is there in t + 1, as it
// was before the writes of t. Addresses are in range: commands are checked before they issue.
module npu_storage
  import npu_config_pkg::*;
  import npu_types_pkg::*;
(
    input logic clk_i,

    // COMPUTE: an element a row of the array, two bytes from its address. PRELOAD: its rows of a cycle, row by row.
    input  logic        compute_en_i,
    input  addr_t       compute_addr_i[Rows],
    output logic [15:0] compute_data_o[Rows],
    input  logic        preload_en_i,
    input  addr_t       preload_addr_i[PreloadElements],
    output logic [15:0] preload_data_o[PreloadElements],

    // Bottom of the array, by column: words of accumulator row `row`.
    input  logic [Cols-1:0] sum_read_i,
    input  addr_t           sum_read_row_i [Cols],
    output logic [31:0]     sum_data_o     [Cols],
    input  logic [Cols-1:0] sum_write_i,
    input  addr_t           sum_write_row_i[Cols],
    input  logic [31:0]     sum_write_data_i[Cols],

    // VECTOR: four bytes from each address. A is in `vector_a_acc_i` ? accumulators : scratchpad, B and parameters in the
    // scratchpad; the first `vector_size_i` bytes of a lane are written.
    input  logic             vector_a_en_i,
    input  logic             vector_a_acc_i,
    input  addr_t            vector_a_addr_i[Lanes],
    output logic [31:0]      vector_a_data_o[Lanes],
    input  logic             vector_b_en_i,
    input  addr_t            vector_b_addr_i[Lanes],
    output logic [31:0]      vector_b_data_o[Lanes],
    input  logic             vector_p_en_i,
    input  addr_t            vector_p_addr_i[3*Lanes+2],
    output logic [31:0]      vector_p_data_o[3*Lanes+2],
    input  logic [Lanes-1:0] vector_write_i,
    input  logic             vector_write_acc_i,
    input  logic [2:0]       vector_size_i,
    input  addr_t            vector_write_addr_i[Lanes],
    input  logic [31:0]      vector_write_data_i[Lanes],

    // LOAD: what memory answers, by byte.
    input logic [BurstBytes-1:0] fill_i,
    input logic                  fill_acc_i,
    input addr_t                 fill_addr_i[BurstBytes],
    input logic [7:0]            fill_data_i[BurstBytes],

    // LOAD (0) and STORE (1), by byte: what is copied within the scratchpad, padding, and what goes to memory.
    input  logic       [1:0] move_read_i,
    input  logic       [1:0] move_read_acc_i,
    input  addr_t            move_read_addr_i [2][MoveBytes],
    output logic       [7:0] move_data_o      [2][MoveBytes],
    input  logic [MoveBytes-1:0] move_write_i [2],
    input  logic       [1:0] move_write_acc_i,
    input  addr_t            move_write_addr_i[2][MoveBytes],
    input  logic       [7:0] move_write_data_i[2][MoveBytes]
);

  localparam int unsigned SpadBits = $clog2(ScratchpadBytes);
  localparam int unsigned WordBits = $clog2(AccRows * Cols);
  typedef logic [SpadBits-1:0] byte_t;
  typedef logic [WordBits-1:0] word_t;

  logic [ 7:0] scratchpad[ScratchpadBytes];
  logic [31:0] accumulators[AccRows*Cols];

  function automatic logic [31:0] four_bytes(input addr_t addr);
    return {scratchpad[byte_t'(addr+3)], scratchpad[byte_t'(addr+2)], scratchpad[byte_t'(addr+1)], scratchpad[byte_t'(addr)]};
  endfunction

  always_ff @(posedge clk_i) begin
    if (compute_en_i)
      for (int i = 0; i < int'(Rows); ++i)
        compute_data_o[i] <= {scratchpad[byte_t'(compute_addr_i[i]+1)], scratchpad[byte_t'(compute_addr_i[i])]};
    if (preload_en_i)
      for (int i = 0; i < int'(PreloadElements); ++i)
        preload_data_o[i] <= {scratchpad[byte_t'(preload_addr_i[i]+1)], scratchpad[byte_t'(preload_addr_i[i])]};
    for (int i = 0; i < int'(Cols); ++i)
      if (sum_read_i[i]) sum_data_o[i] <= accumulators[word_t'(sum_read_row_i[i]*Cols+unsigned'(i))];
    if (vector_a_en_i)
      for (int i = 0; i < int'(Lanes); ++i)
        vector_a_data_o[i] <= vector_a_acc_i ? accumulators[word_t'(vector_a_addr_i[i]>>2)] : four_bytes(vector_a_addr_i[i]);
    if (vector_b_en_i)
      for (int i = 0; i < int'(Lanes); ++i) vector_b_data_o[i] <= four_bytes(vector_b_addr_i[i]);
    if (vector_p_en_i)
      for (int i = 0; i < int'(3 * Lanes + 2); ++i) vector_p_data_o[i] <= four_bytes(vector_p_addr_i[i]);
    for (int e = 0; e < 2; ++e)
      if (move_read_i[e])
        for (int i = 0; i < int'(MoveBytes); ++i)
          move_data_o[e][i] <= move_read_acc_i[e] ?
              accumulators[word_t'(move_read_addr_i[e][i]>>2)][8*move_read_addr_i[e][i][1:0]+:8] :
              scratchpad[byte_t'(move_read_addr_i[e][i])];

    // After the reads, and at once: no other process sees the memories. Where several clients write the same byte in a
    // cycle the last one wins, which no program without races can see.
    for (int i = 0; i < int'(BurstBytes); ++i)
      if (fill_i[i] && !fill_acc_i) scratchpad[byte_t'(fill_addr_i[i])] = fill_data_i[i];
    for (int e = 0; e < 2; ++e)
      for (int i = 0; i < int'(MoveBytes); ++i)
        if (move_write_i[e][i] && !move_write_acc_i[e]) scratchpad[byte_t'(move_write_addr_i[e][i])] = move_write_data_i[e][i];
    for (int i = 0; i < int'(Lanes); ++i)
      if (vector_write_i[i] && !vector_write_acc_i)
        for (int b = 0; b < 4; ++b)
          if (3'(b) < vector_size_i)
            scratchpad[byte_t'(vector_write_addr_i[i]+unsigned'(b))] = vector_write_data_i[i][8*b+:8];
    for (int i = 0; i < int'(BurstBytes); ++i)
      if (fill_i[i] && fill_acc_i)
        accumulators[word_t'(fill_addr_i[i]>>2)][8*fill_addr_i[i][1:0]+:8] = fill_data_i[i];
    for (int e = 0; e < 2; ++e)
      for (int i = 0; i < int'(MoveBytes); ++i)
        if (move_write_i[e][i] && move_write_acc_i[e])
          accumulators[word_t'(move_write_addr_i[e][i]>>2)][8*move_write_addr_i[e][i][1:0]+:8] = move_write_data_i[e][i];
    for (int i = 0; i < int'(Lanes); ++i)
      if (vector_write_i[i] && vector_write_acc_i)
        accumulators[word_t'(vector_write_addr_i[i]>>2)] = vector_write_data_i[i];
    for (int i = 0; i < int'(Cols); ++i)
      if (sum_write_i[i]) accumulators[word_t'(sum_write_row_i[i]*Cols+unsigned'(i))] = sum_write_data_i[i];
  end

endmodule
