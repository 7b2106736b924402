// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and convolution.
#include <algorithm>

#include "devices/gpu/lower/product.h"

namespace systole::gpu {
namespace {

TensorDesc lead_of(const TensorDesc& desc) {
  std::vector<int64_t> strides = kernel_strides(desc);
  return {DType::kI8, Shape(desc.shape.begin(), desc.shape.end() - 2), {strides.begin(), strides.end() - 2}, nullptr};
}

// Strides of a matrix's rows and columns.
void matrix_strides(const TensorDesc& desc, bool transposed, gpu_i64* strides) {
  const std::vector<int64_t> all = kernel_strides(desc);
  strides[transposed ? 1 : 0] = all[all.size() - 2];
  strides[transposed ? 0 : 1] = all[all.size() - 1];
}

Candidate finish_product(Launch launch, const char* entry, Finish finish, DType type) {
  launch.program = "product";
  launch.entry = entry;
  launch.macros = domain_macros(type);
  launch.operands = {output(), input(0), input(1), finish.bias, finish.residual, constants()};
  LoweredOp result;
  result.launches.push_back(std::move(launch));
  result.constants = std::move(finish.constants);
  return {"general", std::move(result)};
}

}  // namespace

Result<MatmulParams> matmul_params(const Matmul& op, const OpDesc& desc, const TensorDesc& a,
                                   const FinishParams& finish) {
  const TensorDesc &w = desc.inputs[1], &y = desc.outputs[0];
  MatmulParams p{};
  p.finish = finish;
  const size_t rank = y.shape.size();
  p.m = y.shape[rank - 2];
  p.n = y.shape[rank - 1];
  p.k = a.shape[a.shape.size() - (op.transpose_a ? 2 : 1)];
  const TensorDesc& residual = op.epilogue.residual ? desc.inputs.back() : y;
  const TensorDesc leads[] = {lead_of(y), lead_of(a), lead_of(w), lead_of(residual)};
  const Nest nest = make_nest({&leads[0], &leads[1], &leads[2], &leads[3]});
  if (nest.extents.size() > GPU_RANK) return too_many_axes(desc);
  p.lead_rank = static_cast<int>(nest.extents.size());
  for (size_t axis = 0; axis < nest.extents.size(); ++axis) {
    p.lead[axis] = nest.extents[axis];
    for (size_t o = 0; o < 4; ++o) p.lead_stride[o][axis] = nest.strides[o][axis];
  }
  matrix_strides(y, false, p.y_stride);
  matrix_strides(a, op.transpose_a, p.a_stride);
  matrix_strides(w, op.transpose_b, p.w_stride);
  matrix_strides(residual, false, p.residual_stride);
  p.a_type = type_number(a.dtype);
  p.w_type = type_number(w.dtype);
  p.a_zero = zero_of(desc.inputs[0]);
  return p;
}

Result<std::vector<Candidate>> lower_op(const Matmul& op, const OpDesc& desc, const Facts& facts) {
  const bool tiled = facts.is_cpu && worth_tiles(desc, desc.outputs[0].shape.back());
  const TensorDesc a = tiled ? tiled_operand(desc) : desc.inputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Finish finish, finish_of(op.epilogue, desc));
  SYSTOLE_ASSIGN_OR_RETURN(MatmulParams p, matmul_params(op, desc, a, finish.params));
  if (tiled) return lower_tiles(matmul_tiles(p), desc, std::move(finish), facts);
  if (!facts.is_cpu && worth_blocks(desc, p.n)) {
    if (auto blocks = block_candidates(matmul_tiles(p), desc, finish, facts); !blocks.empty()) return blocks;
  }
  p.run = facts.is_cpu ? std::min<int64_t>(p.n, 64) : 1;
  p.chunks = (p.n + p.run - 1) / p.run;
  p.items = desc.outputs[0].elements() / p.n * p.chunks;
  Launch launch;
  launch.grid = line_grid(p.items, facts);
  launch.set_params(p);
  return std::vector<Candidate>{finish_product(std::move(launch), "matmul", std::move(finish), a.dtype)};
}

Result<std::vector<Candidate>> lower_op(const Conv2d& op, const OpDesc& desc, const Facts& facts) {
  const TensorDesc &w = desc.inputs[1], &y = desc.outputs[0];
  const bool tiled = facts.is_cpu && worth_tiles(desc, w.shape[0] / op.groups);
  const TensorDesc x = tiled ? tiled_operand(desc) : desc.inputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Finish finish, finish_of(op.epilogue, desc));
  ConvParams p{};
  p.finish = finish.params;
  p.y = image_params(y, facts);
  p.height = x.shape[2];
  p.width = x.shape[3];
  p.group_in = w.shape[1];
  p.group_out = w.shape[0] / op.groups;
  const TensorDesc& residual = op.epilogue.residual ? desc.inputs.back() : y;
  std::copy(x.strides.begin(), x.strides.end(), p.x_stride);
  std::copy(w.strides.begin(), w.strides.end(), p.w_stride);
  std::copy(residual.strides.begin(), residual.strides.end(), p.residual_stride);
  p.kernel_h = static_cast<int>(w.shape[2]), p.kernel_w = static_cast<int>(w.shape[3]);
  p.stride_h = static_cast<int>(op.stride_h), p.stride_w = static_cast<int>(op.stride_w);
  p.dilation_h = static_cast<int>(op.dilation_h), p.dilation_w = static_cast<int>(op.dilation_w);
  p.pad_top = static_cast<int>(op.pad_top), p.pad_left = static_cast<int>(op.pad_left);
  p.x_type = type_number(x.dtype);
  p.w_type = type_number(w.dtype);
  p.x_zero = zero_of(desc.inputs[0]);
  if (tiled)
    return lower_tiles(is_depthwise(desc) ? depthwise_tiles(p, x.shape[0]) : conv_tiles(p, x.shape[0], op.groups), desc,
                       std::move(finish), facts);
  if (!facts.is_cpu && worth_blocks(desc, p.group_out)) {
    auto blocks = block_candidates(conv_tiles(p, x.shape[0], op.groups), desc, finish, facts);
    if (!blocks.empty()) return blocks;
  }
  std::vector<Candidate> all;
  if (!facts.is_cpu && is_depthwise(desc) && mac_count(desc) >= 16384) {
    all = depthwise_candidates(depthwise_tiles(p, x.shape[0]), desc, finish, facts);
    if (!all.empty() && mac_count(desc) < kTunedMacs) all.resize(1);
  }
  Launch launch;
  launch.grid = line_grid(p.y.items, facts);
  launch.set_params(p);
  if (all.empty() || mac_count(desc) >= kTunedMacs)
    all.push_back(finish_product(std::move(launch), "conv2d", std::move(finish), x.dtype));
  return all;
}

}  // namespace systole::gpu
