// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops that reduce lines: reduce, softmax, normalize.
#include <algorithm>

#include "devices/gpu/lower/nest.h"

namespace systole::gpu {
namespace {

// `desc` without its other axes.
TensorDesc along(const TensorDesc& desc, const std::vector<size_t>& axes) {
  TensorDesc part{desc.dtype, {}, {}, nullptr};
  for (size_t axis : axes) {
    part.shape.push_back(desc.shape[axis]);
    part.strides.push_back(desc.strides[axis]);
  }
  return part;
}

struct Lines {
  LineParams params{};
  Launch launch;
};

// operands: y, x, and of the inner axes only, scale and bias. `inner`: the axes that are reduced, ascending.
Result<Lines> begin(const OpDesc& desc, const std::vector<size_t>& inner, const std::vector<const TensorDesc*>& extra,
                    const Facts& facts) {
  const TensorDesc &x = desc.inputs[0], &y = desc.outputs[0];
  std::vector<size_t> outer;
  for (size_t axis = 0; axis < x.shape.size(); ++axis)
    if (std::find(inner.begin(), inner.end(), axis) == inner.end()) outer.push_back(axis);
  const TensorDesc outer_y = along(y, outer), outer_x = along(x, outer), inner_y = along(y, inner),
                   inner_x = along(x, inner);
  const Nest lines = make_nest({&outer_y, &outer_x});
  std::vector<const TensorDesc*> within{&inner_x, &inner_y};
  within.insert(within.end(), extra.begin(), extra.end());
  const Nest line = make_nest(within);
  if (std::max(lines.extents.size(), line.extents.size()) > GPU_RANK) return too_many_axes(desc);
  Lines result;
  LineParams& p = result.params;
  p.lines = lines.count();
  p.length = line.count();
  p.outer_rank = static_cast<int>(lines.extents.size());
  p.inner_rank = static_cast<int>(line.extents.size());
  for (size_t axis = 0; axis < lines.extents.size(); ++axis) {
    p.outer[axis] = lines.extents[axis];
    for (size_t o = 0; o < 2; ++o) p.outer_stride[o][axis] = lines.strides[o][axis];
  }
  constexpr size_t kPlace[] = {1, 0, 2, 3};  // of x, y, scale, bias
  for (size_t axis = 0; axis < line.extents.size(); ++axis) {
    p.inner[axis] = line.extents[axis];
    for (size_t o = 0; o < within.size(); ++o) p.inner_stride[kPlace[o]][axis] = line.strides[o][axis];
  }
  for (size_t o = 0; o < within.size(); ++o) p.type[kPlace[o]] = type_number(within[o]->dtype);
  result.launch.program = "lines";
  result.launch.macros = domain_macros(x.dtype);
  int group = 1;
  if (!facts.is_cpu)
    while (group < 128 && group < p.length && group * 2 <= facts.most_work_items) group *= 2;
  result.launch.macros.emplace_back("GROUP", std::to_string(group));
  if (group > 1) {
    result.launch.grid.group[0] = group;
    result.launch.grid.items[0] = p.lines * group;
  } else {
    result.launch.grid = line_grid(p.lines, facts);
  }
  return result;
}

// Long lines that lie as one, of x's type.
void specialise(Lines& lines, const OpDesc& desc, bool with_y) {
  const LineParams& p = lines.params;
  const DType type = desc.inputs[0].dtype;
  if (bit_width(type) < 8 || p.inner_rank != 1 || p.length < 16 || p.length * p.lines < 4096) return;
  const int64_t size = byte_size(type);
  if (p.inner_stride[1][0] != size || (with_y && p.inner_stride[0][0] != size)) return;
  lines.launch.macros.emplace_back("STEP", std::to_string(size));
  lines.launch.macros.emplace_back("TYPE", std::to_string(type_number(type)));
}

LoweredOp finish(Lines lines, const char* entry, std::vector<OperandRef> operands) {
  lines.launch.entry = entry;
  lines.launch.operands = std::move(operands);
  lines.launch.set_params(lines.params);
  LoweredOp op;
  op.launches.push_back(std::move(lines.launch));
  return op;
}

}  // namespace

Result<LoweredOp> lower_op(const Reduce& op, const OpDesc& desc, const Facts& facts) {
  std::vector<size_t> inner;
  for (int axis : op.axes) inner.push_back(static_cast<size_t>(axis));
  SYSTOLE_ASSIGN_OR_RETURN(Lines lines, begin(desc, inner, {}, facts));
  lines.params.kind = static_cast<int>(op.kind);
  lines.launch.macros.emplace_back("REDUCE", "1");
  specialise(lines, desc, false);
  return finish(std::move(lines), "reduce_lines", {output(), input(0)});
}

Result<LoweredOp> lower_op(const Softmax& op, const OpDesc& desc, const Facts& facts) {
  const int axis = op.axis < 0 ? op.axis + desc.inputs[0].rank() : op.axis;
  SYSTOLE_ASSIGN_OR_RETURN(Lines lines, begin(desc, {static_cast<size_t>(axis)}, {}, facts));
  lines.params.flags = op.log ? 1 : 0;
  specialise(lines, desc, true);
  return finish(std::move(lines), "softmax_lines", {output(), input(0)});
}

Result<LoweredOp> lower_op(const Normalize& op, const OpDesc& desc, const Facts& facts) {
  std::vector<size_t> inner;
  const size_t rank = desc.inputs[0].shape.size();
  for (size_t axis = rank - static_cast<size_t>(op.axes); axis < rank; ++axis) inner.push_back(axis);
  std::vector<const TensorDesc*> extra;
  for (size_t i = 1; i < desc.inputs.size(); ++i) extra.push_back(&desc.inputs[i]);
  SYSTOLE_ASSIGN_OR_RETURN(Lines lines, begin(desc, inner, extra, facts));
  LineParams& p = lines.params;
  p.kind = static_cast<int>(op.kind);
  p.epsilon = op.epsilon;
  p.flags = (op.scale ? 1 : 0) | (op.bias ? 2 : 0);
  int scale = 0, bias = 0;  // inputs that stand in where there are none
  if (op.scale) scale = 1;
  if (op.bias) bias = op.scale ? 2 : 1;
  if (op.bias && !op.scale) {
    std::copy(std::begin(p.inner_stride[2]), std::end(p.inner_stride[2]), std::begin(p.inner_stride[3]));
    p.type[3] = p.type[2];
  }
  specialise(lines, desc, true);
  return finish(std::move(lines), "normalize_lines", {output(), input(0), input(scale), input(bias)});
}

}  // namespace systole::gpu
