// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Kernels from source or from a binary of an earlier build.
#include "devices/gpu/opencl/objects.h"

namespace systole::gpu::opencl {
namespace {

std::string options_of(const Shared& shared) {
  cl_device_fp_config single = 0;
  shared.api->clGetDeviceInfo(shared.device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof single, &single, nullptr);
  std::string options = "-cl-std=CL1.2 -w";  // what compilers warn of would go to standard error
  if (single & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) options += " -cl-fp32-correctly-rounded-divide-sqrt";
  return options;
}

std::string log_of(const Shared& shared, cl_program program) {
  size_t size = 0;
  const auto get = [&](size_t room, void* to, size_t* need) {
    return shared.api->clGetProgramBuildInfo(program, shared.device, CL_PROGRAM_BUILD_LOG, room, to, need);
  };
  if (get(0, nullptr, &size) != CL_SUCCESS || size < 2) return "no log";
  std::string log(size, '\0');
  if (get(size, log.data(), nullptr) != CL_SUCCESS) return "no log";
  return log.substr(0, log.find('\0'));
}

cl_int build(const Shared& shared, cl_program program) {
  return shared.api->clBuildProgram(program, 1, &shared.device, options_of(shared).c_str(), nullptr, nullptr);
}

constexpr std::byte kKept{1};

// Empty where the binary is none of this driver's.
Handle<cl_program> from_binary(const Shared& shared, const std::vector<std::byte>& binary) {
  if (binary.empty() || shared.keeps_kernels) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(binary.data());
  const size_t size = binary.size();
  cl_int state = CL_SUCCESS, error = CL_SUCCESS;
  Handle<cl_program> program(
      shared.api->clCreateProgramWithBinary(shared.context.get(), 1, &shared.device, &size, &bytes, &state, &error),
      shared.api->clReleaseProgram);
  if (error != CL_SUCCESS || state != CL_SUCCESS || !program || build(shared, program.get()) != CL_SUCCESS) return {};
  return program;
}

Result<Handle<cl_program>> from_source(const Shared& shared, const ProgramSource& source) {
  std::string text;
  for (const auto& [name, value] : source.macros) text += "#define " + name + " " + value + "\n";
  text += source.text;
  const char* first = text.c_str();
  cl_int error = CL_SUCCESS;
  Handle<cl_program> program(shared.api->clCreateProgramWithSource(shared.context.get(), 1, &first, nullptr, &error),
                             shared.api->clReleaseProgram);
  SYSTOLE_RETURN_IF_ERROR(status_of(error, "kernel program '" + source.name + "'"));
  error = build(shared, program.get());
  if (error == CL_SUCCESS) return program;
  const Status status = status_of(error, "kernel program '" + source.name + "' does not build on " + shared.facts.name);
  return Status(status.code(), status.message() + "\n" + log_of(shared, program.get()));
}

// Empty where the runtime gives none; a mark, which is no program, where it keeps kernels itself.
std::vector<std::byte> binary_of(const Shared& shared, cl_program program) {
  if (shared.keeps_kernels) return {kKept};
  size_t size = 0;
  if (shared.api->clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr) != CL_SUCCESS)
    return {};
  std::vector<std::byte> binary(size);
  std::byte* target = binary.data();
  if (size == 0 ||
      shared.api->clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof target, &target, nullptr) != CL_SUCCESS)
    return {};
  return binary;
}

}  // namespace

Result<std::shared_ptr<Kernel>> build_kernel(std::shared_ptr<Shared> shared, const ProgramSource& source,
                                             const std::string& entry, std::vector<std::byte>& binary) {
  Handle<cl_program> program = from_binary(*shared, binary);
  if (!program) {
    SYSTOLE_ASSIGN_OR_RETURN(program, from_source(*shared, source));
    binary = binary_of(*shared, program.get());
  }
  cl_int error = CL_SUCCESS;
  Handle<cl_kernel> kernel(shared->api->clCreateKernel(program.get(), entry.c_str(), &error),
                           shared->api->clReleaseKernel);
  const std::string name = source.name + "." + entry;
  SYSTOLE_RETURN_IF_ERROR(status_of(error, "kernel '" + name + "'"));
  return std::shared_ptr<Kernel>(
      std::make_shared<ClKernel>(std::move(shared), std::move(program), std::move(kernel), entry, name));
}

}  // namespace systole::gpu::opencl
