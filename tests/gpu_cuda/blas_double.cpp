// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// cuBLASLt on the host, as far as devices/gpu/cuda uses it: products computed where the driver's double runs commands,
// when somebody waits. As strict as NVIDIA's reference is about what matrices of 8 bits and biases have to be, and
// about the alignment that the heuristic was told of. Two algorithms for everything; the second needs a workspace.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "devices/gpu/cuda/blas.h"
#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/numeric/fp8.h"
#include "tests/gpu_cuda/controls.h"

namespace lt = systole::gpu::cuda::lt;

namespace systole::gpu::cuda::lt {
struct Context {};
struct MatmulDescription {
  int compute = 0, scale = 0;
  std::map<int, int32_t> numbers;
  const void* bias = nullptr;
};
struct Layout {
  int type = 0;
  int64_t rows = 0, columns = 0, leading = 0, batch = 1, stride = 0;
};
struct PreferenceDescription {
  uint64_t workspace = 0;
  std::map<int, uint32_t> numbers;
};
}  // namespace systole::gpu::cuda::lt

namespace {

constexpr int kInvalidValue = 7;
constexpr size_t kScribbled = 512;  // bytes of workspace that the second algorithm writes

std::mutex mutex;
std::string fail_name;
int fail_status = 0;
int64_t objects = 0, products = 0, fused = 0;

int injected(const char* name) {
  std::lock_guard lock(mutex);
  if (fail_name != name) return lt::kSuccess;
  fail_name.clear();
  return fail_status;
}

template <typename T>
int make(T** object, T value) {
  std::lock_guard lock(mutex);
  ++objects;
  *object = new T(std::move(value));
  return lt::kSuccess;
}
template <typename T>
int destroy(T* object) {
  std::lock_guard lock(mutex);
  --objects;
  delete object;
  return lt::kSuccess;
}

size_t size_of(int type) {
  return type == lt::kR32F || type == lt::kR32I ? 4 : type == lt::kR16F || type == lt::kR16BF ? 2 : 1;
}

template <typename T>
T raw(const void* base, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(base) + index * static_cast<int64_t>(sizeof value), sizeof value);
  return value;
}

double load(const void* base, int64_t index, int type) {
  using namespace systole::numeric;
  switch (type) {
    case lt::kR32F:
      return raw<float>(base, index);
    case lt::kR32I:
      return raw<int32_t>(base, index);
    case lt::kR16F:
      return to_f32(raw<F16>(base, index));
    case lt::kR16BF:
      return to_f32(raw<BF16>(base, index));
    case lt::kR8FE4M3:
      return to_f32(raw<F8E4M3>(base, index));
    case lt::kR8FE5M2:
      return to_f32(raw<F8E5M2>(base, index));
    default:
      return raw<int8_t>(base, index);
  }
}

void store(void* base, int64_t index, int type, float value) {
  using namespace systole::numeric;
  char* at = static_cast<char*>(base) + index * static_cast<int64_t>(size_of(type));
  const F16 half = to_f16(value);
  const BF16 brain = to_bf16(value);
  std::memcpy(at,
              type == lt::kR32F   ? static_cast<const void*>(&value)
              : type == lt::kR16F ? static_cast<const void*>(&half)
                                  : static_cast<const void*>(&brain),
              size_of(type));
}

bool is_fp8(int type) { return type == lt::kR8FE4M3 || type == lt::kR8FE5M2; }

// "cublasLtMatmul()": types that go together, and what those of 8 bits ask for.
bool supported(const lt::MatmulDescription& desc, const lt::Layout& a, const lt::Layout& b, const lt::Layout& c,
               const lt::Layout& d, const std::map<int, uint32_t>& aligned) {
  const bool a_turned = desc.numbers.count(lt::kTransA) && desc.numbers.at(lt::kTransA) == lt::kTransposed;
  const bool b_turned = desc.numbers.count(lt::kTransB) && desc.numbers.at(lt::kTransB) == lt::kTransposed;
  const int64_t k = a_turned ? a.rows : a.columns;
  if ((a_turned ? a.columns : a.rows) != d.rows || (b_turned ? b.columns : b.rows) != k ||
      (b_turned ? b.rows : b.columns) != d.columns || c.rows != d.rows || c.columns != d.columns || c.type != d.type)
    return false;
  for (const lt::Layout* each : {&a, &b, &c, &d})
    if (each->leading < each->rows || each->rows < 1 || each->columns < 1 || each->batch != d.batch) return false;
  const auto all_multiples = [&](int64_t of, std::initializer_list<int64_t> values) {
    return std::all_of(values.begin(), values.end(), [&](int64_t each) { return each % of == 0; });
  };
  const int epilogue = desc.numbers.count(lt::kEpilogue) ? desc.numbers.at(lt::kEpilogue) : lt::kDefault;
  if (a.type == lt::kR8I)
    return b.type == lt::kR8I && d.type == lt::kR32I && desc.compute == lt::kCompute32I && desc.scale == lt::kR32I &&
           a_turned && !b_turned && epilogue == lt::kDefault &&
           all_multiples(
               4, {d.rows, k, a.leading, b.leading, d.leading, aligned.at(lt::kAlignA), aligned.at(lt::kAlignB)});
  if (desc.compute != lt::kCompute32F || desc.scale != lt::kR32F) return false;
  if (is_fp8(a.type))
    return is_fp8(b.type) && !(a.type == lt::kR8FE5M2 && b.type == lt::kR8FE5M2) && !is_fp8(d.type) && a_turned &&
           !b_turned &&
           all_multiples(
               16, {d.rows, d.columns, k, a.leading, b.leading, aligned.at(lt::kAlignA), aligned.at(lt::kAlignB)});
  return a.type == b.type && (d.type == a.type || d.type == lt::kR32F);
}

