// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Constants of a graph, and single elements of host memory by type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Element i of a row of i4 or u4. What is stored goes over zeros: bits are set, none cleared.
int64_t load_four_bits(DType type, const std::byte* row, int64_t i);
void store_four_bits(std::byte* row, int64_t i, int64_t value);
// Element i. Reals of integers are exact up to 2^53; integers of floats truncate and saturate. 4-bit types are not
// elements.
double load_real(DType type, const std::byte* data, int64_t i);
int64_t load_int(DType type, const std::byte* data, int64_t i);
void store_real(DType type, std::byte* data, int64_t i, double value);
void store_int(DType type, std::byte* data, int64_t i, int64_t value);

// Bytes of a row-major tensor; rows of 4-bit elements begin on bytes.
int64_t dense_bytes(DType dtype, const Shape& shape);
// The number of elements, or an error for a negative or overflowing shape; `what` names the tensor.
Result<int64_t> checked_elements(const Shape& shape, const std::string& what);

// A constant of zeros, its buffer not yet frozen: fill mutable_bytes, then freeze.
Result<Value> make_constant(std::string name, DType dtype, Shape shape);
std::span<std::byte> mutable_bytes(const Value& constant);
// The bytes of a constant; they live as long as its buffer (constants are plain host memory).
std::span<const std::byte> constant_bytes(const Value& constant);

// From ONNX's order, in which 4-bit elements follow each other across rows.
Result<Value> constant_from(std::string name, const HostTensor& tensor);
// A constant of 4-bit elements with an element a byte, i8 or u8; its quantization stays.
Result<Value> widened_constant(const Value& constant);
// 4-bit types: values in their range.
Result<Value> real_constant(std::string name, DType dtype, Shape shape, const std::vector<double>& values);
std::vector<int64_t> constant_ints(const Value& constant);
std::vector<double> constant_reals(const Value& constant);

}  // namespace systole::graph
