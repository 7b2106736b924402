// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/gemm_op.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "devices/npu/compiler/gemm_steps.h"
#include "devices/npu/compiler/gemm_writer.h"
#include "hal/numeric/requantize.h"

namespace systole::npu {
namespace {

constexpr int64_t kMostAhead = 64;  // blocks of weights

Status no(const std::string& reason) { return {Code::kUnsupported, reason}; }

bool eight_bits(DType type) { return type == DType::kI8 || type == DType::kU8; }

int64_t output_channels(const OpDesc& op) {
  return std::holds_alternative<Conv2d>(op.op) ? op.outputs[0].shape[1] : op.outputs[0].shape.back();
}

// One zero point for all channels, or a refusal.
Result<int32_t> single_zero(const TensorDesc& desc, const std::string& name) {
  if (!desc.quant) return 0;
  const std::vector<int32_t>& zeros = desc.quant->zero_point;
  if (std::any_of(zeros.begin(), zeros.end(), [&](int32_t z) { return z != zeros.front(); })) {
    return no(name + ": zero points that differ between channels");
  }
  return zeros.front();
}

void scale_words(const Quantization& w, int64_t channels, std::vector<uint32_t>& p1) {
  for (int64_t c = 0; c < channels; ++c)
    p1.push_back(std::bit_cast<uint32_t>(w.scale[w.per_channel() ? static_cast<size_t>(c) : 0]));
}

class GemmOp : public LoweredOp {
 public:
  GemmOp(Gemm gemm, GemmPlan tiles, const spec::NpuSpec& spec, Epilogue epilogue)
      : gemm_(std::move(gemm)), tiles_(tiles), spec_(spec), epilogue_(epilogue) {
    plan = tiles_.summary();
    scratchpad_bytes = tiles_.used_bytes, accumulator_rows = tiles_.used_rows, cycles = tiles_.cycles,
    traffic = tiles_.traffic;
    if (!gemm_.constant_weights) return;
    weight_bytes = tiles_.w_bytes;
    const int64_t blocks = weight_blocks(gemm_, tiles_, spec_.array.rows, spec_.array.cols);
    slots_take_all_ = blocks <= tiles_.w_slots;
    if (slots_take_all_) weights_ahead.push_back(tiles_.w_slots);
    if (slots_take_all_ || !tiles_.weights_once) return;
    // The rest goes around w's slots as it would otherwise.
    if (blocks % tiles_.w_slots == 0) ahead_granule = static_cast<size_t>(tiles_.w_slots);
    for (int64_t some = std::min(blocks, kMostAhead); some > 0; some /= 2) {
      if (some < blocks) some -= some % static_cast<int64_t>(ahead_granule);
      if (some > 0) weights_ahead.push_back(static_cast<int>(some));
    }
  }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    SYSTOLE_ASSIGN_OR_RETURN(GemmMemory memory, constants_of(call, constants));
    SYSTOLE_ASSIGN_OR_RETURN(memory.x, constants.address(call.inputs[0]));
    SYSTOLE_ASSIGN_OR_RETURN(memory.y, constants.address(call.outputs[0]));
    if (!gemm_.constant_weights) {
      SYSTOLE_ASSIGN_OR_RETURN(memory.w, constants.address(call.inputs[1]));
    }
    if (gemm_.bias && !gemm_.constant_bias) {
      SYSTOLE_ASSIGN_OR_RETURN(memory.bias, constants.address(call.inputs[2]));
    }
    if (gemm_.has_residual) {
      SYSTOLE_ASSIGN_OR_RETURN(memory.residual, constants.address(call.inputs[gemm_.bias ? 3 : 2]));
    }
    write_gemm(gemm_, tiles_, memory, spec_, constants, emitter);
    return {};
  }

  Result<std::vector<Emitter::Block>> blocks_ahead(const OpCall& call, Constants& constants) const override {
    SYSTOLE_ASSIGN_OR_RETURN(const GemmMemory memory, constants_of(call, constants));
    return npu::blocks_ahead(gemm_, tiles_, memory, spec_, constants);
  }

