// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/opencl/platforms.h"

#include <algorithm>
#include <string>

#include "devices/gpu/opencl/opencl.h"

namespace systole::gpu {
namespace opencl {
namespace {

template <typename Get, typename Id, typename What>
std::string text_of(Get get, Id id, What what) {
  size_t size = 0;
  if (get(id, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return "";
  std::string text(size, '\0');
  if (get(id, what, size, text.data(), nullptr) != CL_SUCCESS) return "";
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

template <typename T>
int64_t number_of(const Api& api, cl_device_id device, cl_device_info what) {
  T value{};
  return api.clGetDeviceInfo(device, what, sizeof value, &value, nullptr) == CL_SUCCESS ? static_cast<int64_t>(value)
                                                                                        : 0;
}

// "OpenCL 1.2 ..." and later.
bool has_1_2(const std::string& version) { return version.rfind("OpenCL ", 0) == 0 && version.substr(7, 3) >= "1.2"; }

Found describe(const Api& api, cl_platform_id platform, cl_device_id device) {
  Found found;
  found.device = device;
  Facts& facts = found.facts;
  facts.provider = "opencl";
  facts.name = text_of(api.clGetDeviceInfo, device, CL_DEVICE_NAME);
  facts.driver = text_of(api.clGetPlatformInfo, platform, CL_PLATFORM_VERSION) + "; " +
                 text_of(api.clGetDeviceInfo, device, CL_DEVICE_VERSION) + "; " +
                 text_of(api.clGetDeviceInfo, device, CL_DRIVER_VERSION);
  facts.memory_bytes = number_of<cl_ulong>(api, device, CL_DEVICE_GLOBAL_MEM_SIZE);
  facts.most_allocation_bytes = number_of<cl_ulong>(api, device, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
  facts.local_bytes = number_of<cl_ulong>(api, device, CL_DEVICE_LOCAL_MEM_SIZE);
  facts.compute_units = static_cast<int>(number_of<cl_uint>(api, device, CL_DEVICE_MAX_COMPUTE_UNITS));
  facts.most_work_items = number_of<size_t>(api, device, CL_DEVICE_MAX_WORK_GROUP_SIZE);
  facts.f64 = number_of<cl_device_fp_config>(api, device, CL_DEVICE_DOUBLE_FP_CONFIG) != 0;
  facts.is_cpu = (number_of<cl_device_type>(api, device, CL_DEVICE_TYPE) & CL_DEVICE_TYPE_CPU) != 0;
  return found;
}

void add_devices(const Api& api, cl_platform_id platform, std::vector<Found>& all) {
  cl_uint count = 0;
  if (api.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS || count == 0) return;
  std::vector<cl_device_id> devices(count);
  if (api.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data(), nullptr) != CL_SUCCESS) return;
  for (cl_device_id device : devices) {
    const bool compiles = number_of<cl_bool>(api, device, CL_DEVICE_COMPILER_AVAILABLE) != 0;
    const bool available = number_of<cl_bool>(api, device, CL_DEVICE_AVAILABLE) != 0;
    const bool little_endian = number_of<cl_bool>(api, device, CL_DEVICE_ENDIAN_LITTLE) != 0;
    if (compiles && available && little_endian && has_1_2(text_of(api.clGetDeviceInfo, device, CL_DEVICE_VERSION)))
      all.push_back(describe(api, platform, device));
  }
}

}  // namespace

Result<std::vector<Found>> find_devices(const Api& api) {
  cl_uint count = 0;
  std::vector<Found> all;
  std::vector<cl_platform_id> platforms;
  if (api.clGetPlatformIDs(0, nullptr, &count) == CL_SUCCESS && count > 0) {
    platforms.resize(count);
    if (api.clGetPlatformIDs(count, platforms.data(), nullptr) != CL_SUCCESS) platforms.clear();
  }
  if (platforms.empty()) {
    return Status(Code::kUnavailable,
                  "no OpenCL platform: install pocl-opencl-icd (runs on the processor) or your GPU's driver");
  }
  for (cl_platform_id platform : platforms) add_devices(api, platform, all);
  if (all.empty()) {
    return Status(Code::kUnavailable, "OpenCL's " + std::to_string(platforms.size()) +
                                          " platforms here have no device that compiles OpenCL C 1.2");
  }
  std::stable_partition(all.begin(), all.end(), [](const Found& found) { return !found.facts.is_cpu; });
  return all;
}

}  // namespace opencl

Result<std::vector<Facts>> opencl_devices() {
  SYSTOLE_ASSIGN_OR_RETURN(const opencl::Api* api, opencl::load_api());
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<opencl::Found> found, opencl::find_devices(*api));
  std::vector<Facts> facts;
  for (opencl::Found& each : found) facts.push_back(std::move(each.facts));
  return facts;
}

}  // namespace systole::gpu
