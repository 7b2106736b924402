// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention on host threads: SHARE queries an item (macro ONE_ROW: one), keys in blocks of NR out of packed panels of k
// and v; the softmax is rescaled as its maximum grows. DEPTH: the most of q's and of v's columns.
#ifdef ONE_ROW
#define SHARE 1
#else
#define SHARE 8
#endif

KERNEL attend(GLOBAL uchar* y, long y_at, GLOBAL const uchar* q, long q_at, GLOBAL const uchar* k, long k_at,
              GLOBAL const uchar* v, long v_at, GLOBAL const uchar* mask, long mask_at, const AttentionParams p) {
  const long batch = GLOBAL_ID(0) / p.blocks, first = GLOBAL_ID(0) % p.blocks * SHARE;
  const float lowest = -AS_FLOAT(0x7f800000u);
  const int panels = (int)((p.width + NR - 1) / NR);
  float queries[SHARE][DEPTH], sums[SHARE][DEPTH], weights[SHARE][NR], top[SHARE], total[SHARE];
  long seen[SHARE], most = 0;
  if (GLOBAL_ID(0) >= p.lines) return;
  y += y_at + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  q += q_at + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  k += k_at + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  v += v_at + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  mask += mask_at + nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch);
  for (int i = 0; i < SHARE; ++i) {
    const long s = first + i < p.queries ? first + i : p.queries - 1, reach = s + p.keys - p.queries + 1;
    seen[i] = p.causal && reach < p.keys ? (reach < 0 ? 0 : reach) : p.keys;
    most = seen[i] > most ? seen[i] : most;
    top[i] = lowest;
    total[i] = 0.0f;
    for (int d = 0; d < (int)p.depth; ++d)
      queries[i][d] = load_f32(q, s * p.row_stride[1] + d * p.column_stride[1], TYPE);
    for (int e = 0; e < panels * NR; ++e) sums[i][e] = 0.0f;
  }
  for (long t0 = 0; t0 < most; t0 += NR) {
    GLOBAL const float* keys = (GLOBAL const float*)(k + t0 / NR * p.k_panel);
    const int count = p.keys - t0 < NR ? (int)(p.keys - t0) : NR;
    VECTOR scores[SHARE][NV];
    UNROLL for (int i = 0; i < SHARE; ++i) {
      UNROLL for (int j = 0; j < NV; ++j) scores[i][j] = (VECTOR)(0.0f);
    }
    for (int d = 0; d < (int)p.depth; ++d, keys += NR) {
      VECTOR column[NV];
      UNROLL for (int j = 0; j < NV; ++j) column[j] = LOAD_VECTOR(j, keys);
      UNROLL for (int i = 0; i < SHARE; ++i) {
        const VECTOR a = (VECTOR)(queries[i][d]);
        UNROLL for (int j = 0; j < NV; ++j) scores[i][j] = multiply_add(a, column[j], scores[i][j]);
      }
    }
    UNROLL for (int i = 0; i < SHARE; ++i) {
      UNROLL for (int j = 0; j < NV; ++j) STORE_VECTOR(scores[i][j] * (VECTOR)(p.scale), j, weights[i]);
    }
    for (int i = 0; i < SHARE; ++i) {
      const long s = first + i < p.queries ? first + i : p.queries - 1;
      const int visible = seen[i] - t0 < count ? (int)(seen[i] - t0) : count;
      float highest = top[i], shrink, sum = 0.0f;
      if (p.has_mask)
        for (int t = 0; t < visible; ++t)
          weights[i][t] += load_f32(mask, s * p.row_stride[4] + (t0 + t) * p.column_stride[4], p.mask_type);
      for (int t = 0; t < NR; ++t) weights[i][t] = t < visible ? weights[i][t] : lowest;
      for (int t = 0; t < NR; ++t) highest = weights[i][t] > highest ? weights[i][t] : highest;
      shrink = top[i] == highest ? 1.0f : exp(top[i] - highest);
      for (int t = 0; t < NR; ++t) weights[i][t] = weights[i][t] == lowest ? 0.0f : exp(weights[i][t] - highest);
      for (int t = 0; t < NR; ++t) sum += weights[i][t];
      total[i] = total[i] * shrink + sum;
      top[i] = highest;
      if (shrink != 1.0f)
        for (int e = 0; e < panels * NR; ++e) sums[i][e] *= shrink;
    }
    for (int panel = 0; panel < panels; ++panel) {
      GLOBAL const float* values = (GLOBAL const float*)(v + panel * p.v_panel) + t0 * NR;
      VECTOR out[SHARE][NV];
      UNROLL for (int i = 0; i < SHARE; ++i) {
        UNROLL for (int j = 0; j < NV; ++j) out[i][j] = LOAD_VECTOR(j, sums[i] + panel * NR);
      }
      for (int t = 0; t < count; ++t, values += NR) {
        VECTOR column[NV];
        UNROLL for (int j = 0; j < NV; ++j) column[j] = LOAD_VECTOR(j, values);
        UNROLL for (int i = 0; i < SHARE; ++i) {
          const VECTOR a = (VECTOR)(weights[i][t]);
          UNROLL for (int j = 0; j < NV; ++j) out[i][j] = multiply_add(a, column[j], out[i][j]);
        }
      }
      UNROLL for (int i = 0; i < SHARE; ++i) {
        UNROLL for (int j = 0; j < NV; ++j) STORE_VECTOR(out[i][j], j, sums[i] + panel * NR);
      }
    }
  }
  for (int i = 0; i < SHARE && first + i < p.queries; ++i)
    for (int e = 0; e < (int)p.width; ++e)
      store_f32(y, (first + i) * p.row_stride[0] + e * p.column_stride[0], TYPE,
                seen[i] > 0 ? sums[i][e] / total[i] * p.value_scale : 0.0f);
}
