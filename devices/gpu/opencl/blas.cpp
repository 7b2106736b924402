// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/opencl/blas.h"

#include <dlfcn.h>

#include <cstdlib>

namespace systole::gpu::opencl {
namespace {

// CBLAS's numbers, which CLBlast's are.
constexpr int kRowMajor = 101, kColumnMajor = 102, kPlain = 111, kTransposed = 112;

Result<Blas> find() {
  const char* chosen = std::getenv("SYSTOLE_CLBLAST");
  const std::string name = chosen != nullptr ? chosen : "libclblast.so.1";
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Status(Code::kUnavailable, "no CLBlast (" + name + "): install libclblast1");
  Blas blas;
  blas.CLBlastSgemm = reinterpret_cast<decltype(blas.CLBlastSgemm)>(dlsym(library, "CLBlastSgemm"));
  blas.CLBlastSgemmStridedBatched =
      reinterpret_cast<decltype(blas.CLBlastSgemmStridedBatched)>(dlsym(library, "CLBlastSgemmStridedBatched"));
  if (blas.CLBlastSgemm == nullptr || blas.CLBlastSgemmStridedBatched == nullptr)
    return Status(Code::kUnavailable, name + " has no products of f32 in batches: CLBlast 1.5 is needed");
  return blas;
}

// Whether rows lie as one, or columns; the step from one to the next.
bool is_row_by_row(const MatrixSpec& m) { return m.column == 1; }
size_t leading(const MatrixSpec& m) { return static_cast<size_t>(is_row_by_row(m) ? m.row : m.column); }

}  // namespace

Result<const Blas*> load_blas() {
  static const Result<Blas> found = find();
  if (!found.ok()) return found.status();
  return &found.value();
}

Result<std::shared_ptr<Kernel>> make_product(const ProductSpec& spec) {
  SYSTOLE_ASSIGN_OR_RETURN(const Blas* blas, load_blas());
  for (const MatrixSpec* each : {&spec.y, &spec.a, &spec.b})
    if (each->type != DType::kF32)
      return Status(Code::kUnsupported, std::string("CLBlast: products of ") + dtype_name(each->type));
  if (spec.has_bias || spec.has_residual || spec.activation != Activation::kNone || spec.algorithm > 0)
    return Status(Code::kUnsupported, "CLBlast: nothing is fused to its one algorithm");
  return std::shared_ptr<Kernel>(std::make_shared<ClProduct>(*blas, spec));
}

cl_int ClProduct::enqueue(cl_command_queue queue, std::span<const Operand> operands, cl_event* event) const {
  const auto memory = [&](size_t i) { return static_cast<ClMemory*>(operands[i].memory)->get(); };
  const auto offset = [&](size_t i) { return static_cast<size_t>(operands[i].offset / 4); };
  const bool by_row = is_row_by_row(spec_.y);
  const auto turned = [&](const MatrixSpec& m) { return is_row_by_row(m) == by_row ? kPlain : kTransposed; };
  const auto size = [](int64_t value) { return static_cast<size_t>(value); };
  const int layout = by_row ? kRowMajor : kColumnMajor;
  if (spec_.batch == 1)
    return blas_.CLBlastSgemm(layout, turned(spec_.a), turned(spec_.b), size(spec_.m), size(spec_.n), size(spec_.k),
                              1.0f, memory(1), offset(1), leading(spec_.a), memory(2), offset(2), leading(spec_.b),
                              0.0f, memory(0), offset(0), leading(spec_.y), &queue, event);
  return blas_.CLBlastSgemmStridedBatched(
      layout, turned(spec_.a), turned(spec_.b), size(spec_.m), size(spec_.n), size(spec_.k), 1.0f, memory(1), offset(1),
      leading(spec_.a), size(spec_.a.batch), memory(2), offset(2), leading(spec_.b), size(spec_.b.batch), 0.0f,
      memory(0), offset(0), leading(spec_.y), size(spec_.y.batch), size(spec_.batch), &queue, event);
}

}  // namespace systole::gpu::opencl
