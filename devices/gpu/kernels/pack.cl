// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Weights as panels of f32 (TileParams). Macro NR: columns of a panel.

KERNEL pack(GLOBAL uchar* packed, long packed_at, GLOBAL const uchar* w, long w_at, GLOBAL const uchar* constants,
            long constants_at, const PackParams p) {
  const long item = GLOBAL_ID(0);
  long rest = item / p.channels, batch, first, at, column0;
  const long c = item % p.channels;
  const int kw = (int)(rest % p.kernel_w);
  rest /= p.kernel_w;
  const int kh = (int)(rest % p.kernel_h);
  rest /= p.kernel_h;
  if (item >= p.items) return;
  first = rest % p.panels * NR;
  batch = rest / p.panels;
  at = nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + c * p.w_stride[1] + kh * p.w_stride[2] +
       kw * p.w_stride[3];
  column0 = nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  w += w_at;
  constants += constants_at;
  GLOBAL float* row = (GLOBAL float*)(packed + packed_at) + item * NR;
  for (int j = 0; j < NR; ++j) {
    const long column = first + j, from = at + column * p.w_stride[0];
    float value = 0.0f;
    if (column < p.columns) {
      if (is_float_type(p.w_type)) value = load_f32(w, from, p.w_type);
      else {
        const GpuChannel channel = ((GLOBAL const GpuChannel*)constants)[(column0 + column) * p.channel_step];
        value = (float)((int)load_i64(w, from, p.w_type) - channel.zero);
      }
    }
    row[j] = value;
  }
}
