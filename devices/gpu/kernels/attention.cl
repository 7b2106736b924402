// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A query an item: keys in blocks, the softmax rescaled as its maximum grows. Values wider than WIDTH take several
// passes.
#define BLOCK 16
#define WIDTH 64

KERNEL attention(GLOBAL uchar* y, long y_at, GLOBAL const uchar* q, long q_at, GLOBAL const uchar* k, long k_at,
                 GLOBAL const uchar* v, long v_at, GLOBAL const uchar* mask, long mask_at, GLOBAL const uchar* table,
                 long table_at, const AttentionParams p) {
  const long line = GLOBAL_ID(0), batch = line / p.queries, s = line % p.queries;
  const REAL lowest = -(REAL)AS_FLOAT(0x7f800000u);
  GLOBAL const int* pages = (GLOBAL const int*)(table + table_at);
  long seen = p.keys;
  if (line >= p.lines) return;
  y += y_at + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + s * p.row_stride[0];
  q += q_at + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch) + s * p.row_stride[1];
  k += k_at + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  v += v_at + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  pages += nest_offset(p.lead, p.lead_stride[5], p.lead_rank, batch);
  mask += mask_at + nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + s * p.row_stride[4];
  if (p.causal && s + p.keys - p.queries + 1 < seen) seen = s + p.keys - p.queries + 1;
  for (long e0 = 0; e0 < p.width; e0 += WIDTH) {
    const int width = p.width - e0 < WIDTH ? (int)(p.width - e0) : WIDTH;
    REAL sums[WIDTH], scores[BLOCK], top = lowest, total = (REAL)0;
    for (int e = 0; e < width; ++e) sums[e] = (REAL)0;
    for (long t0 = 0; t0 < seen; t0 += BLOCK) {
      const int count = seen - t0 < BLOCK ? (int)(seen - t0) : BLOCK;
      REAL highest = top, shrink;
      for (int t = 0; t < count; ++t) {
        const long key = key_offset(&p, pages, 2, t0 + t);
        REAL sum = (REAL)0;
        for (long d = 0; d < p.depth; ++d)
          sum += LOAD_REAL(q, d * p.column_stride[1], p.type) *
                 LOAD_REAL(k, key + d * p.column_stride[2], p.key_type);
        sum *= (REAL)p.scale;
        if (p.has_mask) sum += LOAD_REAL(mask, (t0 + t) * p.column_stride[4], p.mask_type);
        scores[t] = sum;
        highest = sum > highest ? sum : highest;
      }
      shrink = top == highest ? (REAL)1 : exp(top - highest);
      total *= shrink;
      for (int e = 0; e < width; ++e) sums[e] *= shrink;
      for (int t = 0; t < count; ++t) {
        const REAL weight = scores[t] == lowest ? (REAL)0 : exp(scores[t] - highest);
        const long value = key_offset(&p, pages, 3, t0 + t);
        total += weight;
        for (int e = 0; e < width; ++e)
          sums[e] += weight * LOAD_REAL(v, value + (e0 + e) * p.column_stride[3], p.key_type);
      }
      top = highest;
    }
    for (int e = 0; e < width; ++e)
      STORE_REAL(y, (e0 + e) * p.column_stride[0], p.type,
                 seen > 0 ? sums[e] / total * (REAL)p.value_scale : (REAL)0);
  }
}
