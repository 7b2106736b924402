// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/tile_operands.h"

#include <cstring>

#include "devices/cpu/tile.h"

namespace systole::cpu {

Result<TileOperands> TileOperands::make(const Epilogue& epilogue, const OpCall& call, const Context& context,
                                        const std::string& form, int64_t floats_needed, Pack pack) {
  TileOperands operands;
  operands.epilogue_ = epilogue;
  operands.workers_ = context.workers;
  operands.pack_ = std::move(pack);
  if (epilogue.bias) operands.bias_ = Stage(call.inputs[2].desc, DType::kF32, {0});
  auto memory = std::make_unique<Packed>(static_cast<size_t>(floats_needed) * sizeof(float));
  if (!is_frozen(call.inputs[1])) {
    operands.packed_ = std::move(memory);
    return operands;
  }
  SYSTOLE_ASSIGN_OR_RETURN(const std::byte* data, host_address(call.inputs[1]));
  operands.frozen_ = context.packs->get(call.inputs[1], form, [&] {
    operands.pack_(floats(data), floats(memory->data()));
    return std::move(memory);
  });
  return operands;
}

const float* TileOperands::weights(Tensors inputs) {
  if (frozen_) return floats(frozen_->data());
  pack_(floats(inputs[1].data), floats(packed_->data()));
  return floats(packed_->data());
}

const float* TileOperands::bias(Tensors inputs) {
  return epilogue_.bias ? floats(bias_(workers_, inputs[2].data)) : nullptr;
}

const float* TileOperands::residual(Tensors inputs, const HostTensor& y) {
  if (!epilogue_.residual) return nullptr;
  const HostTensor& residual = inputs.back();
  const int64_t bytes = residual.desc->span_bytes();
  const bool overlaps = residual.data < y.data + y.desc->span_bytes() && y.data < residual.data + bytes;
  const bool same = residual.data == y.data && same_layout(y.desc->shape, residual.desc->strides, y.desc->strides);
  if (!overlaps || same) return floats(residual.data);
  if (!residual_) residual_ = std::make_unique<Packed>(static_cast<size_t>(bytes));
  std::memcpy(residual_->data(), residual.data, static_cast<size_t>(bytes));
  return floats(residual_->data());
}

bool tiles_take(const Epilogue& epilogue, const OpCall& call, const Context& context) {
  if (!context.onednn || tile_kernels() == nullptr || call.outputs[0].desc.elements() == 0) return false;
  if (call.outputs[0].desc.dtype != DType::kF32) return false;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const bool bias = epilogue.bias && i == 2;
    if (!bias && call.inputs[i].desc.dtype != DType::kF32) return false;
    if (call.inputs[i].desc.elements() == 0) return false;
  }
  return true;
}

}  // namespace systole::cpu