float finished(int epilogue, float value) {
  if (epilogue & lt::kRelu) return std::fmax(value, 0.0f);
  if (epilogue & lt::kGelu)
    return 0.5f * value * (1.0f + std::tanh(0.7978845608f * (value + 0.044715f * value * value * value)));
  return value;
}

struct Product {
  lt::MatmulDescription desc;
  lt::Layout a_layout, b_layout, c_layout, d_layout;
  const void *a, *b, *c;
  void* d;
  float beta;
  void* workspace;
  size_t workspace_bytes;
};

void multiply(const Product& p) {
  const bool a_turned = p.desc.numbers.at(lt::kTransA) == lt::kTransposed;
  const bool b_turned = p.desc.numbers.at(lt::kTransB) == lt::kTransposed;
  const int epilogue = p.desc.numbers.count(lt::kEpilogue) ? p.desc.numbers.at(lt::kEpilogue) : 0;
  const int64_t k_extent = a_turned ? p.a_layout.rows : p.a_layout.columns;
  const lt::Layout &al = p.a_layout, &bl = p.b_layout, &cl = p.c_layout, &dl = p.d_layout;
  if (p.workspace_bytes > 0) std::memset(p.workspace, 0xee, p.workspace_bytes);
  for (int64_t batch = 0; batch < dl.batch; ++batch)
    for (int64_t j = 0; j < dl.columns; ++j)
      for (int64_t i = 0; i < dl.rows; ++i) {
        const auto a_at = [&](int64_t k) {
          return batch * al.stride + (a_turned ? k + i * al.leading : i + k * al.leading);
        };
        const auto b_at = [&](int64_t k) {
          return batch * bl.stride + (b_turned ? j + k * bl.leading : k + j * bl.leading);
        };
        const int64_t d_at = batch * dl.stride + i + j * dl.leading;
        if (dl.type == lt::kR32I) {
          uint32_t sum = 0;
          for (int64_t k = 0; k < k_extent; ++k)
            sum += static_cast<uint32_t>(int32_t{raw<int8_t>(p.a, a_at(k))} * raw<int8_t>(p.b, b_at(k)));
          std::memcpy(static_cast<char*>(p.d) + 4 * d_at, &sum, 4);
          continue;
        }
        float sum = 0;
        for (int64_t k = 0; k < k_extent; ++k)
          sum += static_cast<float>(load(p.a, a_at(k), al.type)) * static_cast<float>(load(p.b, b_at(k), bl.type));
        if (p.beta != 0) sum += p.beta * static_cast<float>(load(p.c, batch * cl.stride + i + j * cl.leading, cl.type));
        if (epilogue & lt::kBias) sum += static_cast<float>(load(p.desc.bias, i, dl.type));  // of D's type
        store(p.d, d_at, dl.type, finished(epilogue, sum));
      }
}

}  // namespace

