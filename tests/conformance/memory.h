// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Memory helpers of the suite: device buffers filled and read by the host.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hal/buffer.h"
#include "hal/device.h"
#include "hal/tensor.h"

namespace systole::conformance {

using Bytes = std::vector<std::byte>;

std::shared_ptr<Buffer> make_buffer(Device& device, int64_t size, const std::string& name = "buffer");
std::shared_ptr<Buffer> make_buffer(Device& device, std::span<const std::byte> content,
                                    const std::string& name = "buffer");
void write_bytes(Buffer& buffer, int64_t offset, std::span<const std::byte> content);
Bytes read_bytes(Buffer& buffer, int64_t offset, int64_t size);
Bytes pattern_bytes(int64_t size, uint32_t seed);
TensorView byte_view(std::shared_ptr<Buffer> buffer, int64_t offset, int64_t bytes);

}  // namespace systole::conformance
