// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/constants.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"

namespace systole::graph {
namespace {

template <typename T>
T load(const std::byte* data, int64_t i) {
  T value;
  std::memcpy(&value, data + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

template <typename T, typename V>
void store(std::byte* data, int64_t i, V value) {
  T converted = static_cast<T>(value);
  std::memcpy(data + i * static_cast<int64_t>(sizeof(T)), &converted, sizeof(T));
}

template <typename T>
void store_saturated(std::byte* data, int64_t i, double value) {
  using L = std::numeric_limits<T>;
  T result = 0;
  if (std::isnan(value))
    result = 0;
  else if (value <= static_cast<double>(L::min()))
    result = L::min();
  else if (value >= static_cast<double>(L::max()))
    result = L::max();
  else
    result = static_cast<T>(value);
  store<T>(data, i, result);
}

}  // namespace

int64_t load_four_bits(DType type, const std::byte* row, int64_t i) {
  const int four = std::to_integer<int>(row[i / 2] >> (i % 2 ? 4 : 0)) & 15;
  return type == DType::kI4 ? (four ^ 8) - 8 : four;
}

void store_four_bits(std::byte* row, int64_t i, int64_t value) {
  row[i / 2] |= static_cast<std::byte>((value & 15) << (i % 2 ? 4 : 0));
}

double load_real(DType type, const std::byte* data, int64_t i) {
  switch (type) {
    case DType::kF64:
      return load<double>(data, i);
    case DType::kF32:
      return load<float>(data, i);
    case DType::kF16:
      return numeric::to_f32(load<numeric::F16>(data, i));
    case DType::kBF16:
      return numeric::to_f32(load<numeric::BF16>(data, i));
    case DType::kU64:
      return static_cast<double>(load<uint64_t>(data, i));
    default:
      return static_cast<double>(load_int(type, data, i));
  }
}

int64_t load_int(DType type, const std::byte* data, int64_t i) {
  switch (type) {
    case DType::kI64:
      return load<int64_t>(data, i);
    case DType::kI32:
      return load<int32_t>(data, i);
    case DType::kI16:
      return load<int16_t>(data, i);
    case DType::kI8:
      return load<int8_t>(data, i);
    case DType::kU64:
      return static_cast<int64_t>(load<uint64_t>(data, i));
    case DType::kU32:
      return load<uint32_t>(data, i);
    case DType::kU16:
      return load<uint16_t>(data, i);
    case DType::kU8:
      return load<uint8_t>(data, i);
    case DType::kBool:
      return load<uint8_t>(data, i) != 0;
    case DType::kF64:
    case DType::kF32:
    case DType::kF16:
    case DType::kBF16: {
      std::byte integer[8];
      store_saturated<int64_t>(integer, 0, load_real(type, data, i));
      return load<int64_t>(integer, 0);
    }
    default:
      return 0;
  }
}

void store_real(DType type, std::byte* data, int64_t i, double value) {
  switch (type) {
    case DType::kF64:
      return store<double>(data, i, value);
    case DType::kF32:
      return store<float>(data, i, value);
    case DType::kF16:
      return store<uint16_t>(data, i, numeric::to_f16(static_cast<float>(value)).bits);
    case DType::kBF16:
      return store<uint16_t>(data, i, numeric::to_bf16(static_cast<float>(value)).bits);
    case DType::kI64:
      return store_saturated<int64_t>(data, i, value);
    case DType::kI32:
      return store_saturated<int32_t>(data, i, value);
    case DType::kI16:
      return store_saturated<int16_t>(data, i, value);
    case DType::kI8:
      return store_saturated<int8_t>(data, i, value);
    case DType::kU64:
      return store_saturated<uint64_t>(data, i, value);
    case DType::kU32:
      return store_saturated<uint32_t>(data, i, value);
    case DType::kU16:
      return store_saturated<uint16_t>(data, i, value);
    case DType::kU8:
      return store_saturated<uint8_t>(data, i, value);
    case DType::kBool:
      return store<uint8_t>(data, i, value != 0 ? 1 : 0);
    default:
      return;
  }
}

void store_int(DType type, std::byte* data, int64_t i, int64_t value) {
  switch (type) {
    case DType::kI64:
    case DType::kU64:
      return store<int64_t>(data, i, value);
    case DType::kI32:
    case DType::kU32:
      return store<uint32_t>(data, i, value);
    case DType::kI16:
    case DType::kU16:
      return store<uint16_t>(data, i, value);
    case DType::kI8:
    case DType::kU8:
      return store<uint8_t>(data, i, value);
    case DType::kBool:
      return store<uint8_t>(data, i, value != 0 ? 1 : 0);
    default:
      return store_real(type, data, i, static_cast<double>(value));
  }
}

int64_t dense_bytes(DType dtype, const Shape& shape) {
  if (bit_width(dtype) >= 8 || shape.empty()) return bytes_for(dtype, element_count(shape));
  return shape.back() == 0 ? 0 : element_count(shape) / shape.back() * bytes_for(dtype, shape.back());
}

Result<int64_t> checked_elements(const Shape& shape, const std::string& what) {
  int64_t count = 1;
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return Status(Code::kInvalidArgument, what + ": extent " + std::to_string(extent) + " in its shape");
    if (extent == 0)
      empty = true;
    else if (count > (int64_t{1} << 46) / extent)
      return Status(Code::kInvalidArgument, what + ": shape " + to_string(shape) + " is too large");
    else
      count *= extent;
  }
  return empty ? 0 : count;
}

Result<Value> make_constant(std::string name, DType dtype, Shape shape) {
  SYSTOLE_ASSIGN_OR_RETURN(int64_t count, checked_elements(shape, "constant '" + name + "'"));
  BufferParams params;
  params.size = count == 0 ? 1 : dense_bytes(dtype, shape);  // an empty tensor still has a buffer
  params.kind = MemoryKind::kConstant;
  params.name = name;
  Value value;
  SYSTOLE_ASSIGN_OR_RETURN(value.data, allocate_host(params));
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = std::move(shape);
  value.shape_known = true;
  return value;
}

std::span<std::byte> mutable_bytes(const Value& constant) {
  int64_t size = dense_bytes(constant.dtype, constant.shape);
  if (size == 0) return {};
  auto mapped = constant.data->map(0, size, MapAccess::kReadWrite);
  if (!mapped.ok()) std::abort();
  constant.data->unmap();
  return *mapped;
}

std::span<const std::byte> constant_bytes(const Value& constant) {
  int64_t size = dense_bytes(constant.dtype, constant.shape);
  if (size == 0) return {};
  auto mapped = constant.data->map(0, size, MapAccess::kRead);
  if (!mapped.ok()) std::abort();
  constant.data->unmap();
  return *mapped;
}

Result<Value> constant_from(std::string name, const HostTensor& tensor) {
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_constant(std::move(name), tensor.dtype, tensor.shape));
  auto bytes = mutable_bytes(value);
  const int64_t count = element_count(tensor.shape), needed = bytes_for(tensor.dtype, count);
  if (static_cast<size_t>(needed) != tensor.data.size()) {
    return Status(Code::kInvalidArgument, "tensor '" + value.name + "': " + std::to_string(tensor.data.size()) +
                                              " bytes, its shape needs " + std::to_string(needed));
  }
  if (bytes.size() == tensor.data.size()) {
    if (!bytes.empty()) std::memcpy(bytes.data(), tensor.data.data(), bytes.size());
  } else {
    const int64_t row = tensor.shape.back(), row_bytes = bytes_for(tensor.dtype, row);
    for (int64_t i = 0; i < count; ++i) {
      store_four_bits(bytes.data() + i / row * row_bytes, i % row, load_four_bits(DType::kU4, tensor.data.data(), i));
    }
  }
  value.data->freeze();
  return value;
}

Result<Value> widened_constant(const Value& constant) {
  const DType type = constant.dtype == DType::kI4 ? DType::kI8 : DType::kU8;
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_constant(constant.name + "/wide", type, constant.shape));
  value.quant = constant.quant;
  const auto from = constant_bytes(constant);
  const auto to = mutable_bytes(value);
  const int64_t row = constant.shape.empty() ? 1 : constant.shape.back(), row_bytes = bytes_for(constant.dtype, row);
  for (int64_t i = 0; i < static_cast<int64_t>(to.size()); ++i) {
    const int64_t stored = load_four_bits(constant.dtype, from.data() + i / row * row_bytes, i % row);
    to[static_cast<size_t>(i)] = static_cast<std::byte>(stored);
  }
  value.data->freeze();
  return value;
}

