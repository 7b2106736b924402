// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/attention.h"

#include <algorithm>
#include <numeric>

#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/stream.h"

namespace systole::npu {
namespace {

Status no(const std::string& reason) { return {Code::kUnsupported, reason}; }

class AttentionOp : public LoweredOp {
 public:
  AttentionOp(AttentionShape shape, const AttentionPlan& blocks, const spec::NpuSpec& spec)
      : shape_(std::move(shape)), blocks_(blocks), spec_(spec) {
    plan = "blocks of " + std::to_string(blocks.block) + " queries, scores on chip, keys and values " +
           (blocks.piece ? "in pieces of " + std::to_string(blocks.piece)
                         : "of " + std::to_string(blocks.kv_slots) + " batches");
    if (shape_.blocks > 1) plan += ", in pages of " + std::to_string(shape_.block);
    scratchpad_bytes = blocks.used_bytes, accumulator_rows = blocks.used_rows;
  }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    AttentionMemory memory;
    SYSTOLE_ASSIGN_OR_RETURN(memory.q, constants.address(call.inputs[0]));
    SYSTOLE_ASSIGN_OR_RETURN(memory.k, constants.address(call.inputs[1]));
    SYSTOLE_ASSIGN_OR_RETURN(memory.v, constants.address(call.inputs[2]));
    if (shape_.mask) {
      SYSTOLE_ASSIGN_OR_RETURN(memory.mask, constants.address(call.inputs[3]));
    }
    SYSTOLE_ASSIGN_OR_RETURN(memory.y, constants.address(call.outputs[0]));
    write_attention(shape_, blocks_, memory, spec_, constants, emitter);
    return {};
  }

  bool same_commands(const LoweredOp& other) const override {
    const auto* op = dynamic_cast<const AttentionOp*>(&other);
    return op && shape_ == op->shape_ && blocks_ == op->blocks_;
  }

 private:
  AttentionShape shape_;
  AttentionPlan blocks_;
  spec::NpuSpec spec_;
};

AttentionOperand operand(const TensorDesc& d, const Shape& lead) {
  AttentionOperand o;
  const size_t rank = d.shape.size();
  const auto stride = [&](size_t axis) { return d.shape[axis] > 1 ? d.strides[axis] : 0; };
  o.row = stride(rank - 2), o.column = stride(rank - 1);
  o.type = *contract_type(d.dtype), o.scale = d.tensor_scale();
  o.lead = {0};
  for (size_t i = 0; i < lead.size(); ++i) {
    std::vector<int64_t> next;
    const size_t missing = lead.size() + 2 - rank;
    for (int64_t offset : o.lead)
      for (int64_t j = 0; j < lead[i]; ++j) next.push_back(offset + (i < missing ? 0 : j * stride(i - missing)));
    o.lead = std::move(next);
  }
  return o;
}

// Keys or values in pages: the offsets of each batch's blocks.
AttentionOperand paged(const Attention& op, const TensorDesc& d, const Shape& lead, int64_t blocks) {
  Shape within = lead;
  within[0] = 1;
  TensorDesc page = d;
  page.shape[0] = 1;
  AttentionOperand o = operand(page, within);
  std::vector<int64_t> offsets;
  for (int64_t request = 0; request < lead[0]; ++request)
    for (int64_t head : o.lead)
      for (int64_t j = 0; j < blocks; ++j)
        offsets.push_back(head + op.pages[static_cast<size_t>(request * blocks + j)] * d.strides[0]);
  o.lead = std::move(offsets);
  return o;
}

std::optional<AttentionPlan> place(const AttentionShape& s, const spec::NpuSpec& spec, int64_t block, int64_t piece) {
  const int64_t align = stream_align(spec), cols = spec.array.cols, out_tiles = ceil_div(s.width, cols);
  const int64_t bank = spec.scratchpad.bank_bytes();
  AttentionPlan p;
  p.block = ceil_div(s.queries, ceil_div(s.queries, block));  // equal blocks
  p.piece = piece;
  p.chunk_tiles = std::min(ceil_div(s.keys, cols), (spec.accumulator.rows - p.block * out_tiles) / (2 * p.block));
  if (p.chunk_tiles < 1) return std::nullopt;
  p.score_rows = p.block * p.chunk_tiles, p.out_row = 2 * p.score_rows;
  p.used_rows = p.out_row + p.block * out_tiles;
  int64_t at = 0;
  const auto take = [&](int64_t bytes) {
    const int64_t begin = at;
    at += round_up(bytes, align);
    return begin;
  };
  p.scale_at = take(8);
  p.strip = s.causal ? p.block + cols : 0;
  p.strip_at = take(2 * p.strip * 4);
  const int64_t held = piece ? piece : s.keys;
  const int64_t k_bytes = round_up(s.depth * held * size_of(s.k.type), align);
  const int64_t v_bytes = round_up(held * s.width * size_of(s.v.type), align);
  p.v_offset = piece ? 0 : k_bytes;
  p.kv_bytes = piece ? std::max(k_bytes, v_bytes) : k_bytes + v_bytes;
  p.kv_at = at;
  int64_t rest = 0;  // beside keys and values
  p.scores_at = rest, rest += round_up(p.block * s.keys * 4, align);
  p.most_at = rest, rest += round_up(p.block * 4, align);
  p.sum_at = rest, rest += round_up(p.block * 4, align);
  p.y_bytes = round_up(p.block * s.width * size_of(s.y.type), align);
  p.y_at = rest, rest += 2 * p.y_bytes;
  if (s.mask)
    p.mask_bytes = round_up((s.mask->row ? p.block : 1) * (s.mask->column ? s.keys : 1) * size_of(s.mask->type), align);
  p.mask_at = rest, rest += 2 * p.mask_bytes;
  p.q_bytes = round_up(p.block * s.depth * 2, align), p.p_bytes = round_up(p.block * s.keys * 2, align);
  const int64_t streamed = 2 * (p.q_bytes + p.p_bytes);
  for (p.kv_slots = piece || s.batches > 1 ? 2 : 1; p.kv_slots >= (piece ? 2 : 1); --p.kv_slots) {
    const int64_t base = p.kv_at + p.kv_slots * p.kv_bytes;
    if (base + rest + streamed > spec.scratchpad.usable()) continue;
    for (int64_t* of : {&p.scores_at, &p.most_at, &p.sum_at, &p.y_at, &p.mask_at}) *of += base;
    // What COMPUTE reads begins a bank of its own where there is room.
    p.q_at = round_up(base + rest, bank);
    if (p.q_at + streamed > spec.scratchpad.usable()) p.q_at = base + rest;
    p.p_at = p.q_at + 2 * p.q_bytes;
    p.used_bytes = p.q_at + streamed;
    return p;
  }
  return std::nullopt;
}

int64_t half(int64_t number) { return number > 1 ? (number + 1) / 2 : 0; }

}  // namespace

