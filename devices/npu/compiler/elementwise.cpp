// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstring>

#include "devices/npu/compiler/element_space.h"
#include "devices/npu/compiler/gemm_op.h"
#include "devices/npu/compiler/stream.h"
#include "hal/numeric/requantize.h"

namespace systole::npu {
namespace {

Status no(const std::string& reason) { return {Code::kUnsupported, reason}; }
bool eight_bits(DType type) { return type == DType::kI8 || type == DType::kU8; }
bool vector_float(DType type) { return type == DType::kBF16 || type == DType::kF32; }

// One vector command a tile, the same for all but sizes and addresses. Inputs in the order of the space's operands.
class ElementOp : public LoweredOp {
 public:
  ElementOp(ElementSpace space, contract::Vector command, std::vector<size_t> inputs, std::vector<float> params,
            const spec::NpuSpec& spec)
      : space_(std::move(space)), command_(command), inputs_(std::move(inputs)), params_(std::move(params)) {
    int64_t bytes = 0, total = 1;
    for (int64_t s : space_.size) bytes += s;
    for (const ElementAxis& axis : space_.axes) total *= axis.extent;
    const int64_t budget = std::min(spec.scratchpad.bytes / 4, std::max<int64_t>(4096, total * bytes / 8));
    tile_ = element_tile(space_, std::max<int64_t>(1, std::min(budget / bytes, kMostLoops)));
    int64_t at = 0;
    for (int k = kElementOperands - 1; k >= 0; --k) {  // inputs, then y
      if (space_.size[static_cast<size_t>(k)] == 0) continue;
      base_[static_cast<size_t>(k)] = at;
      at += round_up(local_layout(space_, k, tile_).bytes, stream_align(spec));
    }
    stream_ = stream_plan(spec, static_cast<int64_t>(params_.size()) * 4, at);
    scratchpad_bytes = stream_.used_bytes();
    plan = "tiles of " + std::to_string(tile_[2]) + "x" + std::to_string(tile_[1]) + "x" + std::to_string(tile_[0]) +
           " elements";
  }
  bool fits() const { return stream_.slots > 0; }
  int64_t slot_bytes() const { return stream_.slot_bytes; }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    std::array<DramAddress, kElementOperands> at;
    SYSTOLE_ASSIGN_OR_RETURN(at[0], constants.address(call.outputs[0]));
    for (size_t k = 0; k < inputs_.size(); ++k) {
      SYSTOLE_ASSIGN_OR_RETURN(at[k + 1], constants.address(call.inputs[inputs_[k]]));
    }
    Stream stream(stream_, emitter);
    if (!params_.empty()) {
      DmaBlock block;
      block.row_bytes = static_cast<int64_t>(params_.size()) * 4;
      stream.fixed(block, 0, constants.add(std::as_bytes(std::span(params_))));
    }
    for_tiles(space_, tile_, [&](const ElementTile& now, const std::array<int64_t, kElementOperands>& offset) {
      StreamTile t;
      for (size_t k = 1; k <= inputs_.size(); ++k) {
        t.loads.push_back({element_block(space_, static_cast<int>(k), now), base_[k], at[k] + offset[k]});
      }
      t.vectors.push_back(vector(now));
      t.stores.push_back({element_block(space_, 0, now), base_[0], at[0] + offset[0]});
      stream.tile(t);
    });
    return {};
  }

 private:
  contract::Vector vector(const ElementTile& now) const {
    contract::Vector c = command_;
    const LocalLayout y = local_layout(space_, 0, now), a = local_layout(space_, 1, now),
                      b = local_layout(space_, 2, now);
    c.src_addr = static_cast<uint32_t>(base_[1]), c.dst_addr = static_cast<uint32_t>(base_[0]),
    c.b_addr = static_cast<uint32_t>(base_[2]);
    bool dense = now[0] * now[1] * now[2] <= kMostLoops;
    for (int operand = 1; operand <= static_cast<int>(inputs_.size()); ++operand) {
      for (int i = 0; i < 3; ++i) dense = dense && !space_.broadcast(operand, i);
    }
    if (dense) {
      c.channels = static_cast<uint32_t>(now[0] * now[1] * now[2]), c.n0 = c.n1 = 1;
      return c;
    }
    const auto stride = [](int64_t count, int64_t bytes) { return count > 1 ? static_cast<int32_t>(bytes) : 0; };
    c.channels = static_cast<uint32_t>(now[0]), c.n0 = static_cast<uint32_t>(now[1]),
    c.n1 = static_cast<uint32_t>(now[2]);
    c.a_stride0 = stride(now[1], a.stride[1]), c.a_stride1 = stride(now[2], a.stride[2]);
    c.d_stride0 = stride(now[1], y.stride[1]), c.d_stride1 = stride(now[2], y.stride[2]);
    if (space_.size[2]) {
      c.b_stride0 = stride(now[1], b.stride[1]), c.b_stride1 = stride(now[2], b.stride[2]);
      c.b_broadcast = space_.broadcast(2, 0) ? 1 : 0;
    }
    return c;
  }

