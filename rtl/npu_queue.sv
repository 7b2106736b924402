// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One engine's commands: those that wait, and those that have issued and are not complete, both in order.
module npu_queue
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
#(
    parameter int unsigned Depth = 8
) (
    input logic clk_i,
    input logic rst_i,

    input  logic    push_i,
    input  queued_t push_entry_i,
    output logic    full_o,  // also after what issues in this cycle
    output logic    head_valid_o,
    output queued_t head_o,
    input  logic    fire_i,  // the head issues

    input  done_t       done_i,       // so many complete,
    input  sems_t       sems_i,       // and add to semaphores
    output sems_t       sems_o,
    output fault_t      fault_o,      // the first that would be above 255
    output logic [31:0] fault_seq_o,
    output logic       empty_o,          // nothing waits or flies after what completes in this cycle
    output logic       flying_o,         // something flies, as this cycle began
    output logic       oldest_valid_o,   // the oldest of all, as this cycle began
    output flight_t    oldest_o
);

  localparam int unsigned Bits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned FlightBits = $clog2(FlightDepth);
  typedef logic [Bits-1:0] place_t;
  typedef logic [FlightBits-1:0] flight_place_t;

  queued_t waiting[2**Bits];
  flight_t flying[2**FlightBits];
  place_t first_q, next_q;
  logic [Bits:0] count_q;
  flight_place_t oldest_q, newest_q;
  logic [FlightBits:0] flights_q;
  queued_t head;
  header_t head_header;
  flight_t head_flight;

  function automatic place_t after(input place_t p);
    return p == place_t'(Depth - 1) ? 0 : p + 1;
  endfunction

  assign head = waiting[first_q];
  assign head_o = head;
  assign head_valid_o = count_q != 0;
  assign full_o = count_q == (Bits + 1)'(Depth) && !fire_i;
  assign head_header = head.command[$bits(header_t)-1:0];
  assign head_flight = '{
          signal0_id: head_header.signal0_id,
          signal0_count: head_header.signal0_count,
          signal1_id: head_header.signal1_id,
          signal1_count: head_header.signal1_count,
          seq: head.seq,
          index: head.index
      };
  assign flying_o = flights_q != 0;
  assign empty_o = count_q == 0 && flights_q == (FlightBits + 1)'(done_i);
  assign oldest_valid_o = count_q != 0 || flights_q != 0;
  assign oldest_o = flights_q != 0 ? flying[oldest_q] : head_flight;

  always_comb begin
    flight_t f;
    signalled_t added;
    sems_o = sems_i;
    fault_o = '0;
    fault_seq_o = 0;
    for (int k = 0; k < int'(done_i); ++k) begin
      f = flying[oldest_q+flight_place_t'(k)];
      added = signal(sems_o, f.signal0_id, f.signal0_count, f.signal1_id, f.signal1_count);
      sems_o = added.sems;
      if (fault_o.code == 0 && added.fault.code != 0) begin
        fault_o = added.fault;
        fault_seq_o = f.seq;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      first_q <= 0;
      next_q <= 0;
      count_q <= 0;
      oldest_q <= 0;
      newest_q <= 0;
      flights_q <= 0;
    end else begin
      if (push_i) begin
        waiting[next_q] <= push_entry_i;
        next_q <= after(next_q);
      end
      if (fire_i) begin
        first_q <= after(first_q);
        flying[newest_q] <= head_flight;
        newest_q <= newest_q + 1;
      end
      count_q <= count_q + (Bits + 1)'(push_i) - (Bits + 1)'(fire_i);
      oldest_q <= oldest_q + flight_place_t'(done_i);
      flights_q <= flights_q + (FlightBits + 1)'(fire_i) - (FlightBits + 1)'(done_i);
    end
  end

endmodule
