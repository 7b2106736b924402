// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/tensor.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "graph/constants.h"

namespace systole::graph {
namespace {

struct TypePair {
  int onnx;
  DType dtype;
};
constexpr TypePair kTypes[] = {{onnx::TensorProto::FLOAT, DType::kF32},
                               {onnx::TensorProto::DOUBLE, DType::kF64},
                               {onnx::TensorProto::FLOAT16, DType::kF16},
                               {onnx::TensorProto::BFLOAT16, DType::kBF16},
                               {17, DType::kF8E4M3},
                               {19, DType::kF8E5M2},
                               {onnx::TensorProto::INT64, DType::kI64},
                               {onnx::TensorProto::INT32, DType::kI32},
                               {onnx::TensorProto::INT16, DType::kI16},
                               {onnx::TensorProto::INT8, DType::kI8},
                               {onnx::TensorProto::UINT64, DType::kU64},
                               {onnx::TensorProto::UINT32, DType::kU32},
                               {onnx::TensorProto::UINT16, DType::kU16},
                               {onnx::TensorProto::UINT8, DType::kU8},
                               {22, DType::kI4},
                               {21, DType::kU4},
                               {onnx::TensorProto::BOOL, DType::kBool}};

Status count_error(const std::string& what, size_t got, int64_t expected, const char* unit) {
  return Status(Code::kDataLoss,
                what + ": holds " + std::to_string(got) + " " + unit + ", its shape needs " + std::to_string(expected));
}

// Resolves symbolic links too: nothing outside the model's folder is ever read.
Result<std::filesystem::path> external_path(const std::string& folder, const std::string& location,
                                            const std::string& what) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path base = fs::weakly_canonical(folder.empty() ? fs::path(".") : fs::path(folder), error);
  fs::path relative(location);
  fs::path full = error ? fs::path() : fs::weakly_canonical(base / relative, error);
  if (error) return Status(Code::kDataLoss, what + ": external data '" + location + "': " + error.message());
  auto inside = full.lexically_relative(base);
  if (location.empty() || relative.is_absolute() || inside.empty() || *inside.begin() == "..") {
    return Status(Code::kInvalidArgument,
                  what + ": external data '" + location + "' leaves the model's folder: refused");
  }
  return full;
}

Status read_external(const onnx::TensorProto& tensor, const std::string& folder, const std::string& what,
                     int64_t needed, std::vector<std::byte>& out) {
  std::string location;
  int64_t offset = 0, length = -1;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location")
      location = entry.value();
    else if (entry.key() == "offset" || entry.key() == "length") {
      char* end = nullptr;
      int64_t number = std::strtoll(entry.value().c_str(), &end, 10);
      if (entry.value().empty() || *end != '\0' || number < 0) {
        return Status(Code::kInvalidArgument,
                      what + ": external data " + entry.key() + " '" + entry.value() + "' is no number of bytes");
      }
      (entry.key() == "offset" ? offset : length) = number;
    }
  }
  SYSTOLE_ASSIGN_OR_RETURN(auto path, external_path(folder, location, what));
  if (length >= 0 && length != needed)
    return count_error(what, static_cast<size_t>(length), needed, "bytes of external data");
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Status(Code::kDataLoss, what + ": external data file '" + location + "' is missing");
  }
  int64_t size = static_cast<int64_t>(std::filesystem::file_size(path, error));
  if (error || offset > size || needed > size - offset) {
    return Status(Code::kDataLoss, what + ": external data file '" + location + "' is short: needs " +
                                       std::to_string(needed) + " bytes at " + std::to_string(offset) + ", has " +
                                       std::to_string(size));
  }
  out.resize(static_cast<size_t>(needed));
  std::ifstream file(path, std::ios::binary);
  file.seekg(offset);
  if (!file.read(reinterpret_cast<char*>(out.data()), needed)) {
    return Status(Code::kDataLoss, what + ": cannot read external data file '" + location + "'");
  }
  return {};
}

template <typename Field>
Status copy_typed(const Field& field, HostTensor& out, int64_t count, const std::string& what) {
  if (field.size() != count) return count_error(what, static_cast<size_t>(field.size()), count, "elements");
  out.data.resize(static_cast<size_t>(bytes_for(out.dtype, count)));
  for (int64_t i = 0; i < count; ++i) {
    auto value = field.Get(static_cast<int>(i));
    if constexpr (std::is_floating_point_v<decltype(value)>) {
      store_real(out.dtype, out.data.data(), i, value);
    } else if (out.dtype == DType::kF16 || out.dtype == DType::kBF16) {  // int32_data holds their bits
      store_int(DType::kU16, out.data.data(), i, static_cast<int64_t>(value));
    } else if (bit_width(out.dtype) == 8 && is_float(out.dtype)) {
      store_int(DType::kU8, out.data.data(), i, static_cast<int64_t>(value));
    } else {
      store_int(out.dtype, out.data.data(), i, static_cast<int64_t>(value));
    }
  }
  return {};
}

