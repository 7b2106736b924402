// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/bench_op.h"

#include <charconv>
#include <cstring>
#include <functional>
#include <map>
#include <sstream>

#include "hal/command_list.h"

namespace systole::cli {
namespace {

struct Attributes {
  std::map<std::string, int64_t> values;
  int64_t take(const char* name, int64_t otherwise) {
    auto found = values.find(name);
    if (found == values.end()) return otherwise;
    const int64_t value = found->second;
    values.erase(found);
    return value;
  }
};

using Shapes = std::vector<Shape>;
struct Made {
  Op op;
  Shape output;
  Shapes more;  // inputs that follow those given
};

struct Kind {
  const char* name;
  size_t inputs;  // shapes to be given
  const char* help;
  std::function<Made(const Shapes&, Attributes&)> make;
};

Activation activation_of(Attributes& attributes) {
  return attributes.take("relu", 0) != 0   ? Activation::kRelu
         : attributes.take("gelu", 0) != 0 ? Activation::kGeluErf
         : attributes.take("silu", 0) != 0 ? Activation::kSilu
                                           : Activation::kNone;
}

int64_t from_end(const Shape& shape, size_t back) { return shape.size() >= back ? shape[shape.size() - back] : 1; }

Made matmul(const Shapes& in, Attributes& attributes) {
  Matmul op;
  op.transpose_b = attributes.take("transpose_b", 0) != 0;
  op.epilogue.bias = attributes.take("bias", 0) != 0;
  op.epilogue.activation = activation_of(attributes);
  Made made{op, in[0], {}};
  if (!made.output.empty()) made.output.back() = from_end(in[1], op.transpose_b ? 2 : 1);
  if (op.epilogue.bias) made.more.push_back({from_end(made.output, 1)});
  return made;
}

Made conv2d(const Shapes& in, Attributes& attributes) {
  Conv2d op;
  op.groups = attributes.take("groups", 1);
  op.stride_h = op.stride_w = std::max<int64_t>(1, attributes.take("stride", 1));
  op.dilation_h = op.dilation_w = std::max<int64_t>(1, attributes.take("dilation", 1));
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = attributes.take("pad", 0);
  op.epilogue.bias = attributes.take("bias", 0) != 0;
  op.epilogue.activation = activation_of(attributes);
  Made made{op, in[0], {}};
  if (in[0].size() != 4 || in[1].size() != 4) return made;
  made.output = {in[0][0], in[1][0],
                 window_output(in[0][2], in[1][2], op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                 window_output(in[0][3], in[1][3], op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
  if (op.epilogue.bias) made.more.push_back({in[1][0]});
  return made;
}

template <PoolKind kind>
Made pool(const Shapes& in, Attributes& attributes) {
  Pool op;
  op.kind = kind;
  op.kernel_h = op.kernel_w = std::max<int64_t>(1, attributes.take("kernel", 2));
  op.stride_h = op.stride_w = std::max<int64_t>(1, attributes.take("stride", op.kernel_h));
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = attributes.take("pad", 0);
  Made made{op, in[0], {}};
  if (in[0].size() != 4) return made;
  for (size_t axis : {2, 3})
    made.output[axis] = window_output(in[0][axis], op.kernel_h, op.stride_h, 1, op.pad_top, op.pad_bottom);
  return made;
}

template <UnaryKind kind>
Made unary(const Shapes& in, Attributes&) {
  return {Unary{kind, 0.0f, 6.0f}, in[0], {}};
}

template <BinaryKind kind>
Made binary(const Shapes& in, Attributes&) {
  return {Binary{kind}, in[0], {}};
}

Made mean(const Shapes& in, Attributes& attributes) {
  Reduce op{ReduceKind::kMean, {}};
  Made made{op, in[0], {}};
  const auto rank = static_cast<int64_t>(in[0].size());
  for (int64_t axis = std::clamp<int64_t>(attributes.take("from_axis", rank - 1), 0, rank); axis < rank; ++axis) {
    op.axes.push_back(static_cast<int>(axis));
    made.output[static_cast<size_t>(axis)] = 1;
  }
  made.op = op;
  return made;
}

Made normalize(const Shapes& in, Attributes& attributes) {
  Normalize op;
  op.kind = attributes.take("rms", 0) != 0 ? NormKind::kRms : NormKind::kLayer;
  op.scale = true;
  op.bias = op.kind == NormKind::kLayer;
  Made made{op, in[0], {{from_end(in[0], 1)}}};
  if (op.bias) made.more.push_back(made.more[0]);
  return made;
}

Made attention(const Shapes& in, Attributes& attributes) {
  Attention op;
  op.scale = 0.125f;
  op.causal = attributes.take("causal", 0) != 0;
  Made made{op, in[0], {}};
  if (!made.output.empty()) made.output.back() = from_end(in[2], 1);
  return made;
}

Made copy(const Shapes& in, Attributes&) { return {Copy{}, in[0], {}}; }
Made softmax(const Shapes& in, Attributes&) { return {Softmax{}, in[0], {}}; }

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"matmul", 2, "A,W; transpose_b, bias, relu, gelu, silu", matmul},
      {"conv2d", 2, "X,W; stride, pad, dilation, groups, bias, relu, gelu, silu", conv2d},
      {"max_pool", 1, "X; kernel, stride, pad", pool<PoolKind::kMax>},
      {"average_pool", 1, "X; kernel, stride, pad", pool<PoolKind::kAverage>},
      {"add", 2, "A,B", binary<BinaryKind::kAdd>},
      {"mul", 2, "A,B", binary<BinaryKind::kMul>},
      {"div", 2, "A,B", binary<BinaryKind::kDiv>},
      {"relu", 1, "X", unary<UnaryKind::kRelu>},
      {"clip", 1, "X", unary<UnaryKind::kClip>},
      {"exp", 1, "X", unary<UnaryKind::kExp>},
      {"sigmoid", 1, "X", unary<UnaryKind::kSigmoid>},
      {"tanh", 1, "X", unary<UnaryKind::kTanh>},
      {"erf", 1, "X", unary<UnaryKind::kErf>},
      {"gelu", 1, "X", unary<UnaryKind::kGeluErf>},
      {"silu", 1, "X", unary<UnaryKind::kSilu>},
      {"mean", 1, "X; from_axis", mean},
      {"softmax", 1, "X", softmax},
      {"normalize", 1, "X; rms", normalize},
      {"attention", 3, "Q,K,V; causal", attention},
      {"copy", 1, "X (an image: row-major to channels-last)", copy},
  };
  return all;
}

Result<Shapes> parse_shapes(const std::string& text) {
  Shapes shapes;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    Shape shape;
    std::istringstream extents(item);
    for (std::string extent; std::getline(extents, extent, 'x');) {
      int64_t value = 0;
      auto [end, error] = std::from_chars(extent.data(), extent.data() + extent.size(), value);
      if (error != std::errc() || end != extent.data() + extent.size() || value < 1)
        return Status(Code::kInvalidArgument, "--shape: expected extents like 1x64x56x56, got '" + item + "'");
      shape.push_back(value);
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Result<Attributes> parse_attributes(const std::vector<std::string>& texts) {
  Attributes attributes;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    int64_t value = 0;
    const char *begin = text.data() + std::min(equals, text.size() - 1) + 1, *last = text.data() + text.size();
    auto [end, error] = std::from_chars(begin, last, value);
    if (equals == std::string::npos || error != std::errc() || end != last)
      return Status(Code::kInvalidArgument, "--attribute: expected name=number, got '" + text + "'");
    attributes.values[text.substr(0, equals)] = value;
  }
  return attributes;
}

TensorDesc operand(DType type, const Shape& shape, bool image) {
  return shape.size() == 4 && image ? channels_last(type, shape) : row_major(type, shape);
}

// Finite in every type; no subnormal f32, which processors are slow at.
void fill(DType type, std::span<std::byte> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 61);
  for (size_t i = 0; type == DType::kF32 && (i + 1) * sizeof(float) <= bytes.size(); ++i) {
    const float value = (static_cast<float>(i % 61) - 30.0f) / 16.0f;
    std::memcpy(bytes.data() + i * sizeof(float), &value, sizeof value);
  }
}

// Nothing is written where the device computes no values.
Result<TensorView> memory(const std::shared_ptr<Device>& device, const TensorDesc& desc, MemoryKind kind) {
  const BufferParams params{std::max<int64_t>(desc.span_bytes(), 1), 0, kind, "operand"};
  auto buffer = kind == MemoryKind::kConstant ? allocate_host(params) : device->allocate(params);
  if (!buffer.ok()) return buffer.status();
  if (device->info().functional && kind != MemoryKind::kDeviceLocal) {
    SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> bytes, (*buffer)->map(0, params.size, MapAccess::kWrite));
    fill(desc.dtype, bytes);
    (*buffer)->unmap();
    SYSTOLE_RETURN_IF_ERROR((*buffer)->flush(0, params.size));
  }
  if (kind == MemoryKind::kConstant) (*buffer)->freeze();
  TensorView view{*buffer, 0, desc};
  view.transient = kind == MemoryKind::kDeviceLocal;
  return view;
}

bool same(const TensorDesc& a, const TensorDesc& b) {
  return a.dtype == b.dtype && a.shape == b.shape && a.strides == b.strides;
}

bool weighted(const Op& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<Matmul>(op) ||
         std::holds_alternative<Normalize>(op);
}

}  // namespace

