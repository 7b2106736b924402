// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The driver double's state, and what each of its functions does first.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/gpu_cuda/block_double.h"

struct CUctx_st {
  CUresult state = CUDA_SUCCESS;  // sticky
};
struct CUmod_st {
  void* library = nullptr;
};
struct CUfunc_st {
  CUmodule module = nullptr;
  DoubleKernel* kernel = nullptr;
  DoubleThread* thread = nullptr;
  bool has_barrier = false;
};
struct CUevent_st {
  CUstream stream = nullptr;  // that it was recorded in
  uint64_t number = 0;        // of the command there
  bool timed = true, done = true, recorded = false;
  std::chrono::steady_clock::time_point time;
};
using DoubleCommands = std::deque<std::function<CUresult()>>;
struct CUgraph_st {
  DoubleCommands commands;
};
struct CUstream_st {
  CUcontext context = nullptr;
  DoubleCommands commands;
  uint64_t asked = 0, done = 0;
  CUgraph_st* captured = nullptr;  // takes the commands while there is one
  bool captured_wrong = false;     // something was asked that a capture does not allow
};

// A name of its own: what is inline here would be one with what others call so in the process.
namespace cuda_double {

inline constexpr int64_t kMemoryBytes = int64_t{8} << 30;
inline constexpr auto kInvalidValue = static_cast<CUresult>(1);
inline constexpr auto kOutOfMemory = static_cast<CUresult>(2);
inline constexpr auto kInvalidImage = static_cast<CUresult>(200);
inline constexpr auto kInvalidContext = static_cast<CUresult>(201);
inline constexpr auto kNotFound = static_cast<CUresult>(500);
inline constexpr auto kIllegalAddress = static_cast<CUresult>(700);
inline constexpr auto kNotInCapture = static_cast<CUresult>(900);

inline std::recursive_mutex mutex;
inline thread_local std::vector<CUcontext> current;
inline std::string fail_name;
inline int fail_error = 0, fail_after = 0;

// What is to fail, fails.
inline CUresult injected(const char* name) {
  if (fail_name != name || fail_after-- > 0) return CUDA_SUCCESS;
  fail_name.clear();
  return static_cast<CUresult>(fail_error);
}

// Of a call that needs a context.
template <typename Body>
CUresult in_context(const char* name, Body&& body) {
  std::lock_guard lock(mutex);
  if (current.empty()) return kInvalidContext;
  if (current.back()->state != CUDA_SUCCESS) return current.back()->state;
  if (const CUresult error = injected(name); error != CUDA_SUCCESS) return error;
  return body();
}

inline CUresult ask(CUstream stream, std::function<CUresult()> command) {
  if (stream->captured != nullptr) {
    stream->captured->commands.push_back(std::move(command));
    return CUDA_SUCCESS;
  }
  stream->commands.push_back(std::move(command));
  ++stream->asked;
  return CUDA_SUCCESS;
}

// Of a call that no stream allows that is captured from.
inline bool spoils_capture(CUstream stream) {
  if (stream->captured != nullptr) stream->captured_wrong = true;
  return stream->captured != nullptr;
}

}  // namespace cuda_double
using namespace cuda_double;
