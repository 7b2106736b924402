// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "tests/conformance/op_random.h"

namespace systole::conformance {
namespace {

int64_t odd_number(Random& random) {
  const int64_t numbers[] = {
      0,         -1,       1, 3, 7, 1000003, int64_t{1} << 20, int64_t{1} << 31, int64_t{1} << 40, int64_t{1} << 62,
      INT64_MAX, INT64_MIN};
  return numbers[below(random, std::size(numbers))];
}

void break_tensor(TensorDesc& desc, Random& random) {
  const int64_t rank = desc.rank();
  switch (below(random, 9)) {
    case 0:
      desc.shape.push_back(between(random, 0, 4));
      return;
    case 1:
      desc.shape.insert(desc.shape.begin(), 2), desc.strides.insert(desc.strides.begin(), 4096);
      return;
    case 2:
      if (rank > 0) desc.shape.pop_back();
      if (!desc.strides.empty()) desc.strides.pop_back();
      return;
    case 3:
      if (rank > 0) desc.shape[static_cast<size_t>(below(random, rank))] = odd_number(random);
      return;
    case 4:
      if (!desc.strides.empty()) desc.strides[random() % desc.strides.size()] = odd_number(random);
      return;
    case 5:
      if (!desc.strides.empty()) desc.strides.pop_back();
      return;
    case 6:
      desc.dtype = static_cast<DType>(below(random, 20));
      return;
    case 7: {
      Quantization quant;
      quant.axis = static_cast<int>(between(random, -2, 8));
      const float scales[] = {1.0f, 0.0f, -1.0f, std::numeric_limits<float>::infinity(),
                              std::numeric_limits<float>::quiet_NaN()};
      for (int64_t n = below(random, 4); n > 0; --n) quant.scale.push_back(scales[below(random, 5)]);
      for (int64_t n = below(random, 4); n > 0; --n) quant.zero_point.push_back(static_cast<int32_t>(random()));
      desc.quant = std::make_shared<Quantization>(std::move(quant));
      return;
    }
    default:
      std::swap(desc.shape, desc.strides);
  }
}

struct BreakAttributes {
  Random& random;
  void operator()(Matmul& op) { epilogue(op.epilogue), op.transpose_a = !op.transpose_a; }
  void operator()(Conv2d& op) {
    int64_t* all[] = {&op.groups,  &op.stride_h, &op.stride_w,   &op.dilation_h, &op.dilation_w,
                      &op.pad_top, &op.pad_left, &op.pad_bottom, &op.pad_right};
    *all[below(random, 9)] = odd_number(random);
    epilogue(op.epilogue);
  }
  void operator()(Pool& op) {
    int64_t* all[] = {&op.kernel_h,   &op.kernel_w, &op.stride_h, &op.stride_w,   &op.dilation_h,
                      &op.dilation_w, &op.pad_top,  &op.pad_left, &op.pad_bottom, &op.pad_right};
    *all[below(random, 10)] = odd_number(random);
  }
  void operator()(Unary& op) { op.kind = UnaryKind(below(random, 30)), op.alpha = odd_float(), op.beta = odd_float(); }
  void operator()(Binary& op) {
    op.kind = BinaryKind(below(random, 20)), op.activation = Activation(below(random, 12));
    op.clip_lo = odd_float(), op.clip_hi = odd_float();
  }
  void operator()(Reduce& op) {
    op.axes.push_back(static_cast<int>(odd_number(random))), op.kind = ReduceKind(below(random, 8));
  }
  void operator()(Softmax& op) { op.axis = static_cast<int>(odd_number(random)); }
  void operator()(Normalize& op) {
    op.axes = static_cast<int>(odd_number(random)), op.kind = NormKind(below(random, 4)), op.epsilon = odd_float();
  }
  void operator()(Attention& op) {
    op.mask = !op.mask, op.scale = odd_float();
    if (one_in(random, 2)) op.pages.push_back(static_cast<int>(odd_number(random))), op.keys = odd_number(random);
  }
  void operator()(Fill& op) { op.value = odd_float(); }
  void operator()(Select&) {}
  void operator()(Copy&) {}
  void operator()(Cast&) {}

  float odd_float() {
    const float numbers[] = {0.0f, -1.0f, 1e38f, std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN()};
    return numbers[below(random, 5)];
  }
  void epilogue(Epilogue& e) {
    e.bias = one_in(random, 2), e.residual = one_in(random, 2);
    e.activation = Activation(below(random, 12)), e.requant = RequantMode(below(random, 4));
    e.clip_lo = odd_float(), e.clip_hi = odd_float();
  }
};

}  // namespace

OpDesc broken(OpDesc desc, Random& random) {
  if (desc.outputs.empty()) return desc;  // broken already
  const size_t operands = desc.inputs.size() + desc.outputs.size();
  switch (below(random, 8)) {
    case 0:
      std::visit(BreakAttributes{random}, desc.op);
      break;
    case 1:
      desc.inputs.push_back(desc.outputs[0]);
      break;
    case 2:
      if (!desc.inputs.empty()) desc.inputs.pop_back();
      break;
    case 3:
      if (one_in(random, 2))
        desc.outputs.push_back(desc.outputs[0]);
      else
        desc.outputs.clear();
      break;
    default: {
      const auto which = static_cast<size_t>(below(random, static_cast<int64_t>(operands)));
      break_tensor(which < desc.inputs.size() ? desc.inputs[which] : desc.outputs[which - desc.inputs.size()], random);
    }
  }
  return desc;
}

}  // namespace systole::conformance