std::string op_help() {
  std::string text;
  for (const Kind& kind : kinds())
    text += "  " + std::string(kind.name) + std::string(14 - std::string(kind.name).size(), ' ') + kind.help + "\n";
  return text;
}

Result<OpDesc> parse_op(const std::string& name, const std::string& shapes, const std::string& type,
                        const std::vector<std::string>& attributes) {
  const Kind* kind = nullptr;
  std::vector<std::string> names;
  for (const Kind& known : kinds()) {
    names.push_back(known.name);
    if (known.name == name) kind = &known;
  }
  if (kind == nullptr) {
    const std::string near = nearest_name(name, names.data(), names.size());
    return Status(Code::kInvalidArgument,
                  "--op: there is no op '" + name + "'" +
                      (near.empty() ? "; the ops are\n" + op_help() : "; did you mean '" + near + "'?"));
  }
  const auto dtype = parse_dtype(type);
  if (!dtype) return Status(Code::kInvalidArgument, "--dtype: expected f32, bf16, f16, ..., got '" + type + "'");
  SYSTOLE_ASSIGN_OR_RETURN(Shapes given, parse_shapes(shapes));
  SYSTOLE_ASSIGN_OR_RETURN(Attributes set, parse_attributes(attributes));
  if (given.size() != kind->inputs)
    return Status(Code::kInvalidArgument, "--shape: " + name + " takes " + std::to_string(kind->inputs) + " shapes (" +
                                              kind->help + "), got " + std::to_string(given.size()));
  const Made made = kind->make(given, set);
  if (!set.values.empty())
    return Status(Code::kInvalidArgument,
                  "--attribute: " + name + " has no '" + set.values.begin()->first + "' (" + kind->help + ")");
  OpDesc op{made.op, {}, {operand(*dtype, made.output, true)}, name};
  const bool converts = std::holds_alternative<Copy>(made.op), image = !std::holds_alternative<Attention>(made.op);
  for (size_t i = 0; i < given.size(); ++i) {
    const bool weights = i == 1 && std::holds_alternative<Conv2d>(made.op);
    op.inputs.push_back(operand(*dtype, given[i], image && !converts && !weights));
  }
  for (const Shape& shape : made.more)
    op.inputs.push_back(row_major(is_float(*dtype) ? DType::kF32 : DType::kI32, shape));
  if (std::holds_alternative<Attention>(made.op) || std::holds_alternative<Matmul>(made.op)) {
    for (TensorDesc& desc : op.inputs) desc = row_major(desc.dtype, desc.shape);
    op.outputs[0] = row_major(*dtype, made.output);
  }
  for (std::vector<TensorDesc>* descs : {&op.inputs, &op.outputs})
    for (TensorDesc& desc : *descs)
      if (desc.dtype == DType::kI8 || desc.dtype == DType::kU8)
        desc.quant = std::make_shared<Quantization>(Quantization{{1.0f / 64}, {0}, -1});
  SYSTOLE_RETURN_IF_ERROR(validate(op));
  return op;
}

