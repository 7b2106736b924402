// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Builds an f32 network operator by operator, as an exporter would write it. Weights are normal with the variance that
// keeps an activation's variance by the layer's fan-in; norms take care of the rest.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

enum class Gate : uint8_t { kNone, kRelu, kRelu6, kSilu, kSigmoid, kTanh, kGeluErf, kGeluTanh };

struct Tap {
  int64_t kernel = 1, stride = 1, pad = 0, groups = 1;
  bool bias = false;
  float bias_middle = 0;
  bool flat = false;  // kernel, stride and pad along the width only: a 1-D convolution of an image one high
};

// Errors (out of memory) stick; finish() returns the first. Shapes are known throughout.
class Sketch {
 public:
  enum class Weights : uint8_t { kDrawn, kWithheld, kCounted };  // kCounted: no constants
  Sketch(std::string name, uint64_t seed, int64_t batch, std::map<std::string, int64_t> sizes,
         Weights weights = Weights::kDrawn);
  int64_t parameters() const { return parameters_; }  // trained ones so far

  int64_t batch() const { return batch_; }
  int64_t size(const std::string& option) const { return sizes_.at(option); }  // an option of the network
  const Shape& shape(ValueId id) const { return graph_.at(id).shape; }
  int64_t extent(ValueId id, int axis) const;  // axis < 0: from the end

  ValueId input(const std::string& name, Shape shape, DType dtype = DType::kF32);
  ValueId weight(const std::string& name, Shape shape, float deviation, float middle = 0.0f);  // a trained parameter
  ValueId floats(const std::string& name, Shape shape, const std::vector<float>& data);        // no parameter
  ValueId indices(const std::string& name, const std::vector<int64_t>& data);                  // rank 1

  ValueId conv(const std::string& name, ValueId x, int64_t out, const Tap& tap, float gain = 1.0f);
  ValueId batch_norm(const std::string& name, ValueId x, float gain = 1.0f);
  ValueId conv_norm(const std::string& name, ValueId x, int64_t out, const Tap& tap, Gate gate, float gain = 1.0f);
  ValueId group_norm(const std::string& name, ValueId x, int64_t groups, float epsilon);
  ValueId layer_norm(const std::string& name, ValueId x, float epsilon);
  ValueId linear(const std::string& name, ValueId x, int64_t out, bool bias = true, float gain = 1.0f);
  ValueId gate(const std::string& name, ValueId x, Gate gate);
  ValueId add(const std::string& name, ValueId a, ValueId b);
  ValueId mul(const std::string& name, ValueId a, ValueId b);
  ValueId matmul(const std::string& name, ValueId a, ValueId b);
  ValueId softmax(const std::string& name, ValueId x, int64_t axis);
  ValueId reshape(const std::string& name, ValueId x, Shape shape);
  ValueId transpose(const std::string& name, ValueId x, const std::vector<int64_t>& order);
  ValueId concat(const std::string& name, const std::vector<ValueId>& parts, int64_t axis);
  std::vector<ValueId> split(const std::string& name, ValueId x, int64_t parts, int64_t axis);
  ValueId slice(const std::string& name, ValueId x, int64_t axis, int64_t begin, int64_t end);
  ValueId max_pool(const std::string& name, ValueId x, const Tap& tap);
  ValueId global_average(const std::string& name, ValueId x);  // N,C,1,1
  ValueId upsample(const std::string& name, ValueId x);        // nearest, twice as wide and high
  ValueId embed(const std::string& name, ValueId table, ValueId ids);

  // Heads of [batch, rows, heads * depth] queries, keys and values: softmax(q k^T / sqrt(depth)) v. causal: later keys
  // are replaced by the least number, as exporters of decoders write it.
  ValueId attention(const std::string& name, ValueId q, ValueId k, ValueId v, int64_t heads, bool causal);

  // For graphs that need no lowering: HAL ops and views instead of ONNX operators. lower_to() is called first; weights,
  // floats and what op() makes are then of `type`.
  void lower_to(DType type);
  DType type() const { return type_; }
  bool draws() const { return weights_ == Weights::kDrawn; }
  const std::string& name() const { return graph_.name; }
  ValueId op(const std::string& kind, const std::string& name, Op op, std::vector<ValueId> inputs, Shape shape);
  ValueId view(const std::string& name, ValueId x, Shape shape);                        // reshaped
  ValueId turn(const std::string& name, ValueId x, const std::vector<int64_t>& order);  // transposed
  ValueId part(const std::string& name, ValueId x, int64_t axis, int64_t begin, int64_t end);
  ValueId quantize(const std::string& name, ValueId x, float scale);  // to i8, symmetric, a scale a tensor
  // `whole` with parts of it overwritten in place, where their first elements have the indices `starts`.
  ValueId overwrite(const std::string& name, ValueId whole, const std::vector<ValueId>& parts,
                    const std::vector<Shape>& starts);
  // A trained parameter of f32 whatever the type: a bias, a norm's scale.
  ValueId row(const std::string& name, int64_t extent, float deviation, float middle = 0.0f);
  // Numbers that follow from their index and that nobody trained; withheld where weights are.
  ValueId table(const std::string& name, Shape shape, const std::function<float(int64_t)>& number);
  Value& at(ValueId id) { return graph_.at(id); }

  Result<Graph> finish(const std::vector<std::pair<std::string, ValueId>>& outputs);

 private:
  ValueId value(const std::string& name, Shape shape, DType dtype = DType::kF32);
  ValueId like(ValueId x, const std::string& name, Shape shape);  // of x's type and quantization
  // The constant, or the first error and a value in its place.
  ValueId keep(Result<Value> made, const std::string& name, DType dtype, Shape shape);
  ValueId constant(const std::string& name, DType dtype, Shape shape, const void* data);
  ValueId scalar(const std::string& name, float number) { return floats(name, {}, {number}); }
  Node& node(const std::string& type, const std::string& name, std::vector<ValueId> inputs, ValueId output);
  ValueId unary(const std::string& type, const std::string& name, ValueId x);
  ValueId binary(const std::string& type, const std::string& name, ValueId a, ValueId b);
  ValueId heads_of(const std::string& name, ValueId x, int64_t heads);

  Graph graph_;
  uint64_t seed_;
  int64_t batch_, parameters_ = 0;
  Weights weights_;
  DType type_ = DType::kF32;  // of weights and floats
  std::map<std::string, int64_t> sizes_;
  Status status_;
};

}  // namespace systole::graph
