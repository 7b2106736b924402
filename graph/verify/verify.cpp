// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/verify.h"

#include <cmath>
#include <limits>

#include "graph/verify/bf16_emulation.h"
#include "graph/verify/node_runner.h"

namespace systole::graph {
namespace {

double largest(const std::vector<double>& numbers) {
  double most = 0;
  for (double number : numbers) most = std::max(most, std::fabs(number));
  return most;
}

// The largest sum of weight magnitudes behind one output element.
double weight_sum(const Node& node, const TensorDesc& desc, const std::vector<double>& weights) {
  if (std::holds_alternative<Conv2d>(*node.op)) {
    const auto out = static_cast<size_t>(desc.shape[0]);
    double most = 0;
    for (size_t o = 0; o < out; ++o) {
      double sum = 0;
      for (size_t i = 0; i < weights.size() / out; ++i) sum += std::fabs(weights[o * (weights.size() / out) + i]);
      most = std::max(most, sum);
    }
    return most;
  }
  const auto& matmul = std::get<Matmul>(*node.op);
  const auto rows = static_cast<size_t>(desc.shape[desc.shape.size() - 2]),
             columns = static_cast<size_t>(desc.shape.back());
  double most = 0;
  for (size_t batch = 0; batch < weights.size() / (rows * columns); ++batch) {
    std::vector<double> sums(matmul.transpose_b ? rows : columns, 0.0);
    for (size_t r = 0; r < rows; ++r)
      for (size_t c = 0; c < columns; ++c)
        sums[matmul.transpose_b ? r : c] += std::fabs(weights[batch * rows * columns + r * columns + c]);
    most = std::max(most, largest(sums));
  }
  return most;
}

// What integer weights stand for.
void scale(const TensorDesc& desc, std::vector<double>& numbers) {
  const Quantization& quant = *desc.quant;
  int64_t inner = 1;
  for (size_t axis = static_cast<size_t>(quant.axis + 1); quant.per_channel() && axis < desc.shape.size(); ++axis)
    inner *= desc.shape[axis];
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] *= double{quant.scale[quant.per_channel() ? i / static_cast<size_t>(inner) % quant.scale.size() : 0]};
}

// Row by row: the root of mean square (less the mean's, for kLayer) plus epsilon; the smallest.
double least_deviation(const Normalize& op, const TensorDesc& desc, const std::vector<double>& x) {
  size_t n = 1;
  for (int i = 0; i < op.axes; ++i)
    n *= static_cast<size_t>(desc.shape[desc.shape.size() - 1 - static_cast<size_t>(i)]);
  double least = std::numeric_limits<double>::infinity();
  for (size_t first = 0; first + n <= x.size(); first += n) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n && op.kind == NormKind::kLayer; ++i) mean += x[first + i] / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i) squares += (x[first + i] - mean) * (x[first + i] - mean) / static_cast<double>(n);
    least = std::min(least, std::sqrt(squares + double{op.epsilon}));
  }
  return least;
}

double largest_key(const TensorDesc& desc, const std::vector<double>& k) {
  const auto depth = static_cast<size_t>(desc.shape.back());
  double most = 0;
  for (size_t first = 0; first + depth <= k.size(); first += depth) {
    double sum = 0;
    for (size_t i = 0; i < depth; ++i) sum += std::fabs(k[first + i]);
    most = std::max(most, sum);
  }
  return most;
}

// Of numbers that leave a score something to say in a softmax.
double largest_visible(const std::vector<double>& mask) {
  double most = 0;
  for (double number : mask)
    if (number > -1e4) most = std::max(most, std::fabs(number));
  return most;
}

Result<Magnitudes> magnitudes_of(const Plan& plan, NodeRunner& runner, const Node& node) {
  Magnitudes values;
  const bool weighted = std::holds_alternative<Conv2d>(*node.op) || std::holds_alternative<Matmul>(*node.op);
  const auto* normalize = std::get_if<Normalize>(&*node.op);
  const bool attention = std::holds_alternative<Attention>(*node.op);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Operand operand = input_operand(plan, node, i);
    SYSTOLE_ASSIGN_OR_RETURN(std::vector<double> numbers, runner.numbers(operand));
    const bool widened = i == 1 && has_integer_weights(describe(plan, node));
    if (widened || (attention && operand.desc.quant)) scale(operand.desc, numbers);
    if (weighted && i == 1)
      values.weight_sum = weight_sum(node, operand.desc, numbers);
    else if (weighted && i > 1)
      values.extra = std::max(values.extra, largest(numbers));
    else if (normalize && i > 0)
      (normalize->scale && i == 1 ? values.scale : values.extra) = largest(numbers);
    else if (attention && i == 1)
      values.weight_sum = largest_key(operand.desc, numbers);
    else if (attention && i > 1)
      (i == 2 ? values.value : values.extra) = i == 2 ? largest(numbers) : largest_visible(numbers);
    else
      values.input = std::max(values.input, largest(numbers));
    if (normalize && i == 0) values.deviation = least_deviation(*normalize, operand.desc, numbers);
  }
  return values;
}

void count_specials(const std::vector<double>& got, NodeCheck& check) {
  const bool narrow = check.dtype == DType::kI8 || check.dtype == DType::kU8;
  const double low = check.dtype == DType::kI8 ? -128 : 0, high = check.dtype == DType::kI8 ? 127 : 255;
  for (double value : got) {
    check.nans += std::isnan(value);
    check.infinities += std::isinf(value);
    check.saturated += narrow && (value == low || value == high);
  }
}

