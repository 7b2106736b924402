// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/files/npy.h"

#include <cstring>
#include <optional>

#include "graph/constants.h"

namespace systole::graph {
namespace {

struct TypeName {
  const char* name;  // without the byte order
  DType dtype;
};
constexpr TypeName kNames[] = {{"f8", DType::kF64}, {"f4", DType::kF32}, {"f2", DType::kF16}, {"i8", DType::kI64},
                               {"i4", DType::kI32}, {"i2", DType::kI16}, {"i1", DType::kI8},  {"u8", DType::kU64},
                               {"u4", DType::kU32}, {"u2", DType::kU16}, {"u1", DType::kU8},  {"b1", DType::kBool}};

// The text behind 'key': in the header's dictionary, or nothing.
std::optional<std::string_view> entry(std::string_view header, std::string_view key) {
  size_t at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos) return std::nullopt;
  at = header.find(':', at + key.size() + 2);
  if (at == std::string_view::npos) return std::nullopt;
  at = header.find_first_not_of(' ', at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  return header.substr(at);
}

Status bad_header(const std::string& what, const std::string& why) {
  return Status(Code::kDataLoss, what + ": bad .npy header: " + why);
}

Result<DType> parse_descr(std::string_view header, const std::string& what) {
  auto text = entry(header, "descr");
  if (!text || text->size() < 5 || (*text)[0] != '\'') return bad_header(what, "no 'descr'");
  std::string descr(text->substr(1, text->find('\'', 1) == std::string_view::npos ? 0 : text->find('\'', 1) - 1));
  if (descr.size() >= 2 && descr[0] == '>')
    return Status(Code::kUnsupported, what + ": big-endian array ('" + descr + "')");
  for (const auto& name : kNames) {
    if (descr.size() == 3 && descr.substr(1) == name.name) return name.dtype;
  }
  return Status(Code::kUnsupported, what + ": elements of NumPy type '" + descr + "'");
}

Result<Shape> parse_shape(std::string_view header, const std::string& what) {
  auto text = entry(header, "shape");
  if (!text || (*text)[0] != '(') return bad_header(what, "no 'shape'");
  Shape shape;
  for (size_t at = 1;;) {
    while (at < text->size() && ((*text)[at] == ' ' || (*text)[at] == ',')) ++at;
    if (at >= text->size()) return bad_header(what, "'shape' does not end");
    if ((*text)[at] == ')') return shape;
    int64_t extent = 0;
    size_t digits = 0;
    for (; at < text->size() && (*text)[at] >= '0' && (*text)[at] <= '9' && digits < 18; ++at, ++digits)
      extent = extent * 10 + ((*text)[at] - '0');
    if (digits == 0) return bad_header(what, "'shape' holds no number");
    shape.push_back(extent);
  }
}

void to_row_major(HostTensor& tensor) {
  std::vector<std::byte> source = std::move(tensor.data);
  tensor.data.resize(source.size());
  size_t element = static_cast<size_t>(byte_size(tensor.dtype)), rank = tensor.shape.size();
  std::vector<size_t> index(rank, 0), strides(rank, 1);
  for (size_t i = 1; i < rank; ++i) strides[i] = strides[i - 1] * static_cast<size_t>(tensor.shape[i - 1]);
  size_t from = 0;
  for (size_t at = 0; at < source.size(); at += element) {
    std::memcpy(tensor.data.data() + at, source.data() + from * element, element);
    for (size_t axis = rank; axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < static_cast<size_t>(tensor.shape[axis])) break;
      from -= strides[axis] * static_cast<size_t>(tensor.shape[axis]);
      index[axis] = 0;
    }
  }
}

}  // namespace

Result<HostTensor> parse_npy(const std::string& bytes, const std::string& what) {
  auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 10) return bad_header(what, "truncated");
  size_t version = byte(6), begin = version == 1 ? 10 : 12;
  if (version < 1 || version > 3) return Status(Code::kUnsupported, what + ": .npy version " + std::to_string(version));
  if (bytes.size() < begin) return bad_header(what, "truncated");
  size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (bytes.size() - begin < length) return bad_header(what, "truncated");
  std::string_view header(bytes.data() + begin, length);
  HostTensor tensor;
  SYSTOLE_ASSIGN_OR_RETURN(tensor.dtype, parse_descr(header, what));
  SYSTOLE_ASSIGN_OR_RETURN(tensor.shape, parse_shape(header, what));
  auto order = entry(header, "fortran_order");
  if (!order) return bad_header(what, "no 'fortran_order'");
  SYSTOLE_ASSIGN_OR_RETURN(int64_t count, checked_elements(tensor.shape, what));
  size_t expected = static_cast<size_t>(bytes_for(tensor.dtype, count)), got = bytes.size() - begin - length;
  if (got != expected) {
    return Status(Code::kDataLoss, what + ": holds " + std::to_string(got) + " bytes, its shape " +
                                       to_string(tensor.shape) + " needs " + std::to_string(expected));
  }
  tensor.data.resize(expected);
  if (expected > 0) std::memcpy(tensor.data.data(), bytes.data() + begin + length, expected);
  if (order->starts_with("True")) to_row_major(tensor);
  return tensor;
}

Result<std::string> format_npy(const HostTensor& tensor, const std::string& what) {
  if (tensor.dtype == DType::kBF16) {
    HostTensor wide = make_host_tensor(DType::kF32, tensor.shape);
    for (int64_t i = 0; i < element_count(tensor.shape); ++i)
      store_real(DType::kF32, wide.data.data(), i, load_real(DType::kBF16, tensor.data.data(), i));
    return format_npy(wide, what);
  }
  const char* name = nullptr;
  for (const auto& known : kNames)
    if (known.dtype == tensor.dtype) name = known.name;
  if (!name) return Status(Code::kUnsupported, what + ": NumPy has no " + dtype_name(tensor.dtype));
  std::string shape = "(";
  for (int64_t extent : tensor.shape) shape += std::to_string(extent) + ", ";
  if (tensor.shape.size() > 1)
    shape.resize(shape.size() - 2);
  else if (tensor.shape.size() == 1)
    shape.pop_back();
  shape += ")";
  std::string order = byte_size(tensor.dtype) == 1 ? "|" : "<";
  std::string header = "{'descr': '" + order + name + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  std::string bytes(kNpyMagic);
  bytes += '\x01';
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
  return bytes;
}

}  // namespace systole::graph