  std::unique_ptr<LoweredOp> beside(int64_t room, int64_t ahead, int blocks) const override {
    auto moved = std::make_unique<GemmOp>(*this);
    GemmPlan& p = moved->tiles_;
    moved->spec_.scratchpad.part_bytes = room;
    const bool own_slots = slots_take_all_ && blocks == p.w_slots;
    if (!place_gemm(p, moved->spec_, own_slots ? ahead : -1)) return nullptr;
    if (tiles_.separate_banks && !p.separate_banks) return nullptr;
    p.ahead_slots = ahead < 0 ? 0 : blocks, p.ahead_base = ahead < 0 ? 0 : ahead;
    return moved;
  }

  bool same_commands(const LoweredOp& other) const override {
    const auto* op = dynamic_cast<const GemmOp*>(&other);
    return op && gemm_ == op->gemm_ && tiles_ == op->tiles_;
  }

 private:
  // Values where they are asked for, no addresses.
  Result<GemmMemory> constants_of(const OpCall& call, const Constants& constants) const {
    GemmMemory memory;
    if (gemm_.constant_weights && constants.values()) {
      SYSTOLE_ASSIGN_OR_RETURN(memory.w_bytes, Constants::read(call.inputs[1]));
    }
    if (gemm_.constant_bias) {
      SYSTOLE_ASSIGN_OR_RETURN(memory.bias_words, bias_words(call.inputs[2]));
    }
    const OpDesc op = describe(call);
    if (gemm_.scaled())
      scale_words(*op.inputs[1].quant, output_channels(op), memory.requant1);
    else if (gemm_.requant != contract::Requant::kNone)
      requant_words(epilogue_, op, output_channels(op), memory.requant1, memory.requant2);
    return memory;
  }

  Gemm gemm_;
  GemmPlan tiles_;
  spec::NpuSpec spec_;
  Epilogue epilogue_;
  bool slots_take_all_ = false;  // no slot of w is filled twice
};

// Weights stored narrower than they are multiplied, of a matmul.
Status check_stored(const Lowering& in) {
  const DType w = in.op.inputs[1].dtype;
  const spec::ArraySpec& array = in.spec.array;
  if (w == DType::kI4 ? !array.i4_weights() : !array.i8_weights())
    return no(std::string(dtype_name(w)) + " weights of " + dtype_name(in.op.inputs[0].dtype) + ": the array of " +
              in.spec.name + " doesn't widen them (array.weight_types: " + array.weight_types + ")");
  if (w != DType::kI4) return {};
  if (std::get<Matmul>(in.op.op).transpose_b) return no("i4 weights that are packed along k (transpose_b)");
  if (array.cols % 2) return no("i4 weights: an array of " + std::to_string(array.cols) + " columns, an odd number");
  return {};
}

Status check_products(const Lowering& in) {
  const TensorDesc &x = in.op.inputs[0], &w = in.op.inputs[1], &y = in.op.outputs[0];
  const spec::ArraySpec& array = in.spec.array;
  if (eight_bits(x.dtype) && eight_bits(w.dtype)) {
    if (array.int8_interval == 0) return no("int8 products: the array of " + in.spec.name + " can't multiply int8");
    return {};
  }
  if (x.dtype == DType::kBF16 && w.dtype == DType::kBF16) {
    if (array.bf16_interval == 0) return no("bf16 products: the array of " + in.spec.name + " can't multiply bf16");
    if (y.dtype != DType::kBF16 && y.dtype != DType::kF32)
      return no(std::string("y: bf16 products become bf16 or f32, not ") + dtype_name(y.dtype));
    return {};
  }
  const char* takes = array.bf16_interval == 0   ? "8-bit integers"
                      : array.int8_interval == 0 ? "bf16"
                                                 : "8-bit integers, and bf16";
  if (w.dtype == DType::kI4 && x.dtype == DType::kI8 && array.int8_interval > 0) return check_stored(in);
  if (has_integer_weights(in.op) && x.dtype == DType::kBF16 && array.bf16_interval > 0) {
    if (y.dtype != DType::kBF16 && y.dtype != DType::kF32)
      return no(std::string("y: bf16 products become bf16 or f32, not ") + dtype_name(y.dtype));
    return check_stored(in);
  }
  return no(std::string("products of ") + dtype_name(x.dtype) + " and " + dtype_name(w.dtype) +
            ": the array multiplies " + takes);
}

}  // namespace

