// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a device reaches at best. Macros COMPUTE_...: the one kernel `compute` then; without any, the ones of memory.

// Memory in words of 8 bytes. Pass t of work-item i is at the words from ((i + t * shift) % items) * item_step on, `run`
// of them in steps of `step`; items is a power of two.
FUNCTION long probe_first(const ProbeParams* p, long pass) {
  return ((GLOBAL_ID(0) + pass * p->shift) & (p->items - 1)) * p->item_step;
}

#if !defined(COMPUTE_F32) && !defined(COMPUTE_F64) && !defined(COMPUTE_I8) && !defined(COMPUTE_MMA)
// `run` is a multiple of 16; of host threads `step` is 1.
KERNEL read_words(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const ProbeParams p) {
#ifdef HOST_VECTORS
  ulong8 sums = (ulong8)((ulong)0), more = sums;
#else
  ulong sum = 0, more = 0, still = 0, last = 0;
#endif
  for (long pass = 0; pass < p.passes; ++pass) {
    const long first = x_at + 8 * probe_first(&p, pass);
#ifdef HOST_VECTORS
    GLOBAL const ulong* words = (GLOBAL const ulong*)(x + first);
    for (long j = 0; j < p.run; j += 16) {
      sums += vload8(0, words + j);
      more += vload8(1, words + j);
    }
#else
    for (long j = 0; j < p.run; j += 4) {
      sum += AT_CONST(x, first + 8 * (j + 0) * p.step, ulong);
      more += AT_CONST(x, first + 8 * (j + 1) * p.step, ulong);
      still += AT_CONST(x, first + 8 * (j + 2) * p.step, ulong);
      last += AT_CONST(x, first + 8 * (j + 3) * p.step, ulong);
    }
#endif
  }
#ifdef HOST_VECTORS
  sums += more;
  ulong sum = sums.s0 + sums.s1 + sums.s2 + sums.s3 + sums.s4 + sums.s5 + sums.s6 + sums.s7;
#else
  sum += more + still + last;
#endif
  if (sum == ~(ulong)0) AT(y, y_at, ulong) = sum;  // never: only so that the reads are not left out
}

KERNEL stream_words(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const ProbeParams p) {
  for (long pass = 0; pass < p.passes; ++pass) {
    const long first = 8 * probe_first(&p, pass);
#ifdef HOST_VECTORS
    GLOBAL const ulong* from = (GLOBAL const ulong*)(x + x_at + first);
    GLOBAL ulong* to = (GLOBAL ulong*)(y + y_at + first);
    for (long j = 0; j < p.run; j += 8) vstore8(vload8(0, from + j) + (ulong8)((ulong)1), 0, to + j);
#else
    for (long j = 0; j < p.run; ++j)
      AT(y, y_at + first + 8 * j * p.step, ulong) = AT_CONST(x, x_at + first + 8 * j * p.step, ulong) + 1;
#endif
  }
}
#endif

// Multiply-accumulates: `passes` turns of CHAINS independent sums. Work-item 0 tells at y how many one turn of one
// work-item makes; 0: this device has no such instruction.
#if defined(COMPUTE_F32) || defined(COMPUTE_F64)
#ifdef COMPUTE_F32
#define ELEMENT float
#else
#define ELEMENT double
#endif
#ifdef HOST_VECTORS
#ifdef COMPUTE_F32
#define NUMBER VECTOR
#define WIDTH LANES
#elif LANES == 16
#define NUMBER double8
#define WIDTH 8
#else
#define NUMBER double4
#define WIDTH 4
#endif
#define CHAINS 12
#define FIRST_OF(sum) (sum).s0
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#else
#define NUMBER ELEMENT
#define WIDTH 1
#define CHAINS 16
#define FIRST_OF(sum) (sum)
#ifdef __CUDACC_RTC__
#define MULTIPLY_ADD fma
#else
#define MULTIPLY_ADD mad
#endif
#endif
KERNEL compute(GLOBAL uchar* y, long y_at, const ProbeParams p) {
  NUMBER sums[CHAINS];
  const NUMBER factor = (NUMBER)((ELEMENT)p.factor);  // 0.5: sums tend to 1, and are neither subnormal nor infinite
  UNROLL
  for (int c = 0; c < CHAINS; ++c) sums[c] = (NUMBER)((ELEMENT)c);
  for (long turn = 0; turn < p.passes; ++turn) {
    UNROLL
    for (int c = 0; c < CHAINS; ++c) sums[c] = MULTIPLY_ADD(sums[c], factor, factor);
  }
  UNROLL
  for (int c = 1; c < CHAINS; ++c) sums[0] += sums[c];
  if (GLOBAL_ID(0) == 0) AT(y, y_at, int) = CHAINS * WIDTH;
  if (FIRST_OF(sums[0]) < (ELEMENT)0) AT(y, y_at, int) = -1;  // never
}
#endif

