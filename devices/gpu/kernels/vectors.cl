// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Vectors of OpenCL as wide as the host's registers, for the programs that host threads run (macro HOST_VECTORS).
#ifdef HOST_VECTORS
#pragma OPENCL FP_CONTRACT ON
#define NR 32
// As many sums as the registers hold beside their operands.
#if defined(__AVX512F__)
#define LANES 16
#define MOST_ROWS 12
#define VECTOR float16
#define INT_VECTOR int16
#define LOAD_VECTOR vload16
#define STORE_VECTOR vstore16
#define TO_INT convert_int16
#define TO_VECTOR convert_float16
#define TO_WORDS convert_uint16
#define AS_VECTOR as_float16
#define LOAD_HALVES vload_half16
#else
#define LANES 8
#define MOST_ROWS 3
#define VECTOR float8
#define INT_VECTOR int8
#define LOAD_VECTOR vload8
#define STORE_VECTOR vstore8
#define TO_INT convert_int8
#define TO_VECTOR convert_float8
#define TO_WORDS convert_uint8
#define AS_VECTOR as_float8
#define LOAD_HALVES vload_half8
#endif
#define NV (NR / LANES)

// Its arguments are as wide as the vectors, so that compilers take registers of that width.
FUNCTION VECTOR multiply_add(VECTOR a, VECTOR b, VECTOR c) { return a * b + c; }
#endif
