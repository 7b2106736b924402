// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX's TensorProto and element types, for the graph/onnx_*.cpp files alone.
#pragma once

#include <string>

#include "graph/host_tensor.h"
#include "graph/onnx/types.h"
#include "hal/status.h"

namespace onnx {
class TensorProto;
}

namespace systole::graph {

std::string onnx_type_name(int data_type);

// Whether the tensor holds data at all: raw, typed or external.
bool has_tensor_data(const onnx::TensorProto& tensor);
// `folder` is where external data is looked up; a location that leaves it is refused. `what` names the tensor in
// errors.
Result<HostTensor> read_tensor_proto(const onnx::TensorProto& tensor, const std::string& folder,
                                     const std::string& what);
// A serialized TensorProto, as test data sets hold them.
Result<HostTensor> parse_tensor_proto(const std::string& bytes, const std::string& what);
Result<std::string> format_tensor_proto(const HostTensor& tensor, const std::string& name);
void fill_tensor_proto(onnx::TensorProto& tensor, const std::string& name, DType dtype, const Shape& shape,
                       const void* data, size_t bytes);

}  // namespace systole::graph