void requant_words(const Epilogue& epilogue, const OpDesc& op, int64_t channels, std::vector<uint32_t>& p1,
                   std::vector<uint32_t>& p2) {
  const Quantization &x = *op.inputs[0].quant, &w = *op.inputs[1].quant, &y = *op.outputs[0].quant;
  for (int64_t c = 0; c < channels; ++c) {
    const float w_scale = w.scale[w.per_channel() ? static_cast<size_t>(c) : 0];
    if (epilogue.requant == RequantMode::kOnnx) {
      p1.push_back(std::bit_cast<uint32_t>(numeric::onnx_multiplier(x.scale[0], w_scale, y.scale[0])));
    } else {
      const numeric::Q31Multiplier m = numeric::tflite_multiplier(x.scale[0], w_scale, y.scale[0]);
      p1.push_back(static_cast<uint32_t>(m.q31));
      p2.push_back(static_cast<uint32_t>(m.shift));
    }
  }
}

Result<std::vector<uint32_t>> bias_words(const TensorView& bias) {
  SYSTOLE_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, Constants::read(bias));
  std::vector<uint32_t> words(static_cast<size_t>(bias.desc.shape[0]));
  for (size_t i = 0; i < words.size(); ++i) {
    const size_t at = words.size() > 1 ? i * static_cast<size_t>(bias.desc.strides[0]) : 0;
    std::memcpy(&words[i], bytes.data() + at, 4);
  }
  return words;
}

Result<Gemm> gemm_types(const Lowering& in, const Epilogue& e) {
  SYSTOLE_RETURN_IF_ERROR(check_products(in));
  const TensorDesc &x = in.op.inputs[0], &w = in.op.inputs[1], &y = in.op.outputs[0];
  Gemm g;
  g.x_type = *contract_type(x.dtype), g.y_type = *contract_type(y.dtype);
  if (w.dtype == DType::kI4) {
    g.w_type = g.x_type, g.weights = contract::Weights::kI4;
  } else if (has_integer_weights(in.op)) {
    g.w_type = g.x_type, g.weights = contract::Weights::kI8;
  } else {
    g.w_type = *contract_type(w.dtype);
  }
  if (has_integer_weights(in.op)) g.requant = contract::Requant::kScale;
  SYSTOLE_ASSIGN_OR_RETURN(g.x_zero, single_zero(x, "the first operand"));
  SYSTOLE_ASSIGN_OR_RETURN(g.w_zero, single_zero(w, "w"));
  g.constant_weights = in.frozen[1];
  g.x_on_chip = in.is_on_chip(0), g.w_on_chip = in.is_on_chip(1), g.y_on_chip = in.is_on_chip(in.op.inputs.size());
  size_t next = 2;
  if (e.bias) {
    g.bias = true, g.constant_bias = in.frozen[next];
    const TensorDesc& bias = in.op.inputs[next++];
    if (bias.shape[0] > 1 && bias.strides[0] != 4)
      return no("bias: stride " + std::to_string(bias.strides[0]) + ", only dense biases");
  }
  if (e.residual) {
    const TensorDesc& residual = in.op.inputs[next];
    if (residual.dtype != DType::kBF16 && residual.dtype != DType::kF32)
      return no(std::string("residual of type ") + dtype_name(residual.dtype));
    g.residual_on_chip = in.is_on_chip(next);
    g.has_residual = true, g.residual_type = *contract_type(residual.dtype);
  }
  if (eight_bits(y.dtype)) {
    g.y_zero = y.quant->zero_point[0];
    g.requant = e.requant == RequantMode::kOnnx ? contract::Requant::kOnnx : contract::Requant::kTflite;
  }
  g.finish = finish_of(e.activation, e.clip_lo, e.clip_hi, y);
  return g;
}

Lowered make_gemm_op(Gemm gemm, const Lowering& in, const Epilogue& epilogue) {
  simplify(gemm);
  SYSTOLE_ASSIGN_OR_RETURN(const GemmPlan tiles, plan_gemm(gemm, in.spec));
  return std::unique_ptr<LoweredOp>(std::make_unique<GemmOp>(std::move(gemm), tiles, in.spec, epilogue));
}

}  // namespace systole::npu
