// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention of few queries on graphics processors, bound by reading keys and values: a work-group takes BQ queries
// through a part of the keys. Its sets of LANES work-items each have keys of their own, PER at a time, and a softmax of
// their own, rescaled as its maximum grows; a work-item has four columns in every 4 LANES of a key's and of a value's,
// and one of the set's PER by BQ scores. Sets are joined at the end; parts, where there are several, by attend_join.
// Macros: BQ and LANES (powers of two, BQ <= LANES <= 32), DEPTH and WIDTH (q's and v's columns, multiples of
// 4 LANES), TYPE, KEY_TYPE.
#define THREADS 128
#define SETS (THREADS / LANES)
#define PER (LANES / BQ)
#define KEYS (SETS * PER)
#define WIDE (4 * LANES)
#define K_FOURS (DEPTH / WIDE)
#define V_FOURS (WIDTH / WIDE)
#define PITCH (LANES + 1)

FUNCTION long keys_seen(const AttentionParams* p, long s) {
  const long reach = s + p->keys - p->queries + 1;
  return p->causal && reach < p->keys ? (reach < 0 ? 0 : reach) : p->keys;
}

// `partial`: for each query and part of the keys the sums of its values, then its maximum and its sum of weights.
KERNEL_OF(THREADS) attend_row(GLOBAL uchar* y, long y_at, GLOBAL const uchar* q, long q_at, GLOBAL const uchar* k,
                              long k_at, GLOBAL const uchar* v, long v_at, GLOBAL const uchar* mask, long mask_at,
                              GLOBAL const uchar* table, long table_at, GLOBAL uchar* partial, long partial_at,
                              const AttentionParams p) {
  LOCAL float parts[THREADS * PITCH], scores[THREADS], weights[THREADS], shrinks[SETS * BQ];
  const int thread = LOCAL_ID(0), lane = thread % LANES, set = thread / LANES;
  IN_LOCAL float* set_parts = parts + set * LANES * PITCH;
  IN_LOCAL float* set_scores = scores + set * LANES;
  IN_LOCAL float* set_weights = weights + set * LANES;
  const int own_key = lane / BQ, own_query = lane % BQ;
  const long group = GROUP_ID(0) / p.parts, part = GROUP_ID(0) % p.parts;
  const long batch = group / p.blocks, first = group % p.blocks * BQ, own_s = first + own_query;
  const long own_seen = own_s < p.queries ? keys_seen(&p, own_s) : 0;
  const long most = keys_seen(&p, first + BQ < p.queries ? first + BQ - 1 : p.queries - 1);
  const long begin = part * p.span, end = begin + p.span < most ? begin + p.span : most;
  const float lowest = -AS_FLOAT(0x7f800000u);
  GLOBAL const int* pages = (GLOBAL const int*)(table + table_at);
  Four queries[BQ][K_FOURS], sums[BQ][V_FOURS];
  float top = lowest, total = 0.0f;  // the set's own query's; of the total what own keys gave
  y += y_at + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  q += q_at + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  k += k_at + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  v += v_at + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  mask += mask_at + nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch);
  pages += nest_offset(p.lead, p.lead_stride[5], p.lead_rank, batch);
  UNROLL for (int b = 0; b < BQ; ++b) {
    UNROLL for (int j = 0; j < K_FOURS; ++j) {
      const int d = j * WIDE + lane * 4;
      queries[b][j] = four_at(q, (first + b) * p.row_stride[1] + d * p.column_stride[1], p.column_stride[1],
                              first + b < p.queries ? p.depth - d : 0, TYPE);
    }
    UNROLL for (int j = 0; j < V_FOURS; ++j) {
      UNROLL for (int c = 0; c < 4; ++c) sums[b][j].at[c] = 0.0f;
    }
  }
  NO_UNROLL for (long t0 = begin; t0 < end; t0 += KEYS) {
    const long set_t = t0 + set * PER, own_t = set_t + own_key;
    float score = 0.0f, highest = top, shrink, weight;
    UNROLL for (int i = 0; i < PER; ++i) {
      const int is_key = set_t + i < end;
      const long at = is_key ? key_offset(&p, pages, 2, set_t + i) : 0;
      float products[BQ];
      UNROLL for (int b = 0; b < BQ; ++b) products[b] = 0.0f;
      UNROLL for (int j = 0; j < K_FOURS; ++j) {
        const int d = j * WIDE + lane * 4;
        const Four key =
            four_at(k, at + d * p.column_stride[2], p.column_stride[2], is_key ? p.depth - d : 0, KEY_TYPE);
        UNROLL for (int b = 0; b < BQ; ++b) {
          UNROLL for (int c = 0; c < 4; ++c)
            products[b] = MULTIPLY_ADD(queries[b][j].at[c], key.at[c], products[b]);
        }
      }
      UNROLL for (int b = 0; b < BQ; ++b) set_parts[(i * BQ + b) * PITCH + lane] = products[b];
    }
    BARRIER();
    for (int l = 0; l < LANES; ++l) score += set_parts[lane * PITCH + l];
    score *= p.scale;
    if (own_t >= own_seen || own_t >= end) score = lowest;
    else if (p.has_mask) score += load_f32(mask, own_s * p.row_stride[4] + own_t * p.column_stride[4], p.mask_type);
    set_scores[lane] = score;
    BARRIER();
    UNROLL for (int i = 0; i < PER; ++i) {
      const float other = set_scores[i * BQ + own_query];
      highest = other > highest ? other : highest;
    }
    shrink = top == highest ? 1.0f : exp(top - highest);
    weight = score == lowest ? 0.0f : exp(score - highest);
    top = highest;
    total = total * shrink + weight;
    set_weights[lane] = weight;
    if (own_key == 0) shrinks[set * BQ + own_query] = shrink;
    BARRIER();
    UNROLL for (int b = 0; b < BQ; ++b) {
      const float less = shrinks[set * BQ + b];
      UNROLL for (int j = 0; j < V_FOURS; ++j) {
        UNROLL for (int c = 0; c < 4; ++c) sums[b][j].at[c] *= less;
      }
    }
    UNROLL for (int i = 0; i < PER; ++i) {
      const int is_key = set_t + i < end;
      const long at = is_key ? key_offset(&p, pages, 3, set_t + i) : 0;
      UNROLL for (int j = 0; j < V_FOURS; ++j) {
        const int e = j * WIDE + lane * 4;
        const Four value =
            four_at(v, at + e * p.column_stride[3], p.column_stride[3], is_key ? p.width - e : 0, KEY_TYPE);
        UNROLL for (int b = 0; b < BQ; ++b) {
          UNROLL for (int c = 0; c < 4; ++c)
            sums[b][j].at[c] = MULTIPLY_ADD(set_weights[i * BQ + b], value.at[c], sums[b][j].at[c]);
        }
      }
    }
  }
  BARRIER();
  scores[thread] = top;
  weights[thread] = total;
  BARRIER();
  UNROLL for (int b = 0; b < BQ; ++b) {
    const long s = first + b;
    float highest = lowest, all = 0.0f, share;
    for (int other = 0; other < SETS; ++other) {
      const float its = scores[other * LANES + b];
      highest = its > highest ? its : highest;
    }
    for (int other = 0; other < SETS; ++other) {
      const float its = scores[other * LANES + b], factor = its == lowest ? 0.0f : exp(its - highest);
      for (int i = 0; i < PER; ++i) all += weights[other * LANES + i * BQ + b] * factor;
    }
    share = set_scores[b] == lowest ? 0.0f : exp(set_scores[b] - highest);
    UNROLL for (int j = 0; j < V_FOURS; ++j) {
      const int e = j * WIDE + thread;
      float sum = 0.0f;
      UNROLL for (int c = 0; c < 4; ++c) parts[set * WIDE + lane * 4 + c] = sums[b][j].at[c] * share;
      BARRIER();
      if (thread < WIDE && e < p.width && s < p.queries) {
        for (int other = 0; other < SETS; ++other) sum += parts[other * WIDE + thread];
        if (p.parts == 1) {
          store_f32(y, s * p.row_stride[0] + e * p.column_stride[0], TYPE,
                    keys_seen(&p, s) > 0 ? sum / all * p.value_scale : 0.0f);
        } else {
          GLOBAL float* to = (GLOBAL float*)(partial + partial_at) +
                             ((batch * p.queries + s) * p.parts + part) * (p.width + 2);
          to[e] = sum;
          if (e == 0) {
            to[p.width] = highest;
            to[p.width + 1] = all;
          }
        }
      }
      BARRIER();
    }
  }
}

// An element of y a work-item.
KERNEL attend_join(GLOBAL uchar* y, long y_at, GLOBAL const uchar* partial, long partial_at, const AttentionParams p) {
  const long line = GLOBAL_ID(0) / p.width, e = GLOBAL_ID(0) % p.width, s = line % p.queries;
  const float lowest = -AS_FLOAT(0x7f800000u);
  float highest = lowest, sum = 0.0f, all = 0.0f;
  GLOBAL const float* from = (GLOBAL const float*)(partial + partial_at) + line * p.parts * (p.width + 2);
  if (line >= p.lines) return;
  y += y_at + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, line / p.queries);
  for (long part = 0; part < p.parts; ++part) {
    const float its = from[part * (p.width + 2) + p.width];
    highest = its > highest ? its : highest;
  }
  for (long part = 0; part < p.parts; ++part, from += p.width + 2) {
    const float factor = from[p.width] == lowest ? 0.0f : exp(from[p.width] - highest);
    sum += from[e] * factor;
    all += from[p.width + 1] * factor;
  }
  store_f32(y, s * p.row_stride[0] + e * p.column_stride[0], TYPE,
            keys_seen(&p, s) > 0 ? sum / all * p.value_scale : 0.0f);
}
