// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention on graphics processors: a work-group takes BQ queries through the keys in blocks of KEYS; the softmax is
// rescaled as its maximum grows. In local memory: the queries, a block's keys and then its values, its weights. A
// work-item has four queries by four keys of a block, and by four columns in every KEYS of the values. Macros: BQ and
// KEYS (multiples of 4), DEPTH (q's columns, a multiple of 4), WIDTH (v's, a multiple of KEYS), TYPE, KEY_TYPE.
#define TX (KEYS / 4)
#define TY (BQ / 4)
#define THREADS (TX * TY)
#define PITCH (BQ + 4)
#define KEY_PITCH (KEYS + 4)
#define VALUE_PITCH (WIDTH + 4)
#define BLOCK (DEPTH * KEY_PITCH > KEYS * VALUE_PITCH ? DEPTH * KEY_PITCH : KEYS * VALUE_PITCH)
#define FOURS (WIDTH / KEYS)

// sums += rows (PITCH apart) times columns (`pitch` apart): four by four, `deep` of them.
FUNCTION void multiply_block(IN_LOCAL const float* rows, IN_LOCAL const float* columns, int pitch, int deep,
                             float (*sums)[4]) {
  for (int u = 0; u < deep; ++u) {
    const Four a = *(IN_LOCAL const Four*)(rows + u * PITCH), b = *(IN_LOCAL const Four*)(columns + u * pitch);
    UNROLL for (int r = 0; r < 4; ++r) {
      UNROLL for (int c = 0; c < 4; ++c) sums[r][c] = MULTIPLY_ADD(a.at[r], b.at[c], sums[r][c]);
    }
  }
}

