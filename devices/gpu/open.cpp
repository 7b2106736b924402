// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From a URI to a GPU: the table of providers.
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "devices/gpu/cuda/cuda.h"
#include "devices/gpu/device.h"
#include "devices/gpu/gpu_device.h"
#include "devices/gpu/opencl/opencl.h"
#include "hal/host_device.h"

namespace systole {
namespace gpu {
namespace {

struct ProviderKind {
  const char* name;
  Result<std::vector<Facts>> (*devices)();
  Result<std::shared_ptr<Provider>> (*make)(int index);
};
// The first that has a device is what plain "gpu" means.
constexpr ProviderKind kProviders[] = {{"cuda", cuda_devices, make_cuda_provider},
                                       {"opencl", opencl_devices, make_opencl_provider}};

// A device's name, "opencl:0", and what it is.
struct Named {
  std::string name;
  const ProviderKind* provider = nullptr;
  int index = 0;
  Facts facts;
};

std::vector<Named> all_named() {
  std::vector<Named> all;
  for (const ProviderKind& provider : kProviders) {
    const auto devices = provider.devices();
    for (size_t i = 0; devices.ok() && i < devices->size(); ++i)
      all.push_back(
          {std::string(provider.name) + ":" + std::to_string(i), &provider, static_cast<int>(i), (*devices)[i]});
  }
  return all;
}

// Makes of device that there are none of here, and why.
std::vector<std::pair<std::string, Status>> missing() {
  std::vector<std::pair<std::string, Status>> states;
  for (const ProviderKind& provider : kProviders)
    if (const Status status = provider.devices().status(); !status.ok()) states.emplace_back(provider.name, status);
  return states;
}

Status availability() {
  const auto states = missing();
  if (states.size() < std::size(kProviders)) return {};
  std::string why;
  for (const auto& [name, status] : states) why += (why.empty() ? "" : "; ") + name + ": " + status.message();
  return {Code::kUnavailable, why};
}

// The whole name, its provider's for the first of its devices, or none for the first of all.
Result<Named> find(const DeviceUri& uri) {
  std::vector<std::string> known;
  for (const ProviderKind& provider : kProviders) {
    known.emplace_back(provider.name);
    if (uri.name != provider.name) continue;
    if (const Status status = provider.devices().status(); !status.ok())
      return Status(status.code(), "device '" + uri.to_string() + "': " + status.message());
  }
  for (const Named& each : all_named()) {
    if (uri.name.empty() || uri.name == each.name || uri.name == each.provider->name) return each;
    known.push_back(each.name);
  }
  std::string near = nearest_name(uri.name, known.data(), known.size()), all;
  for (const std::string& each : known) all += (all.empty() ? "'" : ", '") + each + "'";
  return Status(Code::kNotFound, "device '" + uri.to_string() + "': there is no gpu '" + uri.name + "'" +
                                     (near.empty() ? "" : "; did you mean '" + near + "'?") + " (known: " + all + ")");
}

// Kept until the process ends: runtimes and their compilers do not like to be taken down with it.
Result<std::shared_ptr<Runtime>> runtime_of(const Named& named) {
  static std::mutex mutex;
  static auto& runtimes = *new std::map<std::string, std::shared_ptr<Runtime>>();
  std::lock_guard lock(mutex);
  std::shared_ptr<Runtime>& place = runtimes[named.name];
  if (place && !place->lost) return place;
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Provider> provider, named.provider->make(named.index));
  place = std::make_shared<Runtime>(std::move(provider), DiskCache(default_cache_directory()));
  return place;
}

// Of an option with two values, whether it has the first; nothing where it is not given.
Result<std::optional<bool>> choice_option(const DeviceUri& uri, const char* name, const char* first,
                                          const char* second) {
  const auto option = uri.options.find(name);
  if (option == uri.options.end()) return std::optional<bool>();
  if (option->second == first || option->second == second) return std::optional<bool>(option->second == first);
  return Status(Code::kInvalidArgument, "device '" + uri.to_string() + "': " + name + ": expected '" + first +
                                            "' or '" + second + "', got '" + option->second + "'");
}

Result<DeviceOptions> options_of(const DeviceUri& uri, const Named& named) {
  DeviceOptions options;
  SYSTOLE_ASSIGN_OR_RETURN(const std::optional<bool> tune, choice_option(uri, "tune", "on", "off"));
  options.tune = tune.value_or(true);
  if (const auto blas = uri.options.find("blas"); blas != uri.options.end()) {
    constexpr std::pair<const char*, LibraryUse> kUses[] = {
        {"on", LibraryUse::kAlways}, {"off", LibraryUse::kNever}, {"auto", LibraryUse::kWhereFaster}};
    const auto* use =
        std::find_if(std::begin(kUses), std::end(kUses), [&](const auto& each) { return blas->second == each.first; });
    if (use == std::end(kUses))
      return Status(Code::kInvalidArgument, "device '" + uri.to_string() +
                                                "': blas: expected 'on', 'off' or 'auto', got '" + blas->second + "'");
    options.library = use->second;
  }
  SYSTOLE_ASSIGN_OR_RETURN(options.host_kernels, choice_option(uri, "kernels", "host", "gpu"));
  if (options.host_kernels.value_or(false) && named.facts.provider != "opencl")
    return Status(Code::kUnsupported, "device '" + uri.to_string() +
                                          "': kernels=host: those are of OpenCL's vectors, and there are none for " +
                                          named.facts.provider);
  return options;
}

Result<std::shared_ptr<Device>> open(const DeviceUri& uri) {
  SYSTOLE_ASSIGN_OR_RETURN(const Named named, find(uri));
  SYSTOLE_ASSIGN_OR_RETURN(const int64_t memory, memory_option(uri, named.facts.memory_bytes));
  SYSTOLE_ASSIGN_OR_RETURN(const DeviceOptions options, options_of(uri, named));
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Runtime> runtime, runtime_of(named));
  if (options.library == LibraryUse::kAlways)
    if (const ProductLibrary library = runtime->provider->library(); library.name.empty())
      return Status(Code::kUnavailable, "device '" + uri.to_string() + "': " + library.missing);
  DeviceUri canonical = uri;
  canonical.name = named.name;
  return std::shared_ptr<Device>(
      std::make_shared<GpuDevice>(canonical.to_string(), std::move(runtime), memory, options));
}

}  // namespace
}  // namespace gpu

DriverInfo gpu_driver() {
  DriverInfo driver;
  driver.scheme = "gpu";
  driver.description = "graphics processors through CUDA or OpenCL";
  driver.option_names = {"memory", "tune", "kernels", "blas"};
  driver.enumerate = [] {
    std::vector<std::pair<std::string, std::string>> names;
    for (const gpu::Named& each : gpu::all_named())
      names.emplace_back(each.name, each.facts.name + " (" + each.facts.driver + ")");
    if (names.empty()) names.emplace_back("opencl", "a graphics processor, or PoCL on the processor");
    return names;
  };
  driver.missing = gpu::missing;
  driver.availability = gpu::availability;
  driver.open = gpu::open;
  return driver;
}

}  // namespace systole
