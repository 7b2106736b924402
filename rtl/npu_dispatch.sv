// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What becomes of the next descriptor in this cycle: dispatched, held back, or a fault. All of it follows from its inputs.
module npu_dispatch
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_check_pkg::*;
(
    input logic        run_i,    // enabled, no error, not halted, no fence under way, something untaken
    input fault_t      ring_fault_i,
    input logic [31:0] ring_head_i,
    input logic        valid_i,  // a descriptor is there
    input descriptor_t command_i,
    input logic [31:0] seq_i,
    input logic [63:0] addr_i,
    input logic [31:0] iterations_i[3],
    input logic        loop_fault_i,
    input window_t     windows_i[2],
    input logic        drained_i,
    input logic [ 4:0] full_i,
    input sems_t       sems_i,   // after this cycle's issues
    output sems_t      sems_o,

    output logic        take_o,      // it is dispatched
    output descriptor_t command_o,   // with loop increments
    output logic [ 4:0] push_o,
    output fault_t      operands_o,  // what is wrong with a pushed command's operands
    output logic        fence_o,
    output fault_t      fault_o,
    output logic [31:0] fault_seq_o,
    output logic [ 2:0] fault_engine_o
);

  typedef logic signed [63:0] inc_t;

  function automatic inc_t total(input logic signed [31:0] x0, input logic signed [31:0] x1, input logic signed [31:0] x2,
                                 input logic [31:0] n[3]);
    return inc_t'(x0) * inc_t'({32'd0, n[0]}) + inc_t'(x1) * inc_t'({32'd0, n[1]}) + inc_t'(x2) * inc_t'({32'd0, n[2]});
  endfunction

  function automatic descriptor_t incremented(input descriptor_t d, input logic [31:0] n[3]);
    header_t h;
    load_t l;
    preload_t p;
    compute_t c;
    vector_t v;
    fence_t f;
    descriptor_t r;
    inc_t a, b, e;
    h = d[$bits(header_t)-1:0];
    a = total(h.inc_a_0, h.inc_a_1, h.inc_a_2, n);
    b = total(h.inc_b_0, h.inc_b_1, h.inc_b_2, n);
    e = total(h.inc_c_0, h.inc_c_1, h.inc_c_2, n);
    l = d;
    p = d;
    c = d;
    v = d;
    f = d;
    r = d;  // and no return from a branch: Verilator's coverage doesn't see those
    case (h.opcode)
      OpcodeLoad, OpcodeStore: begin
        l.dram_addr += a;
        l.local_addr += b[31:0];
        r = l;
      end
      OpcodePreload: begin
        p.addr += a[31:0];
        r = p;
      end
      OpcodeCompute: begin
        c.addr += a[31:0];
        c.acc_row += b[31:0];
        r = c;
      end
      OpcodeVector: begin
        v.src_addr += a[31:0];
        v.dst_addr += b[31:0];
        if (v.c_steps != CStepsParams) v.b_addr += e[31:0];
        if (v.c_steps != CStepsB) v.param_addr += e[31:0];
        r = v;
      end
      OpcodeFence: begin
        if (f.record_addr != 0) f.record_addr += a;
        r = f;
      end
      default: r = d;
    endcase
    return r;
  endfunction

  function automatic logic [2:0] engine_of(input logic [7:0] opcode);
    logic [2:0] engine;
    engine = EngineControl;
    if (opcode == OpcodeLoad) engine = EngineLoad;
    if (opcode == OpcodeStore) engine = EngineStore;
    if (opcode == OpcodePreload) engine = EnginePreload;
    if (opcode == OpcodeCompute) engine = EngineCompute;
    if (opcode == OpcodeVector) engine = EngineVector;
    return engine;
  endfunction

  always_comb begin
    header_t h;
    fence_t f;
    repeat_t r;
    sem_t s;
    signalled_t added;
    span_t record;
    logic [7:0] held;
    take_o = 0;
    command_o = command_i;
    push_o = '0;
    operands_o = '0;
    fence_o = 0;
    fault_o = '0;
    fault_seq_o = seq_i;
    fault_engine_o = EngineControl;
    sems_o = sems_i;
    added = '0;
    h = '0;
    f = '0;
    r = '0;
    s = '0;
    record = '0;
    held = 0;
    if (run_i && ring_fault_i.code != 0) begin
      fault_o = ring_fault_i;
      fault_seq_o = ring_head_i;
    end else if (run_i && valid_i) begin
      h = command_i[$bits(header_t)-1:0];
      fault_o = decode_fault(command_i, addr_i);
      if (fault_o.code != ErrorCodeBadOpcode) fault_engine_o = engine_of(h.opcode);
      if (fault_o.code == 0) begin
        command_o = incremented(command_i, iterations_i);
        if (fault_engine_o != EngineControl) begin
          if (!full_i[fault_engine_o]) begin
            take_o = 1;
            push_o[fault_engine_o] = 1;
            operands_o = operand_fault(command_o, windows_i);
          end
        end else if (waits_met(sems_i, h)) begin
          f = command_o;
          r = command_o;
          s = command_o;
          case (h.opcode)
            OpcodeFence: begin
              record = row_span(wide_t'(f.record_addr), 64);
              fence_o = drained_i;
              if (drained_i && f.record_addr != 0) begin
                if (f.record_addr[63:62] != 0) fault_o = fault(ErrorCodeDmaFault, f.record_addr);
                else if (!allowed(record, 1, windows_i)) fault_o = fault(ErrorCodeDmaFault, f.record_addr);
                else if (f.record_addr[5:0] != 0) fault_o = fault(ErrorCodeBadOperand, f.record_addr);
              end
            end
            OpcodeRepeat:
            if (r.count == 0 || r.body == 0) fault_o = fault(ErrorCodeBadOperand, addr_i);
            else if (loop_fault_i) fault_o = fault(ErrorCodeLoop, addr_i);
            default: ;
          endcase
          take_o = fault_o.code == 0 && (h.opcode != OpcodeFence || drained_i);
          fence_o = fence_o && take_o;
          if (take_o) begin
            sems_o[SemBits'(h.wait0_id)] -= h.wait0_count;
            sems_o[SemBits'(h.wait1_id)] -= h.wait1_count;
            if (h.opcode == OpcodeSem) begin
              held = sems_o[SemBits'(s.id)];
              case (s.op)
                SemOpSet: sems_o[SemBits'(s.id)] = s.value;
                SemOpAdd:
                if (9'(held) + 9'(s.value) > 9'd255) fault_o = fault(ErrorCodeSemOverflow, 64'(s.id));
                else sems_o[SemBits'(s.id)] = held + s.value;
                default:
                if (held < s.value) fault_o = fault(ErrorCodeSemUnderflow, 64'(s.id));
                else sems_o[SemBits'(s.id)] = held - s.value;
              endcase
            end
            // A fence with a record signals when that is written.
            if (fault_o.code == 0 && !(fence_o && f.record_addr != 0)) begin
              added = signal(sems_o, h.signal0_id, h.signal0_count, h.signal1_id, h.signal1_count);
              sems_o = added.sems;
              fault_o = added.fault;
            end
          end
        end
      end
    end
  end

endmodule
