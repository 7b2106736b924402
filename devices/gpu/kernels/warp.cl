// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the 32 work-items of a warp do as one on CUDA 8.0 and later, and copies to local memory that run beside it ("PTX
// ISA", warp-level matrix instructions and asynchronous copies): every one of a warp comes to each. A text that no
// machine code is made of (tests/gpu_cuda) gets functions of the same effect. Macro: TENSOR_CORES.
#ifdef TENSOR_CORES
#ifdef __CUDA_ARCH__
typedef uint LocalAt;  // an address in local memory

FUNCTION LocalAt local_at(const void* memory) {
  LocalAt at;
  asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(at) : "l"(memory));
  return at;
}
// Four matrices of 8 rows of 16 bytes: the lanes have the rows' addresses, eight after eight, and get of row lane / 4 the
// bytes from lane % 4 * 4 on.
FUNCTION void load_matrices(uint* to, LocalAt row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(row));
}
// The same of their transposes, of 16-bit elements.
FUNCTION void load_transposed(uint* to, LocalAt row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(row));
}
#define MULTIPLY_MATRICES(name, instruction, sum, in)                                                     \
  FUNCTION void name(sum* sums, const uint* a, const uint* b) {                                           \
    asm volatile("mma.sync.aligned." instruction " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
                 : in(sums[0]), in(sums[1]), in(sums[2]), in(sums[3])                                     \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                     \
  }
// sums (16 x 8) += a (16 x 32 bytes) b (32 bytes x 8).
MULTIPLY_MATRICES(multiply_f16, "m16n8k16.row.col.f32.f16.f16.f32", float, "+f")
MULTIPLY_MATRICES(multiply_bf16, "m16n8k16.row.col.f32.bf16.bf16.f32", float, "+f")
MULTIPLY_MATRICES(multiply_i8, "m16n8k32.row.col.s32.s8.s8.s32", int, "+r")
// On 8.9 and later, by NVRTC of 12.4 and later.
MULTIPLY_MATRICES(multiply_e4m3, "m16n8k32.row.col.f32.e4m3.e4m3.f32", float, "+f")

// 16 bytes, zeros where `bytes` is 0. Both addresses are multiples of 16. They are there once this work-item has waited
// for them, for others after a barrier.
FUNCTION void copy_16(LocalAt to, GLOBAL const uchar* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}
FUNCTION void commit_copies(void) { asm volatile("cp.async.commit_group;" ::: "memory"); }
// For all but the last `groups` that were committed: a literal.
#define WAIT_FOR_COPIES(groups) asm volatile("cp.async.wait_group %0;" ::"n"(groups) : "memory")

FUNCTION uint exchanged(uint value, int mask) { return __shfl_xor_sync(0xffffffffu, value, mask); }
FUNCTION float exp2_of(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
// Two rounded, the first in the low half.
FUNCTION uint pair_of_bf16(float low, float high) {
  uint pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
FUNCTION uint pair_of_f16(float low, float high) {
  uint pair;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
#else
typedef ulong LocalAt;
#define local_at(memory) ((LocalAt)(memory))
#define load_matrices double_load_matrices
#define load_transposed double_load_transposed
#define multiply_f16 double_multiply_f16
#define multiply_bf16 double_multiply_bf16
#define multiply_i8 double_multiply_i8
#define multiply_e4m3 double_multiply_e4m3
#define copy_16 double_copy_16
#define commit_copies double_commit_copies
#define WAIT_FOR_COPIES(groups) double_wait_for_copies(groups)
#define exchanged double_exchanged
#define exp2_of exp2
FUNCTION uint pair_of_bf16(float low, float high) { return float_to_bf16(low) | float_to_bf16(high) << 16; }
FUNCTION uint pair_of_f16(float low, float high) { return float_to_half(low) | float_to_half(high) << 16; }
#endif

FUNCTION float exchanged_float(float value, int mask) { return AS_FLOAT(exchanged(AS_UINT(value), mask)); }

// By element type, f16 or bf16.
FUNCTION void multiply_halves(int type, float* sums, const uint* a, const uint* b) {
  if (type == GPU_F16) multiply_f16(sums, a, b);
  else multiply_bf16(sums, a, b);
}
FUNCTION uint pair_of(int type, float low, float high) {
  return type == GPU_F16 ? pair_of_f16(low, high) : pair_of_bf16(low, high);
}
#endif