extern "C" {

void double_blas_fail(const char* name, int status) {
  std::lock_guard lock(mutex);
  fail_name = name == nullptr ? "" : name;
  fail_status = status;
}
int64_t double_blas_objects() { return objects; }
int64_t double_blas_products() { return products; }
int64_t double_blas_fused() { return fused; }

size_t cublasLtGetVersion() { return 120405; }
const char* cublasLtGetStatusName(int status) {
  return status == lt::kNotSupported      ? "CUBLAS_STATUS_NOT_SUPPORTED"
         : status == lt::kExecutionFailed ? "CUBLAS_STATUS_EXECUTION_FAILED"
                                          : nullptr;
}
int cublasLtCreate(lt::Handle* handle) {
  if (const int status = injected("cublasLtCreate"); status != lt::kSuccess) return status;
  return make(handle, lt::Context{});
}
int cublasLtDestroy(lt::Handle handle) { return destroy(handle); }

int cublasLtMatmulDescCreate(lt::MatmulDesc* desc, int compute, int scale) {
  return make(desc, lt::MatmulDescription{compute, scale, {}, nullptr});
}
int cublasLtMatmulDescDestroy(lt::MatmulDesc desc) { return destroy(desc); }
int cublasLtMatmulDescSetAttribute(lt::MatmulDesc desc, int attribute, const void* value, size_t bytes) {
  if (bytes != (attribute == lt::kBiasPointer ? 8 : 4)) return kInvalidValue;
  if (attribute == lt::kBiasPointer)
    std::memcpy(&desc->bias, value, bytes);
  else
    std::memcpy(&desc->numbers[attribute], value, bytes);
  return lt::kSuccess;
}

int cublasLtMatrixLayoutCreate(lt::MatrixLayout* layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
  return make(layout, lt::Layout{type, static_cast<int64_t>(rows), static_cast<int64_t>(columns), leading, 1, 0});
}
int cublasLtMatrixLayoutDestroy(lt::MatrixLayout layout) { return destroy(layout); }
int cublasLtMatrixLayoutSetAttribute(lt::MatrixLayout layout, int attribute, const void* value, size_t bytes) {
  if (attribute == lt::kBatchCount && bytes == 4)
    layout->batch = raw<int32_t>(value, 0);
  else if (attribute == lt::kBatchStride && bytes == 8)
    layout->stride = raw<int64_t>(value, 0);
  else
    return kInvalidValue;
  return lt::kSuccess;
}

int cublasLtMatmulPreferenceCreate(lt::Preference* preference) { return make(preference, lt::PreferenceDescription{}); }
int cublasLtMatmulPreferenceDestroy(lt::Preference preference) { return destroy(preference); }
int cublasLtMatmulPreferenceSetAttribute(lt::Preference preference, int attribute, const void* value, size_t bytes) {
  if (bytes != (attribute == lt::kWorkspaceBytes ? 8 : 4)) return kInvalidValue;
  if (attribute == lt::kWorkspaceBytes)
    std::memcpy(&preference->workspace, value, bytes);
  else
    std::memcpy(&preference->numbers[attribute], value, bytes);
  return lt::kSuccess;
}

int cublasLtMatmulAlgoGetHeuristic(lt::Handle, lt::MatmulDesc desc, lt::MatrixLayout a, lt::MatrixLayout b,
                                   lt::MatrixLayout c, lt::MatrixLayout d, lt::Preference preference, int wanted,
                                   lt::HeuristicResult* results, int* found) {
  *found = 0;
  if (const int status = injected("cublasLtMatmulAlgoGetHeuristic"); status != lt::kSuccess) return status;
  if (preference->numbers[lt::kReductions] != lt::kReduceInComputeType) return kInvalidValue;
  if (!supported(*desc, *a, *b, *c, *d, preference->numbers)) return lt::kNotSupported;
  for (int i = 0; i < std::min(wanted, preference->workspace >= kScribbled ? 2 : 1); ++i) {
    results[i] = {};
    results[i].algo.data[0] = static_cast<uint64_t>(i) + 1;
    results[i].algo.data[1] = preference->numbers[lt::kAlignA];
    results[i].workspace_bytes = i == 0 ? 0 : kScribbled;
    *found = i + 1;
  }
  return lt::kSuccess;
}

int cublasLtMatmul(lt::Handle handle, lt::MatmulDesc desc, const void* alpha, const void* a, lt::MatrixLayout a_layout,
                   const void* b, lt::MatrixLayout b_layout, const void* beta, const void* c, lt::MatrixLayout c_layout,
                   void* d, lt::MatrixLayout d_layout, const lt::Algo* algo, void* workspace, size_t workspace_bytes,
                   CUstream stream) {
  static const auto ask = [] {
    const char* driver = std::getenv("SYSTOLE_CUDA_DRIVER");
    return reinterpret_cast<DoubleAsk*>(dlsym(dlopen(driver, RTLD_NOW | RTLD_LOCAL), "double_ask"));
  }();
  if (const int status = injected("cublasLtMatmul"); status != lt::kSuccess) return status;
  const bool integers = d_layout->type == lt::kR32I;
  const bool one = integers ? raw<int32_t>(alpha, 0) == 1 : raw<float>(alpha, 0) == 1.0f;
  const bool second = algo->data[0] == 2;
  auto address = reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b) | reinterpret_cast<uintptr_t>(c) |
                 reinterpret_cast<uintptr_t>(d);
  if (handle == nullptr || !one || address % algo->data[1] != 0 || (second && workspace_bytes < kScribbled) ||
      reinterpret_cast<uintptr_t>(workspace) % 256 != 0)
    return kInvalidValue;
  auto* product = new Product{*desc,     *a_layout,
                              *b_layout, *c_layout,
                              *d_layout, a,
                              b,         c,
                              d,         integers ? 0 : raw<float>(beta, 0),
                              workspace, second ? workspace_bytes : 0};
  {
    std::lock_guard lock(mutex);
    ++products;
    fused += product->desc.numbers[lt::kEpilogue] != lt::kDefault || product->beta != 0;
  }
  const auto run = [](void* what) { multiply(*static_cast<Product*>(what)); };
  const auto release = [](void* what) { delete static_cast<Product*>(what); };
  return ask(stream, run, release, product) == 0 ? lt::kSuccess : int{lt::kExecutionFailed};
}

}  // extern "C"