KERNEL_OF(THREADS) attend_block(GLOBAL uchar* y, long y_at, GLOBAL const uchar* q, long q_at, GLOBAL const uchar* k,
                                long k_at, GLOBAL const uchar* v, long v_at, GLOBAL const uchar* mask, long mask_at,
                                GLOBAL const uchar* table, long table_at, const AttentionParams p) {
  LOCAL Four query_units[DEPTH * PITCH / 4], weight_units[KEYS * PITCH / 4], block_units[BLOCK / 4];
  LOCAL float rows[BQ * (TX + 1)];  // a number of every work-item's for a query
  IN_LOCAL float* queries = (IN_LOCAL float*)query_units;
  IN_LOCAL float* weights = (IN_LOCAL float*)weight_units;
  IN_LOCAL float* block = (IN_LOCAL float*)block_units;
  const int thread = LOCAL_ID(0), tx = thread % TX, ty = thread / TX;
  // The last queries first: where the mask is causal they see the most keys.
  const long batch = GROUP_ID(0) / p.blocks, first = (p.blocks - 1 - GROUP_ID(0) % p.blocks) * BQ;
  const float lowest = -AS_FLOAT(0x7f800000u);
  GLOBAL const int* pages = (GLOBAL const int*)(table + table_at);
  float sums[FOURS][4][4], top[4], total[4];
  long seen[4], most = p.keys;
  y += y_at + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  q += q_at + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  k += k_at + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  v += v_at + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  pages += nest_offset(p.lead, p.lead_stride[5], p.lead_rank, batch);
  mask += mask_at + nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch);
  UNROLL for (int r = 0; r < 4; ++r) {
    const long reach = first + ty * 4 + r + p.keys - p.queries + 1;
    seen[r] = p.causal && reach < p.keys ? (reach < 0 ? 0 : reach) : p.keys;
    top[r] = lowest;
    total[r] = 0.0f;
    UNROLL for (int j = 0; j < FOURS; ++j) {
      UNROLL for (int c = 0; c < 4; ++c) sums[j][r][c] = 0.0f;
    }
  }
  if (p.causal && first + BQ + p.keys - p.queries < most) most = first + BQ + p.keys - p.queries;
  for (int i = thread; i < BQ * DEPTH / 4; i += THREADS) {
    const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;
    const Four four = four_at(q, (first + row) * p.row_stride[1] + d * p.column_stride[1], p.column_stride[1],
                              first + row < p.queries ? p.depth - d : 0, TYPE);
    UNROLL for (int j = 0; j < 4; ++j) queries[(d + j) * PITCH + row] = four.at[j];
  }
  NO_UNROLL for (long t0 = 0; t0 < most; t0 += KEYS) {
    float scores[4][4], shrink[4];
    UNROLL for (int r = 0; r < 4; ++r) {
      UNROLL for (int c = 0; c < 4; ++c) scores[r][c] = 0.0f;
    }
    BARRIER();
    for (int i = thread; i < KEYS * DEPTH / 4; i += THREADS) {
      const int key = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;
      const int is_key = t0 + key < p.keys;
      const Four four = four_at(k, (is_key ? key_offset(&p, pages, 2, t0 + key) : 0) + d * p.column_stride[2],
                                p.column_stride[2], is_key ? p.depth - d : 0, KEY_TYPE);
      UNROLL for (int j = 0; j < 4; ++j) block[(d + j) * KEY_PITCH + key] = four.at[j];
    }
    BARRIER();
    multiply_block(queries + ty * 4, block + tx * 4, KEY_PITCH, DEPTH, scores);
    UNROLL for (int r = 0; r < 4; ++r) {
      float highest = lowest;
      UNROLL for (int c = 0; c < 4; ++c) {
        const long t = t0 + tx * 4 + c, s = first + ty * 4 + r;
        scores[r][c] *= p.scale;
        if (p.has_mask && s < p.queries && t < p.keys)
          scores[r][c] += load_f32(mask, s * p.row_stride[4] + t * p.column_stride[4], p.mask_type);
        if (t >= seen[r]) scores[r][c] = lowest;
        highest = scores[r][c] > highest ? scores[r][c] : highest;
      }
      rows[(ty * 4 + r) * (TX + 1) + tx] = highest;
    }
    BARRIER();
    UNROLL for (int r = 0; r < 4; ++r) {
      float highest = top[r];
      for (int i = 0; i < TX; ++i) {
        const float other = rows[(ty * 4 + r) * (TX + 1) + i];
        highest = other > highest ? other : highest;
      }
      shrink[r] = top[r] == highest ? 1.0f : exp(top[r] - highest);
      top[r] = highest;
      total[r] *= shrink[r];
      UNROLL for (int c = 0; c < 4; ++c) {
        const float weight = scores[r][c] == lowest ? 0.0f : exp(scores[r][c] - highest);
        total[r] += weight;
        weights[(tx * 4 + c) * PITCH + ty * 4 + r] = weight;
      }
      UNROLL for (int j = 0; j < FOURS; ++j) {
        UNROLL for (int c = 0; c < 4; ++c) sums[j][r][c] *= shrink[r];
      }
    }
    for (int i = thread; i < KEYS * WIDTH / 4; i += THREADS) {
      const int key = i / (WIDTH / 4), e = i % (WIDTH / 4) * 4;
      const int is_key = t0 + key < p.keys;
      *(IN_LOCAL Four*)(block + key * VALUE_PITCH + e) =
          four_at(v, (is_key ? key_offset(&p, pages, 3, t0 + key) : 0) + e * p.column_stride[3], p.column_stride[3],
                  is_key ? p.width - e : 0, KEY_TYPE);
    }
    BARRIER();
    UNROLL for (int j = 0; j < FOURS; ++j)
      multiply_block(weights + ty * 4, block + j * KEYS + tx * 4, VALUE_PITCH, KEYS, sums[j]);
  }
  BARRIER();
  UNROLL for (int r = 0; r < 4; ++r) rows[(ty * 4 + r) * (TX + 1) + tx] = total[r];
  BARRIER();
  UNROLL for (int r = 0; r < 4; ++r) {
    const long s = first + ty * 4 + r;
    float all = 0.0f;
    for (int i = 0; i < TX; ++i) all += rows[(ty * 4 + r) * (TX + 1) + i];
    UNROLL for (int j = 0; j < FOURS; ++j) {
      UNROLL for (int c = 0; c < 4; ++c) {
        const int e = j * KEYS + tx * 4 + c;
        if (s < p.queries && e < p.width)
          store_f32(y, s * p.row_stride[0] + e * p.column_stride[0], TYPE,
                    seen[r] > 0 ? sums[j][r][c] / all * p.value_scale : 0.0f);
      }
    }
  }
}
