// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/cuda/product.h"

#include <algorithm>
#include <vector>

namespace systole::gpu::cuda {
namespace {

Result<int> data_type(DType type) {
  switch (type) {
    case DType::kF32:
      return int{lt::kR32F};
    case DType::kF16:
      return int{lt::kR16F};
    case DType::kBF16:
      return int{lt::kR16BF};
    case DType::kF8E4M3:
      return int{lt::kR8FE4M3};
    case DType::kF8E5M2:
      return int{lt::kR8FE5M2};
    case DType::kI8:
      return int{lt::kR8I};
    case DType::kI32:
      return int{lt::kR32I};
    default:
      return Status(Code::kUnsupported, std::string("cuBLASLt has no products of ") + dtype_name(type));
  }
}

MatrixSpec transposed(const MatrixSpec& m) { return {m.type, m.column, m.row, m.batch}; }

}  // namespace

// The library's matrices lie column by column. Where y's rows lie as one, it gets the transposed product.
CuProduct::CuProduct(std::shared_ptr<Shared> shared, const ProductSpec& spec)
    : shared_(std::move(shared)), blas_(*shared_->blas), spec_(spec), swapped_(spec.y.row != 1) {
  if (swapped_) {
    std::swap(spec_.m, spec_.n);
    spec_.a = transposed(spec.b);
    spec_.b = transposed(spec.a);
    spec_.y = transposed(spec.y);
    spec_.residual = transposed(spec.residual);
  }
  for (const MatrixSpec* each : {&spec_.a, &spec_.b, &spec_.y})
    element_bytes_ = std::max(element_bytes_, byte_size(each->type));
  if (spec_.has_bias) element_bytes_ = std::max<int64_t>(element_bytes_, 4);
}

CuProduct::~CuProduct() {
  for (lt::MatrixLayout each : {a_, b_, c_, d_})
    if (each != nullptr) (void)blas_.cublasLtMatrixLayoutDestroy(each);
  if (desc_ != nullptr) (void)blas_.cublasLtMatmulDescDestroy(desc_);
}

Status CuProduct::judged(int status, const char* what) const {
  if (status == lt::kSuccess) return {};
  const Code code = status == lt::kNotSupported  ? Code::kUnsupported
                    : status == lt::kAllocFailed ? Code::kOutOfMemory
                                                 : Code::kInternal;
  return {code, "cuBLASLt: " + std::string(what) + " of a product " + std::to_string(spec_.m) + "x" +
                    std::to_string(spec_.n) + "x" + std::to_string(spec_.k) + ": " + blas_.status_name(status)};
}

template <typename T>
Status CuProduct::set(int attribute, const T& value) {
  return judged(blas_.cublasLtMatmulDescSetAttribute(desc_, attribute, &value, sizeof value), "description");
}

Status CuProduct::layout(lt::MatrixLayout& made, const MatrixSpec& matrix, int64_t rows, int64_t columns,
                         bool transposed) {
  SYSTOLE_ASSIGN_OR_RETURN(const int type, data_type(matrix.type));
  if (transposed) std::swap(rows, columns);
  const int64_t leading = transposed ? matrix.row : matrix.column;
  SYSTOLE_RETURN_IF_ERROR(judged(blas_.cublasLtMatrixLayoutCreate(&made, type, static_cast<uint64_t>(rows),
                                                                  static_cast<uint64_t>(columns), leading),
                                 "layout"));
  if (spec_.batch == 1) return {};
  const auto count = static_cast<int32_t>(spec_.batch);
  SYSTOLE_RETURN_IF_ERROR(
      judged(blas_.cublasLtMatrixLayoutSetAttribute(made, lt::kBatchCount, &count, sizeof count), "layout"));
  return judged(blas_.cublasLtMatrixLayoutSetAttribute(made, lt::kBatchStride, &matrix.batch, sizeof matrix.batch),
                "layout");
}

Status CuProduct::describe() {
  if (std::max({spec_.m, spec_.n, spec_.k, spec_.batch}) > INT32_MAX)
    return {Code::kUnsupported, "cuBLASLt: extents above 2^31"};
  const bool integers = spec_.y.type == DType::kI32;
  SYSTOLE_RETURN_IF_ERROR(judged(blas_.cublasLtMatmulDescCreate(&desc_, integers ? lt::kCompute32I : lt::kCompute32F,
                                                                integers ? lt::kR32I : lt::kR32F),
                                 "description"));
  const bool a_turned = spec_.a.row != 1, b_turned = spec_.b.row != 1;
  SYSTOLE_RETURN_IF_ERROR(set(lt::kTransA, int32_t{a_turned ? lt::kTransposed : lt::kPlain}));
  SYSTOLE_RETURN_IF_ERROR(set(lt::kTransB, int32_t{b_turned ? lt::kTransposed : lt::kPlain}));
  int32_t epilogue = spec_.has_bias ? lt::kBias : 0;
  if (spec_.activation == Activation::kRelu) epilogue |= lt::kRelu;
  if (spec_.activation == Activation::kGeluTanh) epilogue |= lt::kGelu;
  SYSTOLE_RETURN_IF_ERROR(set(lt::kEpilogue, epilogue == 0 ? int32_t{lt::kDefault} : epilogue));
  SYSTOLE_RETURN_IF_ERROR(layout(a_, spec_.a, spec_.m, spec_.k, a_turned));
  SYSTOLE_RETURN_IF_ERROR(layout(b_, spec_.b, spec_.k, spec_.n, b_turned));
  SYSTOLE_RETURN_IF_ERROR(layout(d_, spec_.y, spec_.m, spec_.n, false));
  return layout(c_, spec_.has_residual ? spec_.residual : spec_.y, spec_.m, spec_.n, false);
}

// Of every matrix of a batch whose first lies at a multiple of kAligned.
int64_t CuProduct::batches_alignment() const {
  for (const MatrixSpec* each : {&spec_.a, &spec_.b, &spec_.y, &spec_.residual})
    if (each->batch * byte_size(each->type) % kAligned != 0) return element_bytes_;
  return kAligned;
}

// Split sums are added up as they are computed, never in y's type: no result is rounded twice.
Status CuProduct::choose(int64_t alignment, Plan& plan) {
  if (spec_.has_bias) {  // its alignment is read off its address
    SYSTOLE_RETURN_IF_ERROR(set(lt::kBiasPointer, reinterpret_cast<const void*>(alignment)));
  }
  lt::Preference preference = nullptr;
  SYSTOLE_RETURN_IF_ERROR(judged(blas_.cublasLtMatmulPreferenceCreate(&preference), "preference"));
  int status = lt::kSuccess;
  const auto prefer = [&](int attribute, auto value) {
    if (status == lt::kSuccess)
      status = blas_.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value);
  };
  prefer(lt::kWorkspaceBytes, static_cast<uint64_t>(spec_.workspace_bytes));
  prefer(lt::kReductions, lt::kReduceInComputeType);
  for (int each : {lt::kAlignA, lt::kAlignB, lt::kAlignC, lt::kAlignD}) prefer(each, static_cast<uint32_t>(alignment));
  std::vector<lt::HeuristicResult> results(static_cast<size_t>(spec_.algorithm) + 1);
  int found = 0;
  if (status == lt::kSuccess)
    status = blas_.cublasLtMatmulAlgoGetHeuristic(shared_->blas_handle, desc_, a_, b_, c_, d_, preference,
                                                  spec_.algorithm + 1, results.data(), &found);
  (void)blas_.cublasLtMatmulPreferenceDestroy(preference);
  if (status == lt::kSuccess && found <= spec_.algorithm) status = lt::kNotSupported;
  if (status == lt::kSuccess) status = results.back().state;
  SYSTOLE_RETURN_IF_ERROR(judged(status, "algorithm"));
  plan = {true, results.back().algo, results.back().workspace_bytes};
  return {};
}

