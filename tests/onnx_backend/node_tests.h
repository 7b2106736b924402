// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX's own backend tests as Debian's libonnx-testdata installs them: a model, inputs, and the outputs it must give.
#pragma once

#include <string>
#include <vector>

#include "graph/host_tensor.h"

namespace systole::graph::testing {

inline constexpr const char* kTestData = "/usr/share/libonnx-testdata/data";

struct DataSet {
  std::vector<HostTensor> inputs, outputs;  // in the order of the model's
};

struct BackendTest {
  std::string name;                          // "node/test_add"
  std::string path;                          // of the model
  std::string op;                            // its first operator; of a whole network: "(network)"
  std::string reason;                        // why it cannot be run at all: types without a DType
  std::vector<std::string> inputs, outputs;  // names, without initializers
  std::vector<DataSet> sets;
};

// Every test of the folders node, simple, pytorch-converted and pytorch-operator, by name.
std::vector<std::string> backend_test_folders();
BackendTest read_backend_test(const std::string& folder);

}  // namespace systole::graph::testing
