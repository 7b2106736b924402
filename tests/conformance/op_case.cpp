// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_case.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/queue.h"
#include "tests/conformance/suite.h"
#include "tests/tolerance.h"

namespace systole::conformance {
namespace {

// Calls visit(byte offset) for every element in row-major order.
void for_each_element(const TensorDesc& desc, const std::function<void(int64_t)>& visit) {
  if (desc.elements() == 0) return;
  std::vector<int64_t> index(desc.shape.size(), 0);
  for (;;) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < index.size(); ++axis) offset += index[axis] * desc.strides[axis];
    visit(offset);
    int axis = desc.rank() - 1;
    while (axis >= 0 && ++index[axis] == desc.shape[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

template <typename T>
void put(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}
template <typename T>
T get(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

void put_random(DType dtype, std::byte* to, std::mt19937_64& random) {
  // A multiple of 2^-6 in [-1, 1]: exact in every float type wider than 7 bits of mantissa.
  const double real = static_cast<double>(static_cast<int64_t>(random() % 129) - 64) / 64.0;
  switch (dtype) {
    case DType::kF64:
      return put(to, real);
    case DType::kF32:
      return put(to,
                 static_cast<float>(real) + static_cast<float>(static_cast<int64_t>(random() % 2001) - 1000) * 1e-5f);
    case DType::kF16:
      return put(to, numeric::to_f16(static_cast<float>(real)));
    case DType::kBF16:
      return put(to, numeric::to_bf16(static_cast<float>(real)));
    case DType::kI64:
      return put(to, static_cast<int64_t>(random() % 20001) - 10000);
    case DType::kI32:
      return put(to, static_cast<int32_t>(random() % 20001) - 10000);
    case DType::kBool:
      return put(to, static_cast<uint8_t>(random() % 2));
    case DType::kI8:
    case DType::kU8:
      return put(to, static_cast<uint8_t>(random()));
    default:
      throw Failure(std::string("no random values for ") + dtype_name(dtype));
  }
}

double read_element(DType dtype, const std::byte* from) {
  switch (dtype) {
    case DType::kF64:
      return get<double>(from);
    case DType::kF32:
      return get<float>(from);
    case DType::kF16:
      return numeric::to_f32(get<numeric::F16>(from));
    case DType::kBF16:
      return numeric::to_f32(get<numeric::BF16>(from));
    case DType::kI64:
      return static_cast<double>(get<int64_t>(from));
    case DType::kI32:
      return get<int32_t>(from);
    case DType::kI8:
      return get<int8_t>(from);
    case DType::kU8:
    case DType::kBool:
      return get<uint8_t>(from);
    default:
      throw Failure(std::string("no reader for ") + dtype_name(dtype));
  }
}

int64_t reduction_length(const OpDesc& desc) {
  const int64_t macs = mac_count(desc);
  if (macs > 0) return macs / std::max<int64_t>(1, desc.outputs[0].elements());
  return std::max<int64_t>(
      1, desc.inputs.empty() ? 1 : desc.inputs[0].elements() / std::max<int64_t>(1, desc.outputs[0].elements()) + 64);
}

int mantissa(DType dtype) {
  if (dtype == DType::kBF16) return tests::kMantissaBF16;
  return dtype == DType::kF16 ? tests::kMantissaF16 : tests::kMantissaF32;
}

Epilogue* epilogue_of(Op& op) {
  if (auto* matmul = std::get_if<Matmul>(&op)) return &matmul->epilogue;
  if (auto* conv = std::get_if<Conv2d>(&op)) return &conv->epilogue;
  return nullptr;
}

// Sums of magnitudes behind each output: the op itself on the inputs' magnitudes, without activation.
std::vector<double> sums_of_magnitudes(std::shared_ptr<Device> ref, const OpCase& op_case,
                                       const std::vector<Bytes>& inputs) {
  OpCase absolute = op_case;
  if (Epilogue* epilogue = epilogue_of(absolute.desc.op)) epilogue->activation = Activation::kNone;
  std::vector<Bytes> positive;
  for (size_t i = 0; i < inputs.size(); ++i) positive.push_back(magnitudes(op_case.desc.inputs[i], inputs[i]));
  auto outputs = take(run_case(std::move(ref), absolute, positive), "ref on magnitudes");
  return elements(absolute.desc.outputs[0], outputs[0]);
}

// The device says no: compiling must say no too, with the same reason.
[[noreturn]] void check_refusal(std::shared_ptr<Device> device, const OpCase& op_case, const std::vector<Bytes>& inputs,
                                const Support& support) {
  require(!support.reason.empty(), "a refusal has a reason");
  const Status status = run_case(device, op_case, inputs).status();
  require_code(status, Code::kUnsupported, "running an op that `supports` refuses (" + support.reason + ")");
  require(status.message().find(support.reason) != std::string::npos,
          "the refusal at compile has the reason '" + support.reason + "': " + status.message());
  throw NotSupported(support.reason);
}

}  // namespace

Bytes random_operand(const TensorDesc& desc, uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes content(static_cast<size_t>(desc.span_bytes()), std::byte{0});
  for_each_element(desc, [&](int64_t offset) { put_random(desc.dtype, content.data() + offset, random); });
  return content;
}

Bytes magnitudes(const TensorDesc& desc, Bytes content) {
  if (!is_float(desc.dtype)) return content;
  const int64_t size = byte_size(desc.dtype);
  for_each_element(desc, [&](int64_t offset) { content[offset + size - 1] &= std::byte{0x7f}; });
  return content;
}

std::vector<Bytes> random_inputs(const OpCase& op_case) {
  std::vector<Bytes> inputs;
  for (size_t i = 0; i < op_case.desc.inputs.size(); ++i)
    inputs.push_back(random_operand(op_case.desc.inputs[i], op_case.seed * 31 + i));
  return inputs;
}

std::vector<double> elements(const TensorDesc& desc, const Bytes& content) {
  std::vector<double> values;
  for_each_element(desc, [&](int64_t offset) { values.push_back(read_element(desc.dtype, content.data() + offset)); });
  return values;
}

OpCall make_call(Device& device, const OpCase& op_case, const std::vector<Bytes>& inputs) {
  OpCall call{op_case.desc.op, {}, {}, op_case.desc.name};
  for (size_t i = 0; i < inputs.size(); ++i) {
    Bytes padded(static_cast<size_t>(op_case.offset), std::byte{0});
    padded.insert(padded.end(), inputs[i].begin(), inputs[i].end());
    TensorView view;
    view.offset = op_case.offset;
    view.desc = op_case.desc.inputs[i];
    if (i < op_case.constant.size() && op_case.constant[i]) {
      BufferParams params;
      params.size = static_cast<int64_t>(padded.size());
      params.kind = MemoryKind::kConstant;
      params.name = "constant";
      view.buffer = take(allocate_host(params), "constant");
      write_bytes(*view.buffer, 0, padded);
      view.buffer->freeze();
    } else {
      view.buffer = make_buffer(device, padded, "input");
    }
    call.inputs.push_back(view);
  }
  for (const TensorDesc& desc : op_case.desc.outputs) {
    TensorView view;
    view.offset = op_case.offset;
    view.desc = desc;
    view.buffer =
        make_buffer(device, Bytes(static_cast<size_t>(op_case.offset + desc.span_bytes()), std::byte{0}), "output");
    call.outputs.push_back(view);
  }
  return call;
}

Result<std::vector<Bytes>> run_case(std::shared_ptr<Device> device, const OpCase& op_case,
                                    const std::vector<Bytes>& inputs, Profile* profile) {
  OpCall call = make_call(*device, op_case, inputs);
  const std::vector<TensorView> outputs = call.outputs;
  auto list = std::make_shared<CommandList>(device, "case");
  if (Status status = list->op(std::move(call)); !status.ok()) return status;
  if (Status status = list->end(); !status.ok()) return status;
  if (Status status = run_and_wait(*device, list, {}, profile); !status.ok()) return status;
  std::vector<Bytes> results;
  for (const TensorView& view : outputs)
    results.push_back(read_bytes(*view.buffer, view.offset, view.desc.span_bytes()));
  return results;
}

std::string compare_with_ref(std::shared_ptr<Device> device, std::shared_ptr<Device> ref, const OpCase& op_case) {
  require_ok(validate(op_case.desc), "the case itself");
  const std::vector<Bytes> inputs = random_inputs(op_case);
  const Support support = device->supports(op_case.desc);
  if (!support.yes) check_refusal(device, op_case, inputs, support);
  const TensorDesc& desc = op_case.desc.outputs[0];
  auto got_bytes = run_case(device, op_case, inputs);
  if (!got_bytes.ok()) return "supported, but: " + got_bytes.status().to_string();
  const std::vector<double> got = elements(desc, (*got_bytes)[0]);
  const std::vector<double> expected = elements(desc, take(run_case(ref, op_case, inputs), "ref")[0]);
  const bool exact = !is_float(desc.dtype);
  std::vector<double> sums;
  if (!exact && mac_count(op_case.desc) > 0) sums = sums_of_magnitudes(ref, op_case, inputs);
  for (size_t i = 0; i < expected.size(); ++i) {
    double bound = 0;
    if (!exact) {
      const double magnitude = sums.empty() ? std::max(1.0, std::abs(expected[i])) : sums[i];
      bound = tests::sum_bound(reduction_length(op_case.desc), magnitude) +
              tests::rounding_bound(mantissa(desc.dtype), expected[i]) +
              (sums.empty() ? tests::elementary_bound(expected[i]) : 0.0);
      if (std::holds_alternative<Attention>(op_case.desc.op))
        bound += tests::attention_bound(mantissa(desc.dtype), sums[i]);
    }
    const bool same = got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i]));
    if (same || std::abs(got[i] - expected[i]) <= bound) continue;
    std::ostringstream text;
    text << "element " << i << " of " << desc.to_string() << ": got " << got[i] << ", ref has " << expected[i]
         << ", bound " << bound;
    return text.str();
  }
  return "";
}

}  // namespace systole::conformance
