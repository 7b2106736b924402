// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products of one row, bound by what is read (operands as chunks.cl has them): a work-group has LANES parts of k for every
// one of its COLUMNS, a work-item a part of PER columns; x is along k.
#define THREADS 128
#define PER (W_ALONG == ALONG_K ? 2 : 4)
#define LANES (W_ALONG == ALONG_K ? 32 : 16)
#define SETS (THREADS / LANES)
#define COLUMNS (SETS * PER)
#define STEP (W_ALONG == ALONG_K ? CHUNK_K : UNIT_K)

KERNEL_OF(THREADS) row(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w,
                       long w_from, GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual,
                       long residual_from, GLOBAL const uchar* constants, long constants_from, const TileParams p) {
  LOCAL UNIT parts[THREADS * PER];
  const int thread = LOCAL_ID(0), set = W_ALONG == ALONG_K ? thread / LANES : thread % SETS;
  const int lane = W_ALONG == ALONG_K ? thread % LANES : thread / SETS;
  const int column0 = (int)(GROUP_ID(0) % p.panels) * COLUMNS, column = column0 + thread;
  const long batch = GROUP_ID(0) / p.panels;
  const long first_column = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch);
  const long x_at = nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  const long w_at = nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  const Spot x_spot = {0, 0, 1};
  Spot w_spots[4];
  UNIT sum[PER], total = (UNIT)0;
#ifdef INTEGERS
  int x_sum = 0, w_sum[PER], count = 0;
#endif
  UNROLL for (int j = 0; j < 4; ++j) {
    w_spots[j].top = 0;
    w_spots[j].left = column0 + set * PER + j;
    w_spots[j].valid = w_spots[j].left < (int)p.columns;
  }
  UNROLL for (int j = 0; j < PER; ++j) {
    sum[j] = (UNIT)0;
#ifdef INTEGERS
    w_sum[j] = 0;
#endif
  }
  x += x_from;
  w += w_from;
  for (int k = lane * STEP; k < (int)p.channels; k += LANES * STEP) {
    Units a, b[PER];
#if W_ALONG == ALONG_K
    a = units_of(0, chunk_along_k(&p, 0, x, x_at, k, x_spot));
    UNROLL for (int j = 0; j < PER; ++j) b[j] = units_of(1, chunk_along_k(&p, 1, w, w_at, k, w_spots[j]));
#else
    Raw raw = {{0u, 0u, 0u, 0u}};
    const Units across = units_of(1, chunk_along_rows(&p, 1, w, w_at, k, w_spots));
    UNROLL for (int e = 0; e < UNIT_K; ++e) raw.at[0] |= raw_element(&p, 0, x, x_at, k + e, x_spot) << 8 * e;
    a = units_of(0, raw);
    UNROLL for (int j = 0; j < PER; ++j) b[j].at[0] = across.at[j];
#endif
    UNROLL for (int i = 0; i < STEP / UNIT_K; ++i) {
#ifdef INTEGERS
      x_sum = DOT4(a.at[i], 0x01010101, x_sum);
      count += UNIT_K;
#endif
      UNROLL for (int j = 0; j < PER; ++j) {
#ifdef INTEGERS
        sum[j] = DOT4(a.at[i], b[j].at[i], sum[j]);
        w_sum[j] = DOT4(b[j].at[i], 0x01010101, w_sum[j]);
#else
        sum[j] = MULTIPLY_ADD(a.at[i], b[j].at[i], sum[j]);
#endif
      }
    }
  }
  UNROLL for (int j = 0; j < PER; ++j) {
#ifdef INTEGERS
    sum[j] = without_zeros(&p, sum[j], x_sum, w_sum[j], count,
                           w_spots[j].valid ? first_column + w_spots[j].left : first_column, constants + constants_from);
#endif
    parts[lane * COLUMNS + set * PER + j] = sum[j];
  }
  BARRIER();
  if (thread >= COLUMNS || column >= (int)p.columns) return;
  for (int i = 0; i < LANES; ++i) total += parts[i * COLUMNS + thread];
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
#ifdef INTEGERS
  finish_integer(&p.finish, (uint)total, first_column + column, bias + bias_from, constants + constants_from, y,
                 column * p.y_stride[0]);
#else
  finish_real(&p.finish, total, first_column + column, bias + bias_from, residual + residual_from,
              nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch) + column * p.residual_stride[0],
              constants + constants_from, y, column * p.y_stride[0]);
#endif
}
