// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a tensor file: a tensor as large as its shape says, or a message.
#include "graph/files/tensor_file.h"

#include "fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  const fuzz::MemoryFile file(data, size);
  const auto tensor = graph::read_tensor_file(file.path());
  if (!tensor.ok()) return 0;
  if (static_cast<int64_t>(tensor->data.size()) != bytes_for(tensor->dtype, element_count(tensor->shape))) std::abort();
  return 0;
}
