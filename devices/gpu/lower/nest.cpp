// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/lower/nest.h"

#include <algorithm>
#include <cmath>

namespace systole::gpu {
namespace {

bool is_narrow(const TensorDesc& desc) { return bit_width(desc.dtype) < 8; }

int channel_axis(const TensorDesc& desc, size_t rank) {
  if (!desc.quant || !desc.quant->per_channel()) return -1;
  return desc.quant->axis + static_cast<int>(rank - desc.shape.size());
}

}  // namespace

static_assert(GPU_F64 == static_cast<int>(DType::kF64) && GPU_F8E5M2 == static_cast<int>(DType::kF8E5M2) &&
              GPU_I64 == static_cast<int>(DType::kI64) && GPU_U64 == static_cast<int>(DType::kU64) &&
              GPU_U4 == static_cast<int>(DType::kU4) && GPU_BOOL == static_cast<int>(DType::kBool));

int64_t Nest::count() const {
  int64_t product = 1;
  for (int64_t extent : extents) product *= extent;
  return product;
}

std::vector<int64_t> kernel_strides(const TensorDesc& desc) {
  std::vector<int64_t> strides = desc.strides;
  if (!is_narrow(desc)) return strides;
  for (int64_t& stride : strides) stride *= 2;
  if (!strides.empty()) strides.back() = 1;
  return strides;
}

std::vector<int64_t> broadcast_strides(const TensorDesc& desc, const Shape& shape) {
  const std::vector<int64_t> own = kernel_strides(desc);
  std::vector<int64_t> result(shape.size(), 0);
  const size_t shift = shape.size() - desc.shape.size();
  for (size_t i = 0; i < own.size(); ++i)
    if (desc.shape[i] != 1) result[i + shift] = own[i];
  return result;
}

Nest make_nest(const std::vector<const TensorDesc*>& operands) {
  const TensorDesc& y = *operands[0];
  const size_t rank = y.shape.size();
  std::vector<std::vector<int64_t>> all;
  for (const TensorDesc* each : operands) all.push_back(broadcast_strides(*each, y.shape));
  std::vector<size_t> order;
  for (size_t axis = 0; axis < rank; ++axis)
    if (y.shape[axis] != 1 || (is_narrow(y) && axis + 1 == rank)) order.push_back(axis);
  if (!is_narrow(y))
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return all[0][a] > all[0][b]; });
  Nest nest;
  nest.strides.resize(operands.size());
  nest.quant_axis.assign(operands.size(), -1);
  bool mergeable = false;  // whether the last axis of the nest may take in the next
  for (size_t axis : order) {
    bool has_entries = false;
    for (const TensorDesc* each : operands) has_entries |= channel_axis(*each, rank) == static_cast<int>(axis);
    bool merges = mergeable && !has_entries && !(is_narrow(y) && axis + 1 == rank);
    for (size_t o = 0; o < operands.size() && merges; ++o)
      merges = nest.strides[o].back() == all[o][axis] * y.shape[axis];
    if (merges) {
      nest.extents.back() *= y.shape[axis];
      for (size_t o = 0; o < operands.size(); ++o) nest.strides[o].back() = all[o][axis];
      continue;
    }
    for (size_t o = 0; o < operands.size(); ++o) {
      if (channel_axis(*operands[o], rank) == static_cast<int>(axis))
        nest.quant_axis[o] = static_cast<int>(nest.extents.size());
      nest.strides[o].push_back(all[o][axis]);
    }
    nest.extents.push_back(y.shape[axis]);
    mergeable = !has_entries;
  }
  if (nest.extents.empty()) {
    nest.extents.push_back(1);
    for (auto& strides : nest.strides) strides.push_back(0);
  }
  return nest;
}

Grid line_grid(int64_t items, const Facts& facts) {
  Grid grid;
  const int64_t group = facts.is_cpu ? 1 : std::min<int64_t>(128, facts.most_work_items);
  grid.group[0] = group;
  grid.items[0] = (items + group - 1) / group * group;
  return grid;
}

OperandRef input(int index) { return {OperandRef::Kind::kInput, index, 0}; }
OperandRef output() { return {OperandRef::Kind::kOutput, 0, 0}; }
OperandRef constants() { return {OperandRef::Kind::kConstants, 0, 0}; }
OperandRef scratch(int64_t offset) { return {OperandRef::Kind::kScratch, 0, offset}; }
OperandRef prepared() { return {OperandRef::Kind::kPrepared, 0, 0}; }

int type_number(DType type) { return static_cast<int>(type); }

std::vector<std::pair<std::string, std::string>> domain_macros(DType type) {
  if (type == DType::kF64) return {{"DOMAIN", std::to_string(GPU_IN_F64)}, {"SYSTOLE_F64", "1"}};
  const int domain = is_float(type) ? GPU_IN_F32 : type == DType::kU64 ? GPU_IN_U64 : GPU_IN_I64;
  return {{"DOMAIN", std::to_string(domain)}};
}

IntegerRange integer_range(DType type) {
  if (type == DType::kBool) return {0, 1};
  const int bits = bit_width(type);
  if (is_signed_integer(type)) return {-(int64_t{1} << (bits - 1)), (int64_t{1} << (bits - 1)) - 1};
  return {0, (int64_t{1} << bits) - 1};
}

int64_t saturate_round(float value, int32_t zero, DType type) {
  if (std::isnan(value)) return zero;
  const IntegerRange range = integer_range(type);
  const float bounded = std::fmin(std::fmax(value, -0x1p40f), 0x1p40f);
  return std::clamp(static_cast<int64_t>(std::nearbyint(bounded)) + zero, range.low, range.high);
}

IntegerRange clamp_range(const TensorDesc& y, Activation activation, float low, float high) {
  IntegerRange range = integer_range(y.dtype);
  const float scale = y.quant->scale[0];
  const int32_t zero = y.quant->zero_point[0];
  if (activation == Activation::kRelu) range.low = std::max(range.low, saturate_round(0.0f, zero, y.dtype));
  if (activation == Activation::kClip)
    range = {saturate_round(low / scale, zero, y.dtype), saturate_round(high / scale, zero, y.dtype)};
  return range;
}

Status too_many_axes(const OpDesc& op) {
  return {Code::kUnsupported, std::string(op_name(op.op)) + ": kernels step over at most " + std::to_string(GPU_RANK) +
                                  " axes that don't lie as one"};
}

}  // namespace systole::gpu
