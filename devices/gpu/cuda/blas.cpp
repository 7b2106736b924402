// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/cuda/blas.h"

#include <cstdlib>
#include <vector>

#include "devices/gpu/cuda/shared_library.h"

namespace systole::gpu::cuda {
namespace {

// Newest first, as toolkits name them, then where they lie without being known to the loader.
constexpr const char* kNames[] = {
    "libcublasLt.so.13",
    "libcublasLt.so.12",
    "libcublasLt.so.11",
    "libcublasLt.so",
    "/usr/local/cuda/lib64/libcublasLt.so",
    "/usr/local/cuda-12/lib64/libcublasLt.so",
    "/usr/local/cuda-11/lib64/libcublasLt.so",
};

// False where it is not there, or lacks a function.
bool load_from(const char* name, Blas& blas) {
  SharedLibrary library(name);
#define SYSTOLE_CUBLASLT_LOAD(result, name, arguments) library.load(blas.name, #name);
  SYSTOLE_CUBLASLT_FUNCTIONS(SYSTOLE_CUBLASLT_LOAD)
#undef SYSTOLE_CUBLASLT_LOAD
  return library.whole();
}

Result<Blas> find(int driver_version) {
  std::vector<const char*> names(std::begin(kNames), std::end(kNames));
  if (const char* chosen = std::getenv("SYSTOLE_CUBLASLT")) names = {chosen};
  std::string too_new, tried;
  for (const char* name : names) {
    tried += (tried.empty() ? "" : ", ") + std::string(name);
    Blas blas;
    if (!load_from(name, blas)) continue;
    if (static_cast<int>(blas.cublasLtGetVersion() / 10000) <= driver_version / 1000) return blas;
    too_new = std::string(name) + " is cuBLASLt " + blas.version() + ", the driver of CUDA " +
              std::to_string(driver_version / 1000) + "; ";
  }
  return Status(Code::kUnavailable, "no cuBLASLt for this CUDA driver (" + too_new + "tried " + tried +
                                        "): install libcublasLt of CUDA 11 to 13, or name the library in "
                                        "SYSTOLE_CUBLASLT");
}

}  // namespace

std::string Blas::version() const {
  const size_t number = cublasLtGetVersion();
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." + std::to_string(number % 100);
}

std::string Blas::status_name(int status) const {
  const char* name = cublasLtGetStatusName(status);
  return std::string(name != nullptr ? name : "an error of no name") + " (" + std::to_string(status) + ")";
}

Result<const Blas*> load_blas(int driver_version) {
  static const Result<Blas> found = find(driver_version);
  if (!found.ok()) return found.status();
  return &found.value();
}

}  // namespace systole::gpu::cuda
