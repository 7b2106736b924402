// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/cuda/nvrtc.h"

#include <algorithm>
#include <cstdlib>

#include "devices/gpu/cuda/shared_library.h"

namespace systole::gpu::cuda {
namespace {

// Newest first, as toolkits name them, then where they lie without being known to the loader.
constexpr const char* kNames[] = {
    "libnvrtc.so.13",
    "libnvrtc.so.12",
    "libnvrtc.so.11.2",  // of 11.2 to 11.8
    "libnvrtc.so",
    "/usr/local/cuda/lib64/libnvrtc.so",
    "/usr/local/cuda-12/lib64/libnvrtc.so",
    "/usr/local/cuda-11/lib64/libnvrtc.so",
};

// False where it lacks a function: older than CUDA 11.2.
bool load_from(const char* name, Nvrtc& nvrtc) {
  SharedLibrary library(name);
#define SYSTOLE_NVRTC_LOAD(function) library.load(nvrtc.function, #function)
  SYSTOLE_NVRTC_LOAD(nvrtcVersion);
  SYSTOLE_NVRTC_LOAD(nvrtcGetNumSupportedArchs);
  SYSTOLE_NVRTC_LOAD(nvrtcGetSupportedArchs);
  SYSTOLE_NVRTC_LOAD(nvrtcGetErrorString);
  SYSTOLE_NVRTC_LOAD(nvrtcCreateProgram);
  SYSTOLE_NVRTC_LOAD(nvrtcDestroyProgram);
  SYSTOLE_NVRTC_LOAD(nvrtcCompileProgram);
  SYSTOLE_NVRTC_LOAD(nvrtcGetProgramLogSize);
  SYSTOLE_NVRTC_LOAD(nvrtcGetProgramLog);
  SYSTOLE_NVRTC_LOAD(nvrtcGetCUBINSize);
  SYSTOLE_NVRTC_LOAD(nvrtcGetCUBIN);
  SYSTOLE_NVRTC_LOAD(nvrtcGetPTXSize);
  SYSTOLE_NVRTC_LOAD(nvrtcGetPTX);
#undef SYSTOLE_NVRTC_LOAD
  int count = 0;
  if (!library.whole() || nvrtc.nvrtcVersion(&nvrtc.major, &nvrtc.minor) != 0 ||
      nvrtc.nvrtcGetNumSupportedArchs(&count) != 0)
    return false;
  nvrtc.archs.resize(static_cast<size_t>(count));
  if (nvrtc.nvrtcGetSupportedArchs(nvrtc.archs.data()) != 0) return false;
  std::sort(nvrtc.archs.begin(), nvrtc.archs.end());
  return true;
}

std::string version_of(const Nvrtc& nvrtc) { return std::to_string(nvrtc.major) + "." + std::to_string(nvrtc.minor); }

Result<Nvrtc> find(int driver_version) {
  std::vector<const char*> names(std::begin(kNames), std::end(kNames));
  if (const char* chosen = std::getenv("SYSTOLE_NVRTC")) names = {chosen};
  std::string too_new, tried;
  for (const char* name : names) {
    tried += (tried.empty() ? "" : ", ") + std::string(name);
    Nvrtc nvrtc;
    if (!load_from(name, nvrtc)) continue;
    // Code of a later major version of CUDA than the driver's does not load.
    if (nvrtc.major <= driver_version / 1000) return nvrtc;
    too_new = std::string(name) + " is of CUDA " + version_of(nvrtc);
  }
  if (!too_new.empty())
    return Status(Code::kUnavailable, "no NVRTC for this CUDA driver: " + too_new + ", the driver of " +
                                          std::to_string(driver_version / 1000) +
                                          ": install an older NVRTC, or a newer driver");
  return Status(Code::kUnavailable, "no NVRTC, which compiles kernels (" + tried +
                                        "): install libnvrtc of CUDA 11.2 to 13 (Debian's non-free: libnvrtc11.2), or "
                                        "name the library in SYSTOLE_NVRTC");
}

std::string log_of(const Nvrtc& nvrtc, nvrtcProgram program) {
  size_t bytes = 0;
  if (nvrtc.nvrtcGetProgramLogSize(program, &bytes) != 0 || bytes < 2) return "no log";
  std::string log(bytes, '\0');
  if (nvrtc.nvrtcGetProgramLog(program, log.data()) != 0) return "no log";
  return log.substr(0, log.find('\0'));
}

}  // namespace

Result<const Nvrtc*> load_nvrtc(int driver_version) {
  static const Result<Nvrtc> found = find(driver_version);
  if (!found.ok()) return found.status();
  return &found.value();
}

Result<Target> target_for(const Nvrtc& nvrtc, int arch) {
  const auto after = std::upper_bound(nvrtc.archs.begin(), nvrtc.archs.end(), arch);
  if (after == nvrtc.archs.begin())
    return Status(Code::kUnsupported, "compute capability " + std::to_string(arch / 10) + "." +
                                          std::to_string(arch % 10) + " is older than NVRTC " + version_of(nvrtc) +
                                          " compiles for");
  return Target{after[-1], after[-1] != arch};
}

Result<std::vector<std::byte>> compile(const Nvrtc& nvrtc, const Target& target, const ProgramSource& source) {
  const std::string what = "kernel program '" + source.name + "'";
  std::string text;
  for (const auto& [name, value] : source.macros) text += "#define " + name + " " + value + "\n";
  text += source.text;
  nvrtcProgram program = nullptr;
  int result = nvrtc.nvrtcCreateProgram(&program, text.c_str(), (source.name + ".cu").c_str(), 0, nullptr, nullptr);
  if (result != 0) return Status(Code::kInternal, what + ": " + nvrtc.nvrtcGetErrorString(result));
  // No contraction: sums are those of hal/numeric.
  const std::string architecture = "--gpu-architecture=" + target.name();
  const char* options[] = {architecture.c_str(), "--fmad=false"};
  std::vector<std::byte> image;
  std::string log;
  result = nvrtc.nvrtcCompileProgram(program, static_cast<int>(std::size(options)), options);
  if (result != 0) {
    log = "\n" + log_of(nvrtc, program);
  } else {
    size_t bytes = 0;
    result = target.is_ptx ? nvrtc.nvrtcGetPTXSize(program, &bytes) : nvrtc.nvrtcGetCUBINSize(program, &bytes);
    image.resize(bytes);
    auto* to = reinterpret_cast<char*>(image.data());
    if (result == 0) result = target.is_ptx ? nvrtc.nvrtcGetPTX(program, to) : nvrtc.nvrtcGetCUBIN(program, to);
  }
  nvrtc.nvrtcDestroyProgram(&program);
  if (result == 0) return image;
  return Status(Code::kInternal,
                what + " does not build for " + target.name() + ": " + nvrtc.nvrtcGetErrorString(result) + log);
}

}  // namespace systole::gpu::cuda
