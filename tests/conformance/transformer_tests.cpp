// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, the ops of transformers: normalizations, attention, and activations fused into products.
#include "tests/conformance/op_cases.h"
#include "tests/conformance/op_test.h"

namespace systole::conformance {
namespace {

void add_normalize_tests(std::vector<Test>& tests, DType dtype) {
  struct Named {
    const char* name;
    Normalize op;
    Shape shape;
  };
  const Named cases[] = {{"layer", {NormKind::kLayer, 1, 1e-5f, true, true}, {2, 7, 96}},
                         {"layer_plain", {NormKind::kLayer, 1, 1e-5f, false, false}, {5, 33}},
                         {"layer_one_row", {NormKind::kLayer, 1, 1e-12f, true, true}, {1, 768}},
                         {"layer_two_axes", {NormKind::kLayer, 2, 1e-5f, true, false}, {3, 4, 10}},
                         {"rms", {NormKind::kRms, 1, 1e-6f, true, false}, {6, 128}},
                         {"rms_long", {NormKind::kRms, 1, 1e-6f, false, false}, {3, 5000}}};
  for (const Named& named : cases) {
    tests.push_back(op_test(std::string("normalize_") + named.name + "_" + dtype_name(dtype), [=] {
      OpCase result;
      result.seed = 71;
      const TensorDesc x = row_major(dtype, named.shape);
      const TensorDesc last = row_major(DType::kF32, Shape(named.shape.end() - named.op.axes, named.shape.end()));
      result.desc = {named.op, {x}, {x}, "normalize"};
      for (bool given : {named.op.scale, named.op.bias}) {
        if (!given) continue;
        result.desc.inputs.push_back(last);
        result.constant.resize(result.desc.inputs.size(), false);
        result.constant.back() = true;
      }
      return result;
    }));
  }
}

struct AttentionShape {
  Shape lead = {2, 3};
  int64_t queries = 17, keys = 17, depth = 16, width = 16;
};

// Heads lie side by side in each row where `interleaved`, as a projection writes them.
TensorDesc heads(DType dtype, const Shape& lead, int64_t rows, int64_t columns, bool interleaved) {
  Shape shape = lead;
  shape.push_back(rows);
  shape.push_back(columns);
  TensorDesc desc = row_major(dtype, shape);
  if (!interleaved) return desc;
  desc = row_major(dtype, {lead[0], rows, lead[1], columns});
  std::swap(desc.shape[1], desc.shape[2]);
  std::swap(desc.strides[1], desc.strides[2]);
  return desc;
}

void add_attention_tests(std::vector<Test>& tests, DType dtype) {
  struct Named {
    const char* name;
    AttentionShape shape;
    Shape mask;
    bool causal, interleaved;
    bool integers = false;  // i8 keys and values
    int64_t page = 0;       // of so many keys; 0: in one piece
  };
  const Named cases[] = {{"plain", {}, {}, false, false},
                         {"causal", {}, {}, true, false},
                         {"heads_side_by_side", {{2, 4}, 24, 24, 32, 32}, {}, false, true},
                         {"mask", {}, {1, 1, 1, 17}, false, false},
                         {"mask_full", {{1, 2}, 9, 21, 8, 8}, {9, 21}, false, false},
                         {"cross", {{1, 2}, 5, 40, 24, 12}, {}, false, false},
                         {"causal_with_past", {{1, 2}, 3, 19, 16, 16}, {}, true, false},
                         {"one_query", {{1, 4}, 1, 64, 32, 32}, {}, false, false},
                         {"long", {{1, 1}, 70, 300, 64, 64}, {}, false, false},
                         {"int8_keys", {{1, 2}, 9, 21, 8, 12}, {9, 21}, false, false, true},
                         {"int8_keys_causal_with_past", {{1, 2}, 3, 19, 16, 16}, {}, true, true, true},
                         {"int8_keys_one_query", {{1, 4}, 1, 64, 32, 32}, {}, false, false, true},
                         {"paged", {{2, 3}, 1, 50, 32, 24}, {}, false, false, false, 16},
                         {"paged_causal", {{2, 2}, 5, 37, 16, 16}, {}, true, false, false, 8},
                         {"paged_int8_keys", {{3, 2}, 2, 40, 16, 16}, {2, 40}, false, false, true, 8}};
  for (const Named& named : cases) {
    tests.push_back(op_test(std::string("attention_") + named.name + "_" + dtype_name(dtype), [=] {
      const AttentionShape& s = named.shape;
      OpCase result;
      result.seed = 72;
      Attention op{0.25f, !named.mask.empty(), named.causal};
      result.desc = {op,
                     {heads(dtype, s.lead, s.queries, s.depth, named.interleaved),
                      heads(dtype, s.lead, s.keys, s.depth, named.interleaved),
                      heads(dtype, s.lead, s.keys, s.width, named.interleaved)},
                     {heads(dtype, s.lead, s.queries, s.width, named.interleaved)},
                     "attention"};
      Shape lead = s.lead;
      if (named.page > 0) {
        const int blocks = static_cast<int>((s.keys + named.page - 1) / named.page), pages = blocks * 2 * 3;
        lead[0] = pages, op.keys = s.keys;
        for (int i = 0; i < blocks * static_cast<int>(s.lead[0]); ++i) op.pages.push_back((5 * i + 2) % pages);
        result.desc.op = op;
      }
      for (size_t i = 1; i < 3; ++i) {
        if (!named.integers && named.page == 0) continue;
        TensorDesc& desc = result.desc.inputs[i];
        desc = heads(named.integers ? DType::kI8 : dtype, lead, named.page > 0 ? named.page : s.keys, desc.shape[3],
                     named.interleaved);
        if (named.integers) desc.quant = per_tensor(i == 1 ? 0.01f : 0.015f, 0);
      }
      if (op.mask) result.desc.inputs.push_back(row_major(DType::kF32, named.mask));
      return result;
    }));
  }
}

void add_activation_tests(std::vector<Test>& tests, DType dtype) {
  const std::pair<Activation, const char*> functions[] = {
      {Activation::kSigmoid, "sigmoid"},    {Activation::kTanh, "tanh"}, {Activation::kGeluErf, "gelu_erf"},
      {Activation::kGeluTanh, "gelu_tanh"}, {Activation::kSilu, "silu"}, {Activation::kHardSwish, "hard_swish"}};
  for (auto [activation, name] : functions) {
    const std::string suffix = std::string("_") + name + "_" + dtype_name(dtype);
    tests.push_back(op_test("matmul_fused" + suffix, [=, activation = activation] {
      OpCase result;
      result.seed = 73;
      Matmul op;
      op.epilogue.bias = true;
      op.epilogue.activation = activation;
      result.desc = {op,
                     {row_major(dtype, {13, 40}), row_major(dtype, {40, 50}), row_major(DType::kF32, {50})},
                     {row_major(dtype, {13, 50})},
                     "matmul"};
      result.constant = {false, true, true};
      return result;
    }));
    tests.push_back(op_test("binary_fused" + suffix, [=, activation = activation] {
      OpCase result;
      result.seed = 74;
      const TensorDesc x = row_major(dtype, {4, 70});
      result.desc = {Binary{BinaryKind::kAdd, activation, 0, 0}, {x, x}, {x}, "add"};
      return result;
    }));
  }
}

}  // namespace

std::vector<Test> transformer_tests() {
  std::vector<Test> tests;
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    add_normalize_tests(tests, dtype);
    add_attention_tests(tests, dtype);
    add_activation_tests(tests, dtype);
  }
  return tests;
}

}  // namespace systole::conformance
