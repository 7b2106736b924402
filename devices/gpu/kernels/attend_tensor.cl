// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention of f16 and bf16 on tensor cores (warp.cl): a warp takes TILES times 16 queries, held in registers, through the
// keys in blocks of KEYS; the softmax is rescaled as its maximum grows. The sums of a block's scores lie in the lanes as
// the left operand of the second product does, so weights stay in registers. A block's values are on their way to local
// memory while its scores are computed, the next keys while values are added up. Macros: TYPE, DEPTH and WIDTH (q's and
// v's columns, multiples of 16), KEYS (a multiple of 16), WARPS, TILES, MASK (1: there is one).
#define THREADS (WARPS * 32)
#define WARP_QUERIES (TILES * 16)
#define QUERIES (WARPS * WARP_QUERIES)
// Bytes from row to row: an odd multiple of 16, so that eight rows lie in different banks.
#define K_PITCH (DEPTH * 2 + 16)
#define V_PITCH (WIDTH * 2 + 16)
#define BLOCK_BYTES (KEYS * (K_PITCH + V_PITCH))
#define AREA (BLOCK_BYTES > QUERIES * K_PITCH ? BLOCK_BYTES : QUERIES * K_PITCH)
#define STEPS (DEPTH / 16)     // of the first product's sums
#define KEY_TILES (KEYS / 8)   // columns of scores, by eight
#define OUT_TILES (WIDTH / 8)  // columns of y, by eight
#define LOG2_E 1.44269504088896340736f

typedef struct ALIGNED(16) { ushort at[8]; } Eight;

// An operand's rows; dense: 16 bytes of a row may be read at once.
typedef struct {
  GLOBAL const uchar* base;
  long row_stride, column_stride;
  int columns, dense;
} Rows;
FUNCTION Rows rows_of(const AttentionParams* p, int operand, GLOBAL const uchar* base, int columns) {
  Rows rows;
  rows.base = base;
  rows.row_stride = p->row_stride[operand];
  rows.column_stride = p->column_stride[operand];
  rows.columns = columns;
  rows.dense = columns % 8 == 0 && rows.column_stride == 2 && (((ulong)base | (ulong)rows.row_stride) & 15) == 0;
  return rows;
}

// Rows from `first` on, `count` of them (a constant), those from `end` on and columns beyond the last as zeros; `wide`
// columns of local memory (a constant).
FUNCTION void fetch_rows(const Rows* rows, int first, int count, int end, int wide, int pitch, IN_LOCAL uchar* to,
                         LocalAt to_at, int thread) {
  NO_UNROLL for (int i = thread; i < count * wide / 8; i += THREADS) {  // whose addresses would fill the registers
    const int row = i / (wide / 8), column = i % (wide / 8) * 8, at = row * pitch + column * 2;
    const int valid = first + row < end && column < rows->columns;
    GLOBAL const uchar* from = rows->base + (valid ? (first + row) * rows->row_stride : 0);
    if (rows->dense) {
      copy_16(to_at + at, from + (valid ? column * 2 : 0), valid ? 16 : 0);
    } else {
      Eight eight;
      UNROLL for (int j = 0; j < 8; ++j)
        eight.at[j] = valid && column + j < rows->columns
                          ? AT_CONST(from, (column + j) * rows->column_stride, ushort)
                          : (ushort)0;
      *(IN_LOCAL Eight*)(to + at) = eight;
    }
  }
}

