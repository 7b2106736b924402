// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The context, its memory, and its kernels.
#include <cstring>
#include <mutex>
#include <optional>

#include "devices/gpu/cuda/cuda.h"
#include "devices/gpu/cuda/product.h"

namespace systole::gpu {
namespace cuda {
namespace {

// The driver takes an image without its size: what can be none, or is cut off, must not reach it. Machine code is ELF
// (its header as elf(5) has it), PTX is text that begins with a comment and ends with a zero byte.
bool may_be_image(const std::vector<std::byte>& image) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(image.data());
  if (image.size() >= 64 && std::memcmp(bytes, "\177ELF\2", 5) == 0) {
    uint64_t sections = 0;
    uint16_t entry_bytes = 0, entries = 0;
    std::memcpy(&sections, bytes + 40, 8);
    std::memcpy(&entry_bytes, bytes + 58, 2);
    std::memcpy(&entries, bytes + 60, 2);
    return sections <= image.size() && uint64_t{entry_bytes} * entries <= image.size() - sections;
  }
  return image.size() > 2 && std::memcmp(bytes, "//", 2) == 0 && bytes[image.size() - 1] == 0;
}

class CuProvider final : public Provider {
 public:
  explicit CuProvider(std::shared_ptr<Shared> shared) : shared_(std::move(shared)), api_(*shared_->api) {}

  const Facts& facts() const override { return shared_->facts; }

  Result<std::unique_ptr<Memory>> allocate(int64_t bytes) override {
    CUdeviceptr address = 0;
    const CUresult error =
        in_context(*shared_, [&] { return api_.cuMemAlloc_v2(&address, static_cast<size_t>(bytes)); });
    SYSTOLE_RETURN_IF_ERROR(judged(error, bytes));
    return std::unique_ptr<Memory>(std::make_unique<CuMemory>(shared_, address, nullptr));
  }

  // 64-bit processes have one address space for host and device.
  Result<std::unique_ptr<Memory>> allocate_pinned(int64_t bytes) override {
    void* host = nullptr;
    const CUresult error =
        in_context(*shared_, [&] { return api_.cuMemHostAlloc(&host, static_cast<size_t>(bytes), 0); });
    SYSTOLE_RETURN_IF_ERROR(judged(error, bytes));
    return std::unique_ptr<Memory>(
        std::make_unique<CuMemory>(shared_, reinterpret_cast<CUdeviceptr>(host), static_cast<std::byte*>(host)));
  }

  // The driver locks whole pages, once: what it refuses is of another kind, or shares pages with what it has.
  Result<std::unique_ptr<Memory>> import_host(std::byte* data, int64_t bytes) override {
    CUdeviceptr address = 0;
    const CUresult error = in_context(*shared_, [&] {
      const CUresult state = api_.cuMemHostRegister_v2(data, static_cast<size_t>(bytes), kRegisterMapped);
      if (state != CUDA_SUCCESS) return state;
      const CUresult found = api_.cuMemHostGetDevicePointer_v2(&address, data, 0);
      if (found != CUDA_SUCCESS) (void)api_.cuMemHostUnregister(data);
      return found;
    });
    const Status status = status_of(
        api_, error, shared_->facts.name + " does not take " + std::to_string(bytes) + " bytes of the host's memory");
    if (status.ok())
      return std::unique_ptr<Memory>(std::make_unique<CuMemory>(shared_, address, data, CuMemory::Owner::kCaller));
    if (status.code() == Code::kDeviceLost || status.code() == Code::kOutOfMemory) return status;
    return Status(Code::kUnsupported, status.message());
  }