Status read_typed(const onnx::TensorProto& tensor, HostTensor& out, int64_t count, const std::string& what) {
  if (bit_width(out.dtype) == 4) return Status(Code::kUnsupported, what + ": 4-bit elements outside raw_data");
  switch (out.dtype) {
    case DType::kF32:
      return copy_typed(tensor.float_data(), out, count, what);
    case DType::kF64:
      return copy_typed(tensor.double_data(), out, count, what);
    case DType::kI64:
      return copy_typed(tensor.int64_data(), out, count, what);
    case DType::kU64:
    case DType::kU32:
      return copy_typed(tensor.uint64_data(), out, count, what);
    default:
      return copy_typed(tensor.int32_data(), out, count, what);
  }
}

}  // namespace

std::optional<DType> dtype_of_onnx(int data_type) {
  for (const auto& pair : kTypes) {
    if (pair.onnx == data_type) return pair.dtype;
  }
  return std::nullopt;
}

int onnx_of_dtype(DType type) {
  for (const auto& pair : kTypes) {
    if (pair.dtype == type) return pair.onnx;
  }
  return 0;
}

std::string onnx_type_name(int data_type) {
  if (onnx::TensorProto::DataType_IsValid(data_type)) {
    return onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(data_type));
  }
  return "type " + std::to_string(data_type);
}

bool has_tensor_data(const onnx::TensorProto& t) {
  return t.has_raw_data() || t.data_location() == onnx::TensorProto::EXTERNAL || t.float_data_size() > 0 ||
         t.double_data_size() > 0 || t.int32_data_size() > 0 || t.int64_data_size() > 0 || t.uint64_data_size() > 0 ||
         t.string_data_size() > 0;
}

Result<HostTensor> read_tensor_proto(const onnx::TensorProto& tensor, const std::string& folder,
                                     const std::string& what) {
  auto dtype = dtype_of_onnx(tensor.data_type());
  if (!dtype)
    return Status(Code::kUnsupported,
                  what + ": elements of " + onnx_type_name(tensor.data_type()) + " are not supported");
  HostTensor out;
  out.dtype = *dtype;
  out.shape.assign(tensor.dims().begin(), tensor.dims().end());
  SYSTOLE_ASSIGN_OR_RETURN(int64_t count, checked_elements(out.shape, what));
  size_t bytes = static_cast<size_t>(bytes_for(out.dtype, count));
  if (tensor.has_raw_data() && tensor.raw_data().size() != bytes) {
    return count_error(what, tensor.raw_data().size(), static_cast<int64_t>(bytes), "bytes");
  }
  if (bytes > 0 && !has_tensor_data(tensor)) return count_error(what, 0, count, "elements");
  // Memory is taken once there is as much data as the shape says.
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    SYSTOLE_RETURN_IF_ERROR(read_external(tensor, folder, what, static_cast<int64_t>(bytes), out.data));
  } else if (tensor.has_raw_data()) {
    out.data.resize(bytes);
    if (bytes > 0) std::memcpy(out.data.data(), tensor.raw_data().data(), bytes);
  } else {
    SYSTOLE_RETURN_IF_ERROR(read_typed(tensor, out, count, what));
  }
  return out;
}

Result<HostTensor> parse_tensor_proto(const std::string& bytes, const std::string& what) {
  try {
    google::protobuf::LogSilencer silent;
    onnx::TensorProto proto;
    if (!proto.ParseFromString(bytes) || !proto.has_data_type()) {
      return Status(Code::kDataLoss,
                    what + ": neither a .npy array nor a whole ONNX TensorProto (truncated or corrupt)");
    }
    if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
      return Status(Code::kUnsupported, what + ": its data is in another file");
    }
    return read_tensor_proto(proto, "", what);
  } catch (const std::exception& error) {
    return Status(Code::kDataLoss, what + ": " + error.what());
  }
}

Result<std::string> format_tensor_proto(const HostTensor& tensor, const std::string& name) {
  if (onnx_of_dtype(tensor.dtype) == 0)
    return Status(Code::kUnsupported, std::string("ONNX has no ") + dtype_name(tensor.dtype));
  onnx::TensorProto proto;
  fill_tensor_proto(proto, name, tensor.dtype, tensor.shape, tensor.data.data(), tensor.data.size());
  return proto.SerializeAsString();
}

void fill_tensor_proto(onnx::TensorProto& tensor, const std::string& name, DType dtype, const Shape& shape,
                       const void* data, size_t bytes) {
  tensor.set_name(name);
  tensor.set_data_type(onnx_of_dtype(dtype));
  for (int64_t extent : shape) tensor.add_dims(extent);
  tensor.set_raw_data(data, bytes);
}

}  // namespace systole::graph
