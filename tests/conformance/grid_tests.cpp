// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, the grid: `supports` is held to its word for every op, type and way of lying.
#include "tests/conformance/op_grid.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

std::string text_of(const OpDesc& desc) {
  std::string text = op_name(desc.op);
  const auto* matmul = std::get_if<Matmul>(&desc.op);
  const auto* conv = std::get_if<Conv2d>(&desc.op);
  if (const Epilogue* e = matmul ? &matmul->epilogue : conv ? &conv->epilogue : nullptr) {
    text += std::string(e->bias ? " bias" : "") + (e->residual ? " residual" : "") +
            (e->requant == RequantMode::kTflite ? " tflite" : "") + " activation " +
            std::to_string(static_cast<int>(e->activation));
  }
  text += "(";
  for (const TensorDesc& input : desc.inputs) text += input.to_string() + (input.quant ? " quantized, " : ", ");
  return text + ") -> " + desc.outputs[0].to_string() + (desc.outputs[0].quant ? " quantized" : "");
}

}  // namespace

// Each case runs and gives ref's values, or is refused honestly. Not supported where all are refused.
void hold_to_its_word(Context& context, const std::vector<OpCase>& cases) {
  auto ref = take(context.registry.open("ref"), "open ref");
  size_t ran = 0;
  std::string reason;
  for (size_t i = 0; i < cases.size(); ++i) {
    try {
      const std::string difference = compare_with_ref(context.device, ref, cases[i]);
      if (!difference.empty()) throw Failure(difference);
      ++ran;
    } catch (const NotSupported& refused) {
      reason = refused.what();
    } catch (const Failure& failure) {
      throw Failure("case " + std::to_string(i) + ", " + text_of(cases[i].desc) + ": " + failure.what());
    }
  }
  if (ran == 0) throw NotSupported(reason);
  if (ran < cases.size()) context.share = std::to_string(ran) + "/" + std::to_string(cases.size());
}

std::vector<Test> grid_tests() {
  const std::pair<const char*, std::vector<OpCase> (*)(DType)> grids[] = {{"unary", unary_grid},
                                                                          {"binary", binary_grid},
                                                                          {"select", select_grid},
                                                                          {"copy", copy_grid},
                                                                          {"fill", fill_grid},
                                                                          {"cast", cast_grid},
                                                                          {"reduce", reduce_grid},
                                                                          {"softmax", softmax_grid},
                                                                          {"normalize", normalize_grid},
                                                                          {"attention", attention_grid},
                                                                          {"matmul", matmul_grid},
                                                                          {"conv2d", conv2d_grid},
                                                                          {"pool", pool_grid}};
  std::vector<Test> tests;
  for (const auto& [name, make] : grids) {
    for (DType dtype : kAllTypes) {
      if (make(dtype).empty()) continue;  // no meaning for the type
      tests.push_back({"ops", std::string("grid_") + name + "_" + dtype_name(dtype),
                       [make = make, dtype](Context& context) { hold_to_its_word(context, make(dtype)); }});
    }
  }
  return tests;
}

}  // namespace systole::conformance
