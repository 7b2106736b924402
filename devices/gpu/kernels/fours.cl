// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Four neighbours as f32, loaded at once where they lie so.
typedef struct ALIGNED(16) { float at[4]; } Four;
typedef struct ALIGNED(8) { ushort at[4]; } FourHalves;

// `count` elements of a type that load_f32 has, then zeros.
FUNCTION Four four_at(GLOBAL const uchar* base, long at, long stride, long count, int type) {
  const int size = bits_of_type(type) / 8;
  const int is_dense = count >= 4 && stride == size && ((ulong)(base + at) & (ulong)(4 * size - 1)) == 0;
  Four result;
  if (is_dense && type == GPU_F32) return *(GLOBAL const Four*)(base + at);
  if (is_dense && (type == GPU_F16 || type == GPU_BF16)) {
    const FourHalves halves = *(GLOBAL const FourHalves*)(base + at);
    UNROLL for (int i = 0; i < 4; ++i)
      result.at[i] = type == GPU_F16 ? half_to_float(halves.at[i]) : bf16_to_float(halves.at[i]);
    return result;
  }
  if (is_dense && type == GPU_I8) {
    const uint bytes = *(GLOBAL const uint*)(base + at);
    UNROLL for (int i = 0; i < 4; ++i) result.at[i] = (float)(signed char)(bytes >> 8 * i);
    return result;
  }
  UNROLL for (int i = 0; i < 4; ++i) result.at[i] = i < count ? load_f32(base, at + i * stride, type) : 0.0f;
  return result;
}