std::optional<AttentionPlan> plan_attention(const AttentionShape& s, const spec::NpuSpec& spec) {
  const int64_t most = std::min<int64_t>(s.queries, 128), tile = std::lcm(spec.array.rows, spec.array.cols);
  for (int64_t block = most; block >= 1; block = half(block))
    if (auto p = place(s, spec, block, 0)) return p;
  if (spec.scratchpad.usable() < spec.scratchpad.bytes) return std::nullopt;
  for (int64_t block = most; block >= 1; block = half(block))
    for (int64_t tiles = half(ceil_div(s.keys, tile)); tiles >= 1; tiles = half(tiles))
      if (auto p = place(s, spec, block, tiles * tile)) return p;
  return std::nullopt;
}

Lowered lower_attention(const Lowering& in, const Attention& op) {
  const TensorDesc &q = in.op.inputs[0], &k = in.op.inputs[1], &v = in.op.inputs[2], &y = in.op.outputs[0];
  if (q.dtype != DType::kBF16) return no(std::string("attention of ") + dtype_name(q.dtype) + ", only bf16");
  if (in.spec.array.bf16_interval == 0) return no("attention: the array of " + in.spec.name + " can't multiply bf16");
  if (k.dtype == DType::kI8 && !in.spec.array.i8_weights())
    return no("attention: keys and values of i8: the array of " + in.spec.name +
              " doesn't widen them (array.weight_types: " + in.spec.array.weight_types + ")");
  const Shape lead(q.shape.begin(), q.shape.end() - 2);
  AttentionShape s;
  s.queries = q.shape[q.shape.size() - 2], s.depth = q.shape.back();
  s.keys = op.key_count(k), s.width = v.shape.back(), s.block = k.shape[k.shape.size() - 2];
  s.blocks = s.block > 0 ? ceil_div(s.keys, s.block) : 0;
  for (int64_t extent : lead) s.batches *= extent;
  if (s.batches * s.queries * s.keys * s.depth * s.width == 0) return no("attention of an empty tensor");
  if (op.causal && s.keys < s.queries) return no("causal attention of more queries than keys");
  if (s.keys > kMostLoops || s.depth > kMostLoops || s.width > kMostLoops)
    return no("attention over more than " + std::to_string(kMostLoops) + " keys or channels");
  s.q = operand(q, lead), s.y = operand(y, lead);
  s.k = op.pages.empty() ? operand(k, lead) : paged(op, k, lead, s.blocks);
  s.v = op.pages.empty() ? operand(v, lead) : paged(op, v, lead, s.blocks);
  if (op.mask) {
    const auto type = contract_type(in.op.inputs[3].dtype);
    if (!type) return no(std::string("an attention mask of ") + dtype_name(in.op.inputs[3].dtype));
    s.mask = operand(in.op.inputs[3], lead);
  }
  s.scale = op.scale, s.causal = op.causal;
  const auto plan = plan_attention(s, in.spec);
  if (!plan)
    return no("attention: a query's scores of " + std::to_string(s.keys) +
              " keys, beside two pieces of keys or values of " + std::to_string(std::max(s.depth, s.width)) +
              " channels, don't fit the scratchpad of " + std::to_string(in.spec.scratchpad.usable()) + " bytes");
  return std::unique_ptr<LoweredOp>(std::make_unique<AttentionOp>(std::move(s), *plan, in.spec));
}

}  // namespace systole::npu
