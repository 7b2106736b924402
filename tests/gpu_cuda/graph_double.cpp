// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Graphs of CUDA's driver, captured from streams; a driver's double without this file is one of before CUDA 11.4.
#include "tests/gpu_cuda/controls.h"
#include "tests/gpu_cuda/driver_state.h"

struct CUgraphExec_st {
  CUcontext context = nullptr;
  DoubleCommands commands;
};

namespace {

constexpr auto kWrongCapture = static_cast<CUresult>(901);
int64_t graphs = 0, graph_launches = 0;

template <typename T>
CUresult destroy(T* object) {
  std::lock_guard lock(mutex);
  --graphs;
  delete object;
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

int64_t double_graphs() { return graphs; }
int64_t double_graph_launches() { return graph_launches; }

CUresult cuStreamBeginCapture_v2(CUstream stream, int) {
  return in_context("cuStreamBeginCapture", [&] {
    if (stream->captured != nullptr) return kInvalidValue;
    stream->captured = new CUgraph_st;
    stream->captured_wrong = false;
    ++graphs;
    return CUDA_SUCCESS;
  });
}

// Ends the capture, whatever comes of it.
CUresult cuStreamEndCapture(CUstream stream, CUgraph_st** graph) {
  std::lock_guard lock(mutex);
  CUgraph_st* made = std::exchange(stream->captured, nullptr);
  *graph = nullptr;
  const CUresult error = in_context("cuStreamEndCapture", [&] {
    if (made == nullptr) return kInvalidValue;
    return stream->captured_wrong ? kWrongCapture : CUDA_SUCCESS;
  });
  if (error == CUDA_SUCCESS)
    *graph = made;
  else if (made != nullptr)
    destroy(made);
  return error;
}

CUresult cuGraphDestroy(CUgraph_st* graph) { return destroy(graph); }

CUresult cuGraphInstantiateWithFlags(CUgraphExec_st** made, CUgraph_st* graph, unsigned long long) {
  return in_context("cuGraphInstantiateWithFlags", [&] {
    *made = new CUgraphExec_st{current.back(), graph->commands};
    ++graphs;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphExecDestroy(CUgraphExec_st* graph) { return destroy(graph); }

CUresult cuGraphLaunch(CUgraphExec_st* graph, CUstream stream) {
  return in_context("cuGraphLaunch", [&] {
    if (graph->context != stream->context) return kInvalidValue;
    ++graph_launches;
    return ask(stream, [commands = graph->commands] {
      for (const auto& command : commands)
        if (const CUresult error = command(); error != CUDA_SUCCESS) return error;
      return CUDA_SUCCESS;
    });
  });
}

}  // extern "C"
