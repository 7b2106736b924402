// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops on ref with operands written as plain numbers: for vectors computed by hand.
#pragma once

#include <string>
#include <vector>

#include "hal/op.h"

namespace systole::reftest {

using Numbers = std::vector<double>;

struct Operand {
  TensorDesc desc;
  Numbers values;  // stored values, row-major
};

inline Operand f32(Shape shape, Numbers values) {
  return {row_major(DType::kF32, std::move(shape)), std::move(values)};
}
inline Operand of(DType type, Shape shape, Numbers values, std::shared_ptr<const Quantization> quant = nullptr) {
  return {row_major(type, std::move(shape), std::move(quant)), std::move(values)};
}
inline std::shared_ptr<const Quantization> quant(float scale, int32_t zero) {
  return std::make_shared<Quantization>(Quantization{{scale}, {zero}, -1});
}

std::vector<std::byte> encode(const Operand& operand);
// The stored values of y, row-major. Throws with the status' text when ref refuses.
Numbers run(Op op, const std::vector<Operand>& inputs, TensorDesc y);
// Small integers, exact in every float type; deterministic.
Numbers integers(int64_t count, uint64_t seed, int low, int high);

}  // namespace systole::reftest