Result<std::shared_ptr<CommandList>> record_ops(const std::shared_ptr<Device>& device, const std::vector<OpDesc>& ops) {
  auto list = std::make_shared<CommandList>(device);
  TensorView last;
  for (size_t i = 0; i < ops.size(); ++i) {
    const OpDesc& op = ops[i];
    OpCall call{op.op, {}, {}, op.name};
    for (size_t k = 0; k < op.inputs.size(); ++k) {
      if (k == 0 && last.buffer && same(last.desc, op.inputs[0])) {
        call.inputs.push_back(last);
        continue;
      }
      const MemoryKind kind = weighted(op.op) && k > 0 ? MemoryKind::kConstant : MemoryKind::kHostVisible;
      SYSTOLE_ASSIGN_OR_RETURN(TensorView view, memory(device, op.inputs[k], kind));
      call.inputs.push_back(std::move(view));
    }
    const bool read_next = i + 1 < ops.size() && same(ops[i + 1].inputs[0], op.outputs[0]);
    SYSTOLE_ASSIGN_OR_RETURN(
        last, memory(device, op.outputs[0], read_next ? MemoryKind::kDeviceLocal : MemoryKind::kHostVisible));
    call.outputs.push_back(last);
    SYSTOLE_RETURN_IF_ERROR(list->op(std::move(call)));
  }
  SYSTOLE_RETURN_IF_ERROR(list->end());
  return list;
}

}  // namespace systole::cli