Result<std::shared_ptr<CuProduct>> CuProduct::make(std::shared_ptr<Shared> shared, const ProductSpec& spec) {
  auto made = std::shared_ptr<CuProduct>(new CuProduct(std::move(shared), spec));
  const Current current(*made->shared_);
  SYSTOLE_RETURN_IF_ERROR(made->describe());
  SYSTOLE_RETURN_IF_ERROR(made->choose(made->batches_alignment(), made->aligned_));
  (void)made->choose(made->element_bytes_, made->plain_);
  return made;
}

Status CuProduct::enqueue(CUstream stream, const std::array<CUdeviceptr, 6>& addresses) {
  const auto [y, a, b, residual, bias, workspace] = addresses;
  const CUdeviceptr any = y | a | b | (spec_.has_residual ? residual : 0) | (spec_.has_bias ? bias : 0);
  const Plan& plan = any % kAligned == 0 ? aligned_ : plain_;
  if (!plan.known || any % static_cast<CUdeviceptr>(alignment()) != 0)
    return {Code::kUnsupported, "cuBLASLt: a product's operands must lie at multiples of " +
                                    std::to_string(alignment()) +
                                    " bytes: bind memory that does, or open the device "
                                    "with blas=off"};
  // Of f32 and i32 alike.
  const bool integers = spec_.y.type == DType::kI32;
  const float float_scales[] = {1.0f, spec_.has_residual ? 1.0f : 0.0f};
  const int32_t integer_scales[] = {1, 0};
  const auto scale = [&](int i) {
    return integers ? static_cast<const void*>(&integer_scales[i]) : static_cast<const void*>(&float_scales[i]);
  };
  const auto at = [](CUdeviceptr address) { return reinterpret_cast<void*>(address); };
  std::lock_guard lock(mutex_);
  if (spec_.has_bias) SYSTOLE_RETURN_IF_ERROR(set(lt::kBiasPointer, static_cast<const void*>(at(bias))));
  return judged(
      blas_.cublasLtMatmul(shared_->blas_handle, desc_, scale(0), at(swapped_ ? b : a), a_, at(swapped_ ? a : b), b_,
                           scale(1), at(spec_.has_residual ? residual : y), c_, at(y), d_, &plan.algo,
                           plan.workspace_bytes > 0 ? at(workspace) : nullptr, plan.workspace_bytes, stream),
      "launch");
}

}  // namespace systole::gpu::cuda
