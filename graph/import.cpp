// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/import.h"

#include <algorithm>
#include <fstream>

#include "graph/constants.h"
#include "graph/edit.h"
#include "graph/lower/lowering.h"
#include "graph/onnx/reader.h"
#include "graph/quant/qdq.h"
#include "graph/shape/constant_folding.h"
#include "graph/topology.h"
#include "hal/guard.h"

namespace systole::graph {
namespace {

struct Magic {
  size_t offset;
  std::string_view bytes;
  const char* what;
};
constexpr Magic kOthers[] = {{4, "TFL3", "a TensorFlow Lite model"},
                             {0, "PK\x03\x04", "a ZIP archive (PyTorch checkpoint, NumPy .npz or TorchScript)"},
                             {0, "GGUF", "a GGUF model"},
                             {0, "\x89HDF", "an HDF5 file (Keras)"},
                             {0, "\x93NUMPY", "a NumPy array"},
                             {8, "{\"", "a safetensors file"},
                             {0, "{", "JSON text"},
                             {0,
                              "\x7f"
                              "ELF",
                              "a program"}};
constexpr const char* kExpected = "expected an ONNX model (a protobuf message)";

// ONNX has no magic number: the first byte is the tag of one of ModelProto's fields.
bool may_be_onnx(unsigned char first) {
  int field = first >> 3, wire = first & 7;
  bool number = (field == 1 || field == 5) && wire == 0;
  bool bytes =
      (field == 2 || field == 3 || field == 4 || field == 6 || field == 7 || field == 8 || field == 14) && wire == 2;
  return number || bytes;
}

Status check_content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char head[16] = {};
  file.read(head, sizeof head);
  if (!file && !file.eof()) return Status(Code::kNotFound, path + ": no such file, or it cannot be read");
  std::string_view content(head, static_cast<size_t>(file.gcount()));
  if (content.empty()) return Status(Code::kDataLoss, path + ": empty file; " + kExpected);
  for (const auto& magic : kOthers) {
    if (content.size() >= magic.offset && content.substr(magic.offset).starts_with(magic.bytes)) {
      return Status(Code::kInvalidArgument, path + ": " + magic.what + "; " + kExpected);
    }
  }
  if (may_be_onnx(static_cast<unsigned char>(content[0]))) return {};
  return Status(Code::kInvalidArgument, path + ": unknown content; " + kExpected);
}

Status bind_constants(Graph& graph, const TensorMap& constants) {
  for (const auto& [name, tensor] : constants) {
    const auto found = std::find_if(graph.inputs.begin(), graph.inputs.end(),
                                    [&, &wanted = name](ValueId id) { return graph.at(id).name == wanted; });
    if (found == graph.inputs.end()) return Status(Code::kNotFound, "no input is called '" + name + "'");
    Value& value = graph.at(*found);
    if (value.dtype != tensor.dtype)
      return Status(Code::kInvalidArgument,
                    "input '" + name + "': expected " + dtype_name(value.dtype) + ", got " + dtype_name(tensor.dtype));
    SYSTOLE_ASSIGN_OR_RETURN(value, make_constant(name, tensor.dtype, tensor.shape, tensor.data.data()));
    graph.inputs.erase(found);
  }
  return {};
}

}  // namespace

Result<Graph> import_graph(Graph graph, PassReport* report) {
  return guarded(std::string("import"), [&]() -> Result<Graph> {
    if (graph.lowered) return graph;
    SYSTOLE_RETURN_IF_ERROR(sort_and_check(graph));
    remove_unused_nodes(graph);
    SYSTOLE_RETURN_IF_ERROR(infer_and_fold(graph, report));
    SYSTOLE_RETURN_IF_ERROR(fuse_quantized(graph, report));
    SYSTOLE_RETURN_IF_ERROR(infer_and_fold(graph, report, true));
    SYSTOLE_RETURN_IF_ERROR(lower(graph, report));
    compact_values(graph);
    return graph;
  });
}

Result<Graph> import_model(const std::string& path, const ImportOptions& options, PassReport* report) {
  return guarded(path, [&]() -> Result<Graph> {
    SYSTOLE_RETURN_IF_ERROR(check_content(path));
    SYSTOLE_ASSIGN_OR_RETURN(Graph graph, read_onnx(path, options));
    if (Status bound = bind_constants(graph, options.constants); !bound.ok())
      return Status(bound.code(), path + ": " + bound.message());
    auto imported = import_graph(std::move(graph), report);
    if (!imported.ok()) return Status(imported.status().code(), path + ": " + imported.status().message());
    return imported;
  });
}

}  // namespace systole::graph