KERNEL_OF(THREADS) attend_tensor(GLOBAL uchar* y, long y_at, GLOBAL const uchar* q, long q_at, GLOBAL const uchar* k,
                                 long k_at, GLOBAL const uchar* v, long v_at, GLOBAL const uchar* mask, long mask_at,
                                 const AttentionParams p) {
  LOCAL Eight area_units[AREA / 16];
  IN_LOCAL uchar* area = (IN_LOCAL uchar*)area_units;
  IN_LOCAL uchar* values = area + KEYS * K_PITCH;
  const LocalAt area_at = local_at(area_units), values_at = area_at + KEYS * K_PITCH;
  const int thread = LOCAL_ID(0), lane = thread % 32, in_row = lane % 4 * 2;
  const int queries = (int)p.queries, keys = (int)p.keys;
  // The last queries first: where the mask is causal they see the most keys.
  const long batch = GROUP_ID(0) / p.blocks;
  const int first = (int)(p.blocks - 1 - GROUP_ID(0) % p.blocks) * QUERIES;
  const int warp_first = first + thread / 32 * WARP_QUERIES, row0 = warp_first + lane / 4;
  const float lowest = -AS_FLOAT(0x7f800000u);
  const float scale = MASK ? p.scale : p.scale * LOG2_E, exponent = MASK ? LOG2_E : 1.0f;
  float sums[TILES][OUT_TILES][4], top[TILES][2], total[TILES][2];
  int seen[TILES][2], most = keys, least = keys;  // keys that a query sees; of all of the group's, of the warp's
  uint left[TILES][STEPS][4];
  y += y_at + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  const Rows q_rows = rows_of(&p, 1, q + q_at + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch), (int)p.depth);
  const Rows k_rows = rows_of(&p, 2, k + k_at + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch), (int)p.depth);
  const Rows v_rows = rows_of(&p, 3, v + v_at + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch), (int)p.width);
  mask += mask_at + nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch);
  if (p.causal) {
    const int reach = keys - queries;
    if (first + QUERIES + reach < most) most = first + QUERIES + reach;
    if (warp_first + 1 + reach < least) least = warp_first + 1 + reach;
  }
  UNROLL for (int m = 0; m < TILES; ++m) {
    UNROLL for (int h = 0; h < 2; ++h) {
      const int reach = row0 + m * 16 + h * 8 + 1 + keys - queries;
      seen[m][h] = p.causal && reach < keys ? (reach < 0 ? 0 : reach) : keys;
      top[m][h] = lowest;
      total[m][h] = 0.0f;
    }
    UNROLL for (int e = 0; e < OUT_TILES; ++e) {
      UNROLL for (int c = 0; c < 4; ++c) sums[m][e][c] = 0.0f;
    }
  }
  fetch_rows(&q_rows, first, QUERIES, queries, DEPTH, K_PITCH, area, area_at, thread);
  commit_copies();
  WAIT_FOR_COPIES(0);
  BARRIER();
  UNROLL for (int m = 0; m < TILES; ++m) {
    UNROLL for (int s = 0; s < STEPS; ++s)
      load_matrices(left[m][s],
                    area_at + (warp_first - first + m * 16 + lane % 16) * K_PITCH + s * 32 + lane / 16 * 16);
  }
  BARRIER();
  fetch_rows(&k_rows, 0, KEYS, keys, DEPTH, K_PITCH, area, area_at, thread);
  commit_copies();
  NO_UNROLL for (int t0 = 0; t0 < most; t0 += KEYS) {
    float scores[TILES][KEY_TILES][4];
    WAIT_FOR_COPIES(0);
    BARRIER();  // the keys are there, and no values are read any more
    fetch_rows(&v_rows, t0, KEYS, keys, WIDTH, V_PITCH, values, values_at, thread);
    commit_copies();
    UNROLL for (int m = 0; m < TILES; ++m) {
      UNROLL for (int j = 0; j < KEY_TILES; ++j) {
        UNROLL for (int c = 0; c < 4; ++c) scores[m][j][c] = 0.0f;
      }
    }
    UNROLL for (int s = 0; s < STEPS; ++s) {
      UNROLL for (int j = 0; j < KEY_TILES; j += 2) {
        uint right[4];
        load_matrices(right, area_at + (j * 8 + lane % 8 + lane / 16 * 8) * K_PITCH + s * 32 + lane / 8 % 2 * 16);
        UNROLL for (int m = 0; m < TILES; ++m) {
          multiply_halves(TYPE, scores[m][j], left[m][s], right);
          multiply_halves(TYPE, scores[m][j + 1], left[m][s], right + 2);
        }
      }
    }
    UNROLL for (int m = 0; m < TILES; ++m) {
      UNROLL for (int h = 0; h < 2; ++h) {
        float highest = top[m][h], base, shrink;
        UNROLL for (int j = 0; j < KEY_TILES; ++j) {
          UNROLL for (int c = 2 * h; c < 2 * h + 2; ++c) {
            const int t = t0 + j * 8 + in_row + c % 2, s = row0 + m * 16 + h * 8;
            scores[m][j][c] *= scale;
            if (MASK && s < queries && t < keys)
              scores[m][j][c] += load_f32(mask, s * p.row_stride[4] + t * p.column_stride[4], p.mask_type);
            if (t0 + KEYS > least && t >= seen[m][h]) scores[m][j][c] = lowest;
            highest = scores[m][j][c] > highest ? scores[m][j][c] : highest;
          }
        }
        UNROLL for (int other = 1; other <= 2; other *= 2) {
          const float theirs = exchanged_float(highest, other);
          highest = theirs > highest ? theirs : highest;
        }
        base = highest == lowest ? 0.0f : highest;
        shrink = exp2_of((top[m][h] - base) * exponent);
        top[m][h] = highest;
        total[m][h] *= shrink;
        UNROLL for (int j = 0; j < KEY_TILES; ++j) {
          UNROLL for (int c = 2 * h; c < 2 * h + 2; ++c) {
            scores[m][j][c] = exp2_of((scores[m][j][c] - base) * exponent);
            total[m][h] += scores[m][j][c];
          }
        }
        UNROLL for (int e = 0; e < OUT_TILES; ++e) {
          UNROLL for (int c = 2 * h; c < 2 * h + 2; ++c) sums[m][e][c] *= shrink;
        }
      }
    }
    WAIT_FOR_COPIES(0);
    BARRIER();  // the values are there, and no keys are read any more
    if (t0 + KEYS < most) fetch_rows(&k_rows, t0 + KEYS, KEYS, keys, DEPTH, K_PITCH, area, area_at, thread);
    commit_copies();
    UNROLL for (int s = 0; s < KEYS / 16; ++s) {
      uint weights[TILES][4];
      UNROLL for (int m = 0; m < TILES; ++m) {
        UNROLL for (int i = 0; i < 4; ++i)
          weights[m][i] = pair_of(TYPE, scores[m][2 * s + i / 2][i % 2 * 2], scores[m][2 * s + i / 2][i % 2 * 2 + 1]);
      }
      UNROLL for (int e = 0; e < OUT_TILES; e += 2) {
        uint right[4];
        load_transposed(right, values_at + (s * 16 + lane % 16) * V_PITCH + e * 16 + lane / 16 * 16);
        UNROLL for (int m = 0; m < TILES; ++m) {
          multiply_halves(TYPE, sums[m][e], weights[m], right);
          multiply_halves(TYPE, sums[m][e + 1], weights[m], right + 2);
        }
      }
    }
  }
  const int pairs = p.column_stride[0] == 2 && p.width % 2 == 0 && (((ulong)y | (ulong)p.row_stride[0]) & 3) == 0;
  UNROLL for (int m = 0; m < TILES; ++m) {
    UNROLL for (int h = 0; h < 2; ++h) {
      const int s = row0 + m * 16 + h * 8;
      float all = total[m][h];
      UNROLL for (int other = 1; other <= 2; other *= 2) all += exchanged_float(all, other);
      const float share = seen[m][h] > 0 ? 1.0f / all : 0.0f;
      UNROLL for (int e = 0; e < OUT_TILES; ++e) {
        const int column = e * 8 + in_row;
        const float one = sums[m][e][2 * h] * share, two = sums[m][e][2 * h + 1] * share;
        const long at = s * p.row_stride[0] + column * p.column_stride[0];
        if (s >= queries || column >= p.width) continue;
        if (pairs) {
          AT(y, at, uint) = pair_of(TYPE, one, two);
        } else {
          store_f32(y, at, TYPE, one);
          if (column + 1 < p.width) store_f32(y, at + p.column_stride[0], TYPE, two);
        }
      }
    }
  }
}
