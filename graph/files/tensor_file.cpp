// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/files/tensor_file.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "graph/files/npy.h"
#include "graph/onnx/tensor.h"
#include "hal/guard.h"

namespace systole::graph {
namespace {

Status write_whole(const std::string& bytes, const std::string& path) {
  std::string temporary = path + ".tmp" + std::to_string(::getpid());
  bool written = false;
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    written = file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())) && file.flush();
  }
  std::error_code error;
  if (written) std::filesystem::rename(temporary, path, error);
  if (written && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  return Status(Code::kUnavailable, path + ": cannot be written");
}

}  // namespace

Result<HostTensor> read_tensor_file(const std::string& path) {
  return guarded(path, [&]() -> Result<HostTensor> {
    std::error_code error;
    std::ifstream file(path, std::ios::binary);
    if (!std::filesystem::is_regular_file(path, error) || !file)
      return Status(Code::kNotFound, path + ": no such file");
    std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (bytes.empty())
      return Status(Code::kDataLoss, path + ": empty file; expected a .npy array or an ONNX TensorProto");
    if (bytes.size() < kNpyMagic.size() && kNpyMagic.starts_with(bytes))
      return Status(Code::kDataLoss, path + ": truncated .npy header");
    return bytes.starts_with(kNpyMagic) ? parse_npy(bytes, path) : parse_tensor_proto(bytes, path);
  });
}

Status write_npy(const HostTensor& tensor, const std::string& path) {
  SYSTOLE_ASSIGN_OR_RETURN(std::string bytes, format_npy(tensor, path));
  return write_whole(bytes, path);
}

Status write_tensor_proto(const HostTensor& tensor, const std::string& name, const std::string& path) {
  SYSTOLE_ASSIGN_OR_RETURN(std::string bytes, format_tensor_proto(tensor, name));
  return write_whole(bytes, path);
}

}  // namespace systole::graph
