// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The serial loops of hal/op.h, one function an op. Operands have passed validate() and the device's `supports`.
#pragma once

#include <span>

#include "hal/host_device.h"

namespace systole::ref {

using Tensors = std::span<const HostTensor>;

void run(const Matmul& op, Tensors inputs, const HostTensor& y);
void run(const Conv2d& op, Tensors inputs, const HostTensor& y);
void run(const Pool& op, Tensors inputs, const HostTensor& y);
void run(const Unary& op, Tensors inputs, const HostTensor& y);
void run(const Binary& op, Tensors inputs, const HostTensor& y);
void run(const Select& op, Tensors inputs, const HostTensor& y);
void run(const Reduce& op, Tensors inputs, const HostTensor& y);
void run(const Softmax& op, Tensors inputs, const HostTensor& y);
void run(const Normalize& op, Tensors inputs, const HostTensor& y);
void run(const Attention& op, Tensors inputs, const HostTensor& y);
void run(const Copy& op, Tensors inputs, const HostTensor& y);
void run(const Fill& op, Tensors inputs, const HostTensor& y);
void run(const Cast& op, Tensors inputs, const HostTensor& y);

}  // namespace systole::ref