void compare(const std::vector<double>& got, const std::vector<double>& want, const Bound& bound, NodeCheck& check) {
  const double scale = largest(want);
  for (size_t i = 0; i < want.size(); ++i) {
    const double error = got[i] == want[i] ? 0.0 : std::fabs(got[i] - want[i]);
    const double allowed = bound.at(std::max(std::fabs(got[i]), std::fabs(want[i])));
    const auto point_at = [&] { check.where = static_cast<int64_t>(i), check.got = got[i], check.want = want[i]; };
    if (std::isnan(error)) {
      if (std::isnan(got[i]) && std::isnan(want[i])) continue;
      if (check.ok) point_at();
      check.ok = false;
      check.worst_abs = check.of_bound = std::numeric_limits<double>::infinity();
      continue;
    }
    if (error > allowed) check.ok = false;
    const double share = error == 0 ? 0 : allowed > 0 ? error / allowed : std::numeric_limits<double>::infinity();
    if (share >= check.of_bound) {
      if (share > check.of_bound) point_at();
      check.of_bound = share;
      check.bound = allowed;
    }
    check.worst_abs = std::max(check.worst_abs, error);
  }
  check.worst_rel = scale > 0 ? check.worst_abs / scale : check.worst_abs;
}

Result<NodeCheck> check_node(const Plan& plan, NodeRunner& runner, const Node& node,
                             const std::shared_ptr<Device>& device) {
  const OpDesc desc = describe(plan, node);
  NodeCheck check{node.name, op_name(*node.op), node.device, desc.outputs[0].dtype, reduction_length(desc)};
  SYSTOLE_ASSIGN_OR_RETURN(const Magnitudes values, magnitudes_of(plan, runner, node));
  SYSTOLE_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, runner.run_elsewhere(node, device));
  const Operand output = output_operand(plan, node, 0);
  SYSTOLE_ASSIGN_OR_RETURN(const std::vector<double> want, runner.numbers(output));
  if (want.empty()) return check;
  const std::vector<double> got = strided_numbers(bytes.data(), output.desc);
  count_specials(got, check);
  compare(got, want, node_bound(desc, values), check);
  return check;
}

Status check_nodes(const Plan& plan, const std::shared_ptr<Device>& ref, const TensorMap& inputs,
                   VerifyReport& report) {
  NodeRunner runner(plan, ref);
  SYSTOLE_RETURN_IF_ERROR(runner.start(inputs));
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    const Node& node = plan.graph.nodes[n];
    SYSTOLE_RETURN_IF_ERROR(runner.run(node).with_origin(node.name));
    const auto& device = plan.devices[plan.place[n]];
    if (!node.op || device == ref) continue;
    SYSTOLE_ASSIGN_OR_RETURN(NodeCheck check, check_node(plan, runner, node, device));
    report.ok = report.ok && check.ok;
    report.nodes.push_back(std::move(check));
  }
  return {};
}

double relative_error(const HostTensor& got, const HostTensor& want, double scale, bool& finite) {
  const auto a = strided_numbers(got.data.data(), row_major(got.dtype, got.shape));
  const auto b = strided_numbers(want.data.data(), row_major(want.dtype, want.shape));
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    finite = finite && std::isfinite(a[i]);
    worst = std::max(worst, std::fabs(a[i] - b[i]));
  }
  return scale > 0 ? worst / scale : worst;
}

bool has_bf16(const Plan& plan) {
  for (const Node& node : plan.graph.nodes)
    for (ValueId id : node.outputs)
      if (id != kAbsent && plan.graph.at(id).dtype == DType::kBF16) return true;
  return false;
}

}  // namespace

Result<VerifyReport> verify(const Graph& lowered, const SessionOptions& options, std::shared_ptr<Device> ref,
                            const TensorMap& inputs) {
  VerifyReport report;
  SYSTOLE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, compile(lowered, options));
  SYSTOLE_ASSIGN_OR_RETURN(std::unique_ptr<Session> truth, compile(lowered, {ref, nullptr, Precision::kKeep}));
  TensorMap got, want, emulated;
  SYSTOLE_RETURN_IF_ERROR(session->run(inputs, got));
  SYSTOLE_RETURN_IF_ERROR(truth->run(inputs, want));
  SYSTOLE_RETURN_IF_ERROR(check_nodes(session->plan(), ref, inputs, report));
  bool emulates = has_bf16(session->plan());
  if (emulates) {
    auto run = bf16_emulation(session->plan().graph, inputs);
    emulates = run.ok();
    if (run.ok()) emulated = std::move(run).value();
  }
  for (const auto& [name, tensor] : want) {
    OutputCheck check;
    check.name = name;
    check.largest = largest(strided_numbers(tensor.data.data(), row_major(tensor.dtype, tensor.shape)));
    check.worst_rel = relative_error(got.at(name), tensor, check.largest, check.finite);
    check.emulated = emulates;
    bool finite = true;
    if (emulates) check.emulated_rel = relative_error(emulated.at(name), tensor, check.largest, finite);
    report.ok = report.ok && check.finite && (!emulates || check.worst_rel <= 1.5 * check.emulated_rel);
    report.outputs.push_back(std::move(check));
  }
  return report;
}

}  // namespace systole::graph