#ifdef COMPUTE_I8
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 610
#define CHAINS 16
KERNEL compute(GLOBAL uchar* y, long y_at, const ProbeParams p) {
  int sums[CHAINS];
  const int factor = (int)(p.factor * 2.0f);
  UNROLL
  for (int c = 0; c < CHAINS; ++c) sums[c] = c;
  for (long turn = 0; turn < p.passes; ++turn) {
    UNROLL
    for (int c = 0; c < CHAINS; ++c) sums[c] = __dp4a(sums[c], factor, sums[c]);
  }
  UNROLL
  for (int c = 1; c < CHAINS; ++c) sums[0] ^= sums[c];
  if (GLOBAL_ID(0) == 0) AT(y, y_at, int) = CHAINS * 4;
  if (sums[0] == 0x7ead0be5 && p.items == 0) AT(y, y_at, int) = -1;  // never
}
#else
KERNEL compute(GLOBAL uchar* y, long y_at, const ProbeParams p) {
  if (GLOBAL_ID(0) == 0) AT(y, y_at, int) = 0;
}
#endif
#endif

// Tensor cores, through mma.sync ("PTX ISA", warp-level matrix instructions): 16 x 8 sums a warp, with 32 bytes of a row
// of the left operand. COMPUTE_MMA: the operands' type as a number of params.h.
#ifdef COMPUTE_MMA
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= (COMPUTE_MMA == GPU_F8E4M3 ? 890 : 800)
#define CHAINS 8
#if COMPUTE_MMA == GPU_F16
#define MMA "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32"
#elif COMPUTE_MMA == GPU_BF16
#define MMA "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
#elif COMPUTE_MMA == GPU_F8E4M3
#define MMA "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32"
#else
#define MMA "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32"
#endif
#if COMPUTE_MMA == GPU_I8
#define SUM int
#define IN_REGISTER "+r"
#else
#define SUM float
#define IN_REGISTER "+f"
#endif
KERNEL compute(GLOBAL uchar* y, long y_at, const ProbeParams p) {
  SUM sums[CHAINS][4] = {};
  const uint a = (uint)(p.factor * 0.5f);  // zeros, which the compiler does not know of
  for (long turn = 0; turn < p.passes; ++turn) {
    UNROLL
    for (int c = 0; c < CHAINS; ++c)
      asm volatile(MMA " {%0,%1,%2,%3}, {%4,%4,%4,%4}, {%4,%4}, {%0,%1,%2,%3};"
                   : IN_REGISTER(sums[c][0]), IN_REGISTER(sums[c][1]), IN_REGISTER(sums[c][2]), IN_REGISTER(sums[c][3])
                   : "r"(a));
  }
  // Of a warp's 16 x 8 x (16 or 32) products a turn and chain, a thread's share.
  if (GLOBAL_ID(0) == 0) AT(y, y_at, int) = CHAINS * 16 * 8 * (COMPUTE_MMA == GPU_F16 || COMPUTE_MMA == GPU_BF16 ? 16 : 32) / 32;
}
#else
KERNEL compute(GLOBAL uchar* y, long y_at, const ProbeParams p) {
  if (GLOBAL_ID(0) == 0) AT(y, y_at, int) = 0;
}
#endif
#endif
