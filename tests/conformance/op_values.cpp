// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_values.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/numeric/fp8.h"

namespace systole::conformance {
namespace {

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

template <typename T>
void put_wide(std::byte* to, std::mt19937_64& random) {
  const bool whole_range = random() % 8 == 0;
  put(to, whole_range ? static_cast<T>(random()) : static_cast<T>(static_cast<int64_t>(random() % 20001) - 10000));
}

void put_random(DType dtype, std::byte* to, std::mt19937_64& random) {
  // A multiple of 2^-6 in [-1, 1]: exact in every float type of more than 6 bits of mantissa.
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
    case DType::kF8E4M3:
      return put(to, numeric::to_f8e4m3(static_cast<float>(real)));
    case DType::kF8E5M2:
      return put(to, numeric::to_f8e5m2(static_cast<float>(real)));
    case DType::kI64:
    case DType::kU64:
      return put_wide<int64_t>(to, random);
    case DType::kI32:
    case DType::kU32:
      return put_wide<int32_t>(to, random);
    case DType::kI16:
    case DType::kU16:
      return put(to, static_cast<uint16_t>(random()));
    case DType::kBool:
      return put(to, static_cast<uint8_t>(random() % 2));
    case DType::kI8:
    case DType::kU8:
    case DType::kI4:
    case DType::kU4:
      return put(to, static_cast<uint8_t>(random()));
  }
}

double read_element(DType dtype, const std::byte* from, bool high) {
  const int nibble = std::to_integer<int>(*from) >> (high ? 4 : 0) & 15;
  switch (dtype) {
    case DType::kF64:
      return get<double>(from);
    case DType::kF32:
      return get<float>(from);
    case DType::kF16:
      return numeric::to_f32(get<numeric::F16>(from));
    case DType::kBF16:
      return numeric::to_f32(get<numeric::BF16>(from));
    case DType::kF8E4M3:
      return numeric::to_f32(get<numeric::F8E4M3>(from));
    case DType::kF8E5M2:
      return numeric::to_f32(get<numeric::F8E5M2>(from));
    case DType::kI64:
      return static_cast<double>(get<int64_t>(from));
    case DType::kU64:
      return static_cast<double>(get<uint64_t>(from));
    case DType::kI32:
      return get<int32_t>(from);
    case DType::kU32:
      return get<uint32_t>(from);
    case DType::kI16:
      return get<int16_t>(from);
    case DType::kU16:
      return get<uint16_t>(from);
    case DType::kI8:
      return get<int8_t>(from);
    case DType::kU8:
    case DType::kBool:
      return get<uint8_t>(from);
    case DType::kI4:
      return (nibble ^ 8) - 8;
    case DType::kU4:
      return nibble;
  }
  return 0;
}

}  // namespace

void for_each_element(const TensorDesc& desc, const std::function<void(int64_t, bool)>& visit) {
  if (desc.elements() == 0) return;
  const bool packed = bit_width(desc.dtype) < 8 && desc.rank() > 0;
  std::vector<int64_t> index(desc.shape.size(), 0);
  for (;;) {
    int64_t offset = packed ? index.back() / 2 : 0;
    for (size_t axis = 0; axis + (packed ? 1 : 0) < index.size(); ++axis) offset += index[axis] * desc.strides[axis];
    visit(offset, packed && index.back() % 2 != 0);
    int axis = desc.rank() - 1;
    while (axis >= 0 && ++index[static_cast<size_t>(axis)] == desc.shape[static_cast<size_t>(axis)])
      index[static_cast<size_t>(axis--)] = 0;
    if (axis < 0) return;
  }
}

Bytes random_operand(const TensorDesc& desc, uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes content(static_cast<size_t>(desc.span_bytes()), std::byte{0});
  for_each_element(desc, [&](int64_t offset, bool high) {
    if (!high) put_random(desc.dtype, content.data() + offset, random);
  });
  return content;
}

Bytes magnitudes(const TensorDesc& desc, Bytes content, bool of_integers) {
  if (of_integers) {
    for_each_element(desc, [&](int64_t offset, bool high) {
      std::byte& at = content[static_cast<size_t>(offset)];
      const auto value = static_cast<int>(read_element(desc.dtype, &at, high));
      const bool nibble = desc.dtype == DType::kI4;
      const auto magnitude = static_cast<unsigned>(std::min(std::abs(value), nibble ? 7 : 127));
      if (!nibble)
        at = std::byte(magnitude);
      else
        at = high ? (at & std::byte{0x0f}) | std::byte(magnitude << 4) : (at & std::byte{0xf0}) | std::byte(magnitude);
    });
    return content;
  }
  if (!is_float(desc.dtype)) return content;
  const int64_t size = byte_size(desc.dtype);
  for_each_element(desc, [&](int64_t offset, bool) { content[offset + size - 1] &= std::byte{0x7f}; });
  return content;
}

std::vector<double> elements(const TensorDesc& desc, const Bytes& content) {
  std::vector<double> values;
  for_each_element(desc, [&](int64_t offset, bool high) {
    values.push_back(read_element(desc.dtype, content.data() + offset, high));
  });
  return values;
}

bool gaps_are_equal(const TensorDesc& desc, Bytes a, Bytes b) {
  const int64_t size = bytes_for(desc.dtype, 1);
  for_each_element(desc, [&](int64_t offset, bool) {
    for (Bytes* bytes : {&a, &b}) std::fill_n(bytes->begin() + offset, size, std::byte{0});
  });
  return a == b;
}

}  // namespace systole::conformance
