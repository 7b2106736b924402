// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, results in the place of an operand: the same bits as beside it (hal/command_list.h says which ops may).
#include "hal/queue.h"
#include "tests/conformance/op_layouts.h"

namespace systole::conformance {
namespace {

OpCase case_of(Op op, std::vector<TensorDesc> inputs, TensorDesc output) {
  OpCase result;
  result.seed = 31;
  result.offset = 64;
  result.desc = {std::move(op), std::move(inputs), {std::move(output)}, "in place"};
  return result;
}

struct Placed {
  size_t operand;  // whose place the output takes: it has its shape, strides and width
  OpCase op_case;
};

void same_as_beside(Context& context, const Placed& placed) {
  const std::vector<Bytes> inputs = random_inputs(placed.op_case);
  const Bytes beside = take(run_case(context.device, placed.op_case, inputs), "beside its operands")[0];
  OpCall call = make_call(*context.device, placed.op_case, inputs);
  call.outputs[0].buffer = call.inputs[placed.operand].buffer;
  const TensorView y = call.outputs[0];
  auto list = std::make_shared<CommandList>(context.device);
  require_ok(list->op(std::move(call)), "record in place");
  require_ok(list->end(), "end");
  require_ok(run_and_wait(*context.device, list), "run");
  const Bytes got = read_bytes(*y.buffer, y.offset, y.desc.span_bytes());
  require(elements(y.desc, got) == elements(y.desc, beside), "in place of " + y.desc.to_string());
}

Test in_place(std::string name, std::function<std::vector<Placed>()> make) {
  return {"ops", "in_place_" + std::move(name), [make = std::move(make)](Context& context) {
            const std::vector<Placed> all = make();
            size_t ran = 0;
            std::string reason;
            for (const Placed& placed : all) {
              const Support support = context.device->supports(placed.op_case.desc);
              reason = support.reason;
              if (!support.yes) continue;
              same_as_beside(context, placed);
              ++ran;
            }
            if (ran == 0) throw NotSupported(reason);
            if (ran < all.size()) context.share = std::to_string(ran) + "/" + std::to_string(all.size());
          }};
}

// For each type and way of lying.
std::vector<Placed> each(const std::function<void(std::vector<Placed>&, const TensorDesc&)>& add) {
  std::vector<Placed> all;
  for (Lie lie : {Lie::kDense, Lie::kChannelsLast, Lie::kGaps})
    for (DType dtype : {DType::kF32, DType::kBF16, DType::kF16, DType::kI32})
      add(all, lying(dtype, {2, 17, 9, 11}, lie));
  return all;
}

std::vector<Placed> unary() {
  return each([](auto& all, const TensorDesc& x) { all.push_back({0, case_of(Unary{UnaryKind::kRelu}, {x}, x)}); });
}
std::vector<Placed> binary() {
  return each([](auto& all, const TensorDesc& x) {
    for (size_t operand : {0, 1}) all.push_back({operand, case_of(Binary{BinaryKind::kSub}, {x, x}, x)});
    all.push_back({0, case_of(Binary{BinaryKind::kMul}, {x, row_major(x.dtype, {17, 1, 1})}, x)});
  });
}
std::vector<Placed> select() {
  return each([](auto& all, const TensorDesc& x) {
    all.push_back({2, case_of(Select{}, {row_major(DType::kBool, x.shape), row_major(x.dtype, {}), x}, x)});
  });
}
std::vector<Placed> cast() {
  return {{0, case_of(Cast{}, {row_major(DType::kF32, {5, 99})}, row_major(DType::kI32, {5, 99}))},
          {0, case_of(Cast{}, {row_major(DType::kBF16, {5, 99})}, row_major(DType::kF16, {5, 99}))},
          {0, case_of(Cast{}, {row_major(DType::kBF16, {5, 99})}, row_major(DType::kBF16, {5, 99}))}};
}
std::vector<Placed> residuals() {
  std::vector<Placed> all;
  for (const Types& types : {kF32Types, kBF16Types, kBF16ToF32Types}) {
    Matmul matmul;
    matmul.epilogue.residual = true;
    all.push_back({2, matmul_case(types, {37, 61}, {61, 43}, matmul, true, 32)});
    for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
      ConvShape conv;
      conv.op.epilogue.residual = true;
      all.push_back({2, conv_case(types, conv, layout, 33)});
    }
  }
  return all;
}

}  // namespace

std::vector<Test> in_place_tests() {
  return {in_place("unary", unary), in_place("binary", binary), in_place("select", select), in_place("cast", cast),
          in_place("residual", residuals)};
}

}  // namespace systole::conformance