  ElementSpace space_;
  contract::Vector command_;
  std::vector<size_t> inputs_;
  std::vector<float> params_;
  ElementTile tile_{};
  std::array<int64_t, kElementOperands> base_{};
  StreamPlan stream_;
};

Lowered make(ElementSpace space, contract::Vector command, std::vector<size_t> inputs, std::vector<float> params,
             const spec::NpuSpec& spec) {
  auto op = std::make_unique<ElementOp>(std::move(space), command, std::move(inputs), std::move(params), spec);
  if (!op->fits()) {
    return Status(Code::kOutOfMemory, "a tile needs " + std::to_string(op->slot_bytes()) +
                                          " bytes of scratchpad, the NPU has " + std::to_string(spec.scratchpad.bytes));
  }
  return std::unique_ptr<LoweredOp>(std::move(op));
}

int32_t zero_of(const TensorDesc& d) { return d.quant ? d.quant->zero_point[0] : 0; }
bool per_tensor(const TensorDesc& d) { return d.quant && !d.quant->per_channel(); }

std::optional<contract::BinaryOp> binary_op(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAdd:
      return contract::BinaryOp::kAdd;
    case BinaryKind::kSub:
      return contract::BinaryOp::kSub;
    case BinaryKind::kMul:
      return contract::BinaryOp::kMul;
    case BinaryKind::kMin:
      return contract::BinaryOp::kMin;
    case BinaryKind::kMax:
      return contract::BinaryOp::kMax;
    default:
      return std::nullopt;
  }
}

}  // namespace

Lowered lower_unary(const Lowering& in, const Unary& op) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  if (op.kind != UnaryKind::kRelu && op.kind != UnaryKind::kClip) return no("unary ops other than relu and clip");
  const bool integer = eight_bits(x.dtype);
  if (!vector_float(x.dtype) && !(integer && per_tensor(x)))
    return no(std::string("relu and clip of ") + dtype_name(x.dtype) +
              (integer ? " without per-tensor quantization" : ""));
  contract::Vector c;
  c.a_dtype = c.d_dtype = *contract_type(x.dtype);
  if (integer) c.a_zero = zero_of(x), c.d_zero = zero_of(y);
  set_activation(op.kind == UnaryKind::kRelu ? Activation::kRelu : Activation::kClip, op.alpha, op.beta, y,
                 c.activation, c.clip_lo, c.clip_hi);
  return make(element_space(y, {&x}), c, {0}, {}, in.spec);
}

Lowered lower_binary(const Lowering& in, const Binary& op) {
  const TensorDesc &a = in.op.inputs[0], &b = in.op.inputs[1], &y = in.op.outputs[0];
  const auto kind = binary_op(op.kind);
  if (!kind) return no("binary ops other than add, sub, mul, min and max");
  if (op.activation > Activation::kClip) return no("activations other than relu and clip");
  contract::Vector c;
  c.binary = *kind;
  std::vector<float> params;
  const bool integer = eight_bits(a.dtype) && eight_bits(b.dtype) && eight_bits(y.dtype);
  if (integer) {
    if (op.kind == BinaryKind::kMin || op.kind == BinaryKind::kMax) return no("min and max of integers");
    if (!per_tensor(a) || !per_tensor(b) || !per_tensor(y))
      return no("integer binary ops without per-tensor quantization");
    c.requant = contract::Requant::kScale, c.scalar_params = c.b_scaled = c.out_scaled = 1;
  } else if (!vector_float(a.dtype) || !vector_float(b.dtype) || !vector_float(y.dtype)) {
    return no(std::string("binary ops of ") + dtype_name(a.dtype) + " and " + dtype_name(b.dtype) + " to " +
              dtype_name(y.dtype));
  }
  std::vector<size_t> order = {0, 1};
  ElementSpace space = element_space(y, {&a, &b});
  if (space.broadcast(1, 0)) {  // only operand B may lack the innermost axis
    if (op.kind == BinaryKind::kSub)
      return no("a subtraction whose first operand is broadcast along y's innermost axis");
    order = {1, 0};
    space = element_space(y, {&b, &a});
  }
  const TensorDesc &first = in.op.inputs[order[0]], &second = in.op.inputs[order[1]];
  c.a_dtype = *contract_type(first.dtype), c.b_dtype = *contract_type(second.dtype),
  c.d_dtype = *contract_type(y.dtype);
  if (integer) {
    c.a_zero = zero_of(first), c.b_zero = zero_of(second), c.d_zero = zero_of(y);
    params = {first.quant->scale[0], second.quant->scale[0], 1.0f / y.quant->scale[0]};
  }
  set_activation(op.activation, op.clip_lo, op.clip_hi, y, c.activation, c.clip_lo, c.clip_hi);
  return make(std::move(space), c, order, std::move(params), in.spec);
}

Lowered lower_cast(const Lowering& in) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  contract::Vector c;
  std::vector<float> params;
  if (!vector_float(y.dtype)) return no(std::string("casts to ") + dtype_name(y.dtype));
  if (eight_bits(x.dtype) && per_tensor(x)) {
    c.a_zero = zero_of(x), c.requant = contract::Requant::kScale, c.scalar_params = 1;
    params = {x.quant->scale[0]};
  } else if (!vector_float(x.dtype)) {
    return no(std::string("casts from ") + dtype_name(x.dtype) +
              (eight_bits(x.dtype) ? " without per-tensor quantization" : ""));
  }
  c.a_dtype = *contract_type(x.dtype), c.d_dtype = *contract_type(y.dtype);
  return make(element_space(y, {&x}), c, {0}, std::move(params), in.spec);
}

}  // namespace systole::npu
