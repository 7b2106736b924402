// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tensors in files: NumPy's .npy and ONNX's TensorProto, told apart by content.
#pragma once

#include <string>

#include "graph/host_tensor.h"
#include "hal/status.h"

namespace systole::graph {

// kDataLoss for a file that is truncated, corrupt, or longer than its shape says; kUnsupported for types without a
// DType and for big-endian arrays. Arrays in Fortran order come back row-major.
Result<HostTensor> read_tensor_file(const std::string& path);

// Replaces `path` whole or not at all. bf16 is written as f32 (NumPy has none); other types without a NumPy name:
// kUnsupported.
Status write_npy(const HostTensor& tensor, const std::string& path);
Status write_tensor_proto(const HostTensor& tensor, const std::string& name, const std::string& path);

}  // namespace systole::graph
