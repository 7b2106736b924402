// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/dtype.h"

#include <cstdlib>

namespace systole {
namespace {

enum class Class : uint8_t { kFloat, kSigned, kUnsigned, kBool };

struct Entry {
  DType type;
  const char* name;
  int bits;
  Class kind;
};

constexpr Entry kEntries[] = {
    {DType::kF64, "f64", 64, Class::kFloat},      {DType::kF32, "f32", 32, Class::kFloat},
    {DType::kF16, "f16", 16, Class::kFloat},      {DType::kBF16, "bf16", 16, Class::kFloat},
    {DType::kF8E4M3, "f8e4m3", 8, Class::kFloat}, {DType::kF8E5M2, "f8e5m2", 8, Class::kFloat},
    {DType::kI64, "i64", 64, Class::kSigned},     {DType::kI32, "i32", 32, Class::kSigned},
    {DType::kI16, "i16", 16, Class::kSigned},     {DType::kI8, "i8", 8, Class::kSigned},
    {DType::kU64, "u64", 64, Class::kUnsigned},   {DType::kU32, "u32", 32, Class::kUnsigned},
    {DType::kU16, "u16", 16, Class::kUnsigned},   {DType::kU8, "u8", 8, Class::kUnsigned},
    {DType::kI4, "i4", 4, Class::kSigned},        {DType::kU4, "u4", 4, Class::kUnsigned},
    {DType::kBool, "bool", 8, Class::kBool},
};

const Entry& entry(DType type) {
  for (const Entry& e : kEntries) {
    if (e.type == type) return e;
  }
  std::abort();
}

}  // namespace

int bit_width(DType type) { return entry(type).bits; }

DType bits_type(DType type) {
  for (const Entry& e : kEntries)
    if (e.bits == bit_width(type) && e.kind == Class::kUnsigned) return e.type;
  std::abort();
}

int64_t byte_size(DType type) {
  int bits = entry(type).bits;
  if (bits < 8) std::abort();
  return bits / 8;
}

int64_t bytes_for(DType type, int64_t elements) { return (elements * entry(type).bits + 7) / 8; }

bool is_float(DType type) { return entry(type).kind == Class::kFloat; }
bool is_signed_integer(DType type) { return entry(type).kind == Class::kSigned; }
bool is_unsigned_integer(DType type) { return entry(type).kind == Class::kUnsigned; }
const char* dtype_name(DType type) { return entry(type).name; }

std::optional<DType> parse_dtype(std::string_view name) {
  for (const Entry& e : kEntries) {
    if (name == e.name) return e.type;
  }
  return std::nullopt;
}

}  // namespace systole