  Result<std::shared_ptr<Kernel>> build(const ProgramSource& source, const std::string& entry,
                                        std::vector<std::byte>& binary) override {
    const std::string name = source.name + "." + entry;
    CUmodule module = nullptr;
    CUresult error = may_be_image(binary) ? load(module, binary) : static_cast<CUresult>(200);
    if (error != CUDA_SUCCESS) {
      const Status status = status_of(api_, error, "kernel '" + name + "'");
      if (status.code() == Code::kDeviceLost) return status;
      binary.clear();
      SYSTOLE_ASSIGN_OR_RETURN(std::vector<std::byte> image, compile(*shared_->nvrtc, shared_->target, source));
      error = load(module, image);
      SYSTOLE_RETURN_IF_ERROR(loaded(error, name));
      binary = std::move(image);
    }
    auto kernel = std::make_shared<CuKernel>(shared_, module, name);
    SYSTOLE_RETURN_IF_ERROR(status_of(api_, kernel->find(entry), "kernel '" + name + "'"));
    return std::shared_ptr<Kernel>(std::move(kernel));
  }

  Result<std::unique_ptr<Stream>> stream() override { return make_stream(shared_); }

  ProductLibrary library() override {
    std::lock_guard lock(mutex_);
    if (library_) return *library_;
    library_.emplace();
    if (const Status status = open_library(); !status.ok()) {
      library_->missing = status.message();
      return *library_;
    }
    library_->name = "cuBLASLt " + shared_->blas->version();
    library_->narrow_types = library_->epilogues = true;
    library_->algorithms = 4;
    library_->workspace_bytes = int64_t{32} << 20;  // what NVIDIA advises for Hopper
    return *library_;
  }

  Result<std::shared_ptr<Kernel>> product(const ProductSpec& spec) override {
    if (const ProductLibrary known = library(); known.name.empty()) return Status(Code::kUnsupported, known.missing);
    SYSTOLE_ASSIGN_OR_RETURN(auto made, CuProduct::make(shared_, spec));
    return std::shared_ptr<Kernel>(std::move(made));
  }

 private:
  Status open_library() {
    SYSTOLE_ASSIGN_OR_RETURN(const Blas* blas, load_blas(api_.version));
    int status = 0;
    const CUresult error = in_context(*shared_, [&] {
      status = blas->cublasLtCreate(&shared_->blas_handle);
      return CUDA_SUCCESS;
    });
    SYSTOLE_RETURN_IF_ERROR(status_of(api_, error, "cuBLASLt"));
    if (status != lt::kSuccess)
      return {Code::kUnavailable, "cuBLASLt " + blas->version() + " does not start: " + blas->status_name(status)};
    shared_->blas = blas;
    return {};
  }

  CUresult load(CUmodule& module, const std::vector<std::byte>& image) {
    return in_context(*shared_, [&] { return api_.cuModuleLoadData(&module, image.data()); });
  }

  // An image fresh from the compiler that the driver refuses is no damaged file.
  Status loaded(CUresult error, const std::string& name) {
    const Status status = status_of(api_, error, "kernel '" + name + "' does not load on " + shared_->facts.name);
    return status.code() == Code::kDataLoss ? Status(Code::kInternal, status.message()) : status;
  }

  Status judged(CUresult error, int64_t bytes) {
    const Status status =
        status_of(api_, error, shared_->facts.name + ": allocation of " + std::to_string(bytes) + " bytes");
    if (status.code() != Code::kOutOfMemory) return status;
    size_t free = 0, total = 0;
    (void)in_context(*shared_, [&] { return api_.cuMemGetInfo_v2(&free, &total); });
    return {Code::kOutOfMemory, std::to_string(bytes) + " bytes asked for, " + shared_->facts.name + " has " +
                                    std::to_string(shared_->facts.memory_bytes) + " bytes, of which " +
                                    std::to_string(free) + " are free (CUDA_ERROR_OUT_OF_MEMORY)"};
  }

