// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products of f32 by CLBlast, loaded when first asked for, as kernels.
#pragma once

#include "devices/gpu/opencl/objects.h"

namespace systole::gpu::opencl {

// Declared after CLBlast's API reference (github.com/CNugteren/CLBlast, doc/api.md), "xGEMM" and
// "xGEMMSTRIDEDBATCHED" of its C interface: layouts, transposes and status codes are ints here, 0 for success. Offsets
// and leading dimensions in elements. The event is that of the last of its kernels.
struct Blas {
  int (*CLBlastSgemm)(int layout, int a_transpose, int b_transpose, size_t m, size_t n, size_t k, float alpha, cl_mem a,
                      size_t a_offset, size_t a_leading, cl_mem b, size_t b_offset, size_t b_leading, float beta,
                      cl_mem c, size_t c_offset, size_t c_leading, cl_command_queue* queue, cl_event* event);
  int (*CLBlastSgemmStridedBatched)(int layout, int a_transpose, int b_transpose, size_t m, size_t n, size_t k,
                                    float alpha, cl_mem a, size_t a_offset, size_t a_leading, size_t a_stride, cl_mem b,
                                    size_t b_offset, size_t b_leading, size_t b_stride, float beta, cl_mem c,
                                    size_t c_offset, size_t c_leading, size_t c_stride, size_t batch,
                                    cl_command_queue* queue, cl_event* event);
};

// Of libclblast.so.1, or $SYSTOLE_CLBLAST. kUnavailable with the package that has it.
Result<const Blas*> load_blas();

class ClProduct final : public Kernel {
 public:
  ClProduct(const Blas& blas, const ProductSpec& spec) : blas_(blas), spec_(spec) {}
  int64_t alignment() const override { return 4; }
  // y, a, b are the first operands.
  cl_int enqueue(cl_command_queue queue, std::span<const Operand> operands, cl_event* event) const;

 private:
  const Blas& blas_;
  ProductSpec spec_;
};

// kUnsupported for all but plain products of f32.
Result<std::shared_ptr<Kernel>> make_product(const ProductSpec& spec);

}  // namespace systole::gpu::opencl
