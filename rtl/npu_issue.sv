// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which of `Count` queues, looked at in order, issue their heads in this cycle, and the semaphores after that. The first fault
// stops it.
module npu_issue
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
#(
    parameter int unsigned Count = 1
) (
    input  logic          run_i,
    input  sems_t         sems_i,
    output sems_t         sems_o,
    input  logic          valid_i    [Count],
    input  queued_t       head_i     [Count],
    input  logic          port_free_i[Count],
    input  logic          ready_i    [Count],
    input  fault_t        late_i     [Count],  // raised where it would issue
    output logic          fire_o     [Count],
    output fault_t        fault_o,
    output logic [   2:0] fault_from_o,        // index of the queue
    output logic [31:0]   fault_seq_o
);

  always_comb begin
    header_t h;
    logic stop;
    sems_o = sems_i;
    fault_o = '0;
    fault_from_o = 0;
    fault_seq_o = 0;
    stop = !run_i;
    for (int e = 0; e < int'(Count); ++e) begin
      fire_o[e] = 0;
      h = head_i[e].command[$bits(header_t)-1:0];
      if (!stop && valid_i[e] && port_free_i[e] && waits_met(sems_o, h)) begin
        if (head_i[e].fault.code != 0 || (ready_i[e] && late_i[e].code != 0)) begin
          stop = 1;
          fault_o = head_i[e].fault.code != 0 ? head_i[e].fault : late_i[e];
          fault_from_o = 3'(e);
          fault_seq_o = head_i[e].seq;
        end else if (ready_i[e]) begin
          fire_o[e] = 1;
          sems_o[SemBits'(h.wait0_id)] -= h.wait0_count;
          sems_o[SemBits'(h.wait1_id)] -= h.wait1_count;
        end
      end
    end
  end

endmodule