  std::shared_ptr<Shared> shared_;
  const Api& api_;
  std::mutex mutex_;
  std::optional<ProductLibrary> library_;  // from the first question on
};

struct Found {
  CUdevice device = 0;
  Target target;
  Facts facts;
};

Result<Found> describe(const Api& api, const Nvrtc& nvrtc, int index) {
  Found found;
  CUresult error = api.cuDeviceGet(&found.device, index);
  const auto number = [&](CUdevice_attribute what) {
    int value = 0;
    if (error == CUDA_SUCCESS) error = api.cuDeviceGetAttribute(&value, what, found.device);
    return value;
  };
  Facts& facts = found.facts;
  const int arch =
      10 * number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) + number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  char name[256] = {};
  size_t bytes = 0;
  if (error == CUDA_SUCCESS) error = api.cuDeviceGetName(name, sizeof name - 1, found.device);
  if (error == CUDA_SUCCESS) error = api.cuDeviceTotalMem_v2(&bytes, found.device);
  facts.provider = "cuda";
  facts.name = name;
  facts.memory_bytes = facts.most_allocation_bytes = static_cast<int64_t>(bytes);
  facts.local_bytes = number(kSharedBytesPerBlock);
  facts.compute_units = number(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  facts.most_work_items = number(kMostThreadsPerBlock);
  facts.f64 = true;
  facts.tensor_cores = arch >= 80;
  facts.tensor_f8 = arch >= 89 && std::pair(nvrtc.major, nvrtc.minor) >= std::pair(12, 4);
  SYSTOLE_RETURN_IF_ERROR(status_of(api, error, "CUDA device " + std::to_string(index)));
  SYSTOLE_ASSIGN_OR_RETURN(found.target, target_for(nvrtc, arch));
  facts.driver = "CUDA " + std::to_string(api.version / 1000) + "." + std::to_string(api.version % 1000 / 10) +
                 "; NVRTC " + std::to_string(nvrtc.major) + "." + std::to_string(nvrtc.minor) + "; " +
                 found.target.name();
  return found;
}

// The driver, then its devices, then the compiler: the first that is missing is the answer.
Result<std::vector<Found>> find_devices() {
  SYSTOLE_ASSIGN_OR_RETURN(const Api* api, load_api());
  int count = 0;
  SYSTOLE_RETURN_IF_ERROR(status_of(*api, api->cuDeviceGetCount(&count), "CUDA's devices"));
  if (count == 0) return Status(Code::kUnavailable, "the CUDA driver finds no device");
  SYSTOLE_ASSIGN_OR_RETURN(const Nvrtc* nvrtc, load_nvrtc(api->version));
  std::vector<Found> all;
  Status last;
  for (int index = 0; index < count; ++index) {
    auto found = describe(*api, *nvrtc, index);
    if (found.ok())
      all.push_back(std::move(found).value());
    else
      last = found.status();
  }
  if (all.empty()) return Status(Code::kUnavailable, "no CUDA device can be used: " + last.message());
  return all;
}

}  // namespace
}  // namespace cuda

Result<std::vector<Facts>> cuda_devices() {
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<cuda::Found> found, cuda::find_devices());
  std::vector<Facts> facts;
  for (cuda::Found& each : found) facts.push_back(std::move(each.facts));
  return facts;
}

Result<std::shared_ptr<Provider>> make_cuda_provider(int index) {
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<cuda::Found> found, cuda::find_devices());
  if (index < 0 || static_cast<size_t>(index) >= found.size())
    return Status(Code::kNotFound,
                  "there is no CUDA device " + std::to_string(index) + ": there are " + std::to_string(found.size()));
  const cuda::Found& wanted = found[static_cast<size_t>(index)];
  auto shared = std::make_shared<cuda::Shared>();
  SYSTOLE_ASSIGN_OR_RETURN(shared->api, cuda::load_api());
  SYSTOLE_ASSIGN_OR_RETURN(shared->nvrtc, cuda::load_nvrtc(shared->api->version));
  shared->target = wanted.target;
  shared->facts = wanted.facts;
  const CUresult error = shared->api->cuCtxCreate_v2(&shared->context, 0, wanted.device);
  SYSTOLE_RETURN_IF_ERROR(cuda::status_of(*shared->api, error, wanted.facts.name + ": a context"));
  CUcontext popped = nullptr;  // creating makes it current
  SYSTOLE_RETURN_IF_ERROR(
      cuda::status_of(*shared->api, shared->api->cuCtxPopCurrent_v2(&popped), wanted.facts.name + ": a context"));
  return std::shared_ptr<Provider>(std::make_shared<cuda::CuProvider>(std::move(shared)));
}

}  // namespace systole::gpu
