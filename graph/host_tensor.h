// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A tensor in plain host memory, row-major: what goes into a session and what comes out.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "hal/tensor.h"

namespace systole::graph {

struct HostTensor {
  DType dtype = DType::kF32;
  Shape shape;
  std::vector<std::byte> data;  // bytes_for(dtype, element_count(shape))

  const float* f32() const { return reinterpret_cast<const float*>(data.data()); }  // kF32 only
  float* f32() { return reinterpret_cast<float*>(data.data()); }
};
using TensorMap = std::map<std::string, HostTensor>;  // by the graph's input or output name

inline HostTensor make_host_tensor(DType dtype, Shape shape) {
  HostTensor tensor{dtype, std::move(shape), {}};
  tensor.data.resize(static_cast<size_t>(bytes_for(dtype, element_count(tensor.shape))));
  return tensor;
}

}  // namespace systole::graph