Result<Value> real_constant(std::string name, DType dtype, Shape shape, const std::vector<double>& values) {
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_constant(std::move(name), dtype, std::move(shape)));
  if (static_cast<int64_t>(values.size()) != element_count(value.shape)) std::abort();
  auto bytes = mutable_bytes(value);
  const int64_t row = value.shape.empty() ? 1 : value.shape.back(), row_bytes = bytes_for(dtype, row);
  for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
    const double number = values[static_cast<size_t>(i)];
    if (bit_width(dtype) < 8)
      store_four_bits(bytes.data() + i / row * row_bytes, i % row, static_cast<int64_t>(number));
    else
      store_real(dtype, bytes.data(), i, number);
  }
  value.data->freeze();
  return value;
}

namespace {

Value wide(const Value& constant) {
  auto value = widened_constant(constant);
  if (!value.ok()) std::abort();
  return std::move(*value);
}

}  // namespace

std::vector<int64_t> constant_ints(const Value& constant) {
  if (bit_width(constant.dtype) < 8) return constant_ints(wide(constant));
  auto bytes = constant_bytes(constant);
  std::vector<int64_t> result(static_cast<size_t>(element_count(constant.shape)));
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = load_int(constant.dtype, bytes.data(), static_cast<int64_t>(i));
  return result;
}

std::vector<double> constant_reals(const Value& constant) {
  if (bit_width(constant.dtype) < 8) return constant_reals(wide(constant));
  auto bytes = constant_bytes(constant);
  std::vector<double> result(static_cast<size_t>(element_count(constant.shape)));
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = load_real(constant.dtype, bytes.data(), static_cast<int64_t>(i));
  return result;
}

}  // namespace systole::graph
