// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/ref/numbers.h"

#include <cstring>
#include <random>
#include <stdexcept>

#include "devices/ref/ref_device.h"
#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "tests/conformance/op_case.h"

namespace systole::reftest {
namespace {

template <typename T>
void put(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

void put_number(DType type, std::byte* to, double value) {
  auto integer = static_cast<int64_t>(value);
  switch (type) {
    case DType::kF64:
      return put(to, value);
    case DType::kF32:
      return put(to, static_cast<float>(value));
    case DType::kF16:
      return put(to, numeric::to_f16(static_cast<float>(value)));
    case DType::kBF16:
      return put(to, numeric::to_bf16(static_cast<float>(value)));
    case DType::kI64:
      return put(to, integer);
    case DType::kI32:
      return put(to, static_cast<int32_t>(integer));
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
      return put(to, static_cast<uint8_t>(integer));
    default:
      throw std::runtime_error("no encoder");
  }
}

std::shared_ptr<Device> open_ref() {
  Registry registry;
  if (!registry.add(ref_driver()).ok()) throw std::runtime_error("ref");
  return std::move(registry.open("ref")).value();
}

}  // namespace

std::vector<std::byte> encode(const Operand& operand) {
  const TensorDesc& desc = operand.desc;
  std::vector<std::byte> bytes(static_cast<size_t>(desc.span_bytes()));
  for (int64_t i = 0; i < desc.elements(); ++i) {
    int64_t rest = i, offset = 0;
    for (size_t axis = desc.shape.size(); axis-- > 0; rest /= desc.shape[axis])
      offset += rest % desc.shape[axis] * desc.strides[axis];
    const double value = operand.values.at(static_cast<size_t>(i));
    if (desc.dtype == DType::kI4) {
      const int64_t column = i % desc.shape.back();
      bytes[static_cast<size_t>(offset + column / 2)] |=
          static_cast<std::byte>((static_cast<int>(value) & 15) << (column % 2 ? 4 : 0));
      continue;
    }
    put_number(desc.dtype, bytes.data() + offset, value);
  }
  return bytes;
}

Numbers run(Op op, const std::vector<Operand>& inputs, TensorDesc y) {
  conformance::OpCase op_case;
  op_case.desc.op = std::move(op);
  op_case.desc.name = "op";
  op_case.desc.outputs = {y};
  std::vector<conformance::Bytes> contents;
  for (const Operand& input : inputs) {
    op_case.desc.inputs.push_back(input.desc);
    contents.push_back(encode(input));
  }
  auto outputs = conformance::run_case(open_ref(), op_case, contents);
  if (!outputs.ok()) throw std::runtime_error(outputs.status().to_string());
  return conformance::elements(y, outputs.value()[0]);
}

Numbers integers(int64_t count, uint64_t seed, int low, int high) {
  std::mt19937_64 random(seed);
  Numbers values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(low + static_cast<int>(random() % static_cast<uint64_t>(high - low + 1)));
  return values;
}

}  // namespace systole::reftest
