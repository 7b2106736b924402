// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by blocks of y: a work-group of THREADS computes BM rows and BN columns, a work-item TM by TN of them in
// registers, from slices of x and of the weights in local memory: while one is multiplied the next is on its way.
// A slice has BKU units of every row and column. Macros besides those of chunks.cl: X_ZERO, W_ZERO: zero points that
// are not 0 (of u8: 128).
#define TX (BN / TN)
#define TY (BM / TM)
#define SLICE (BKU * UNIT_K)
#define X_CHUNKS (BKU * BM / 4 / THREADS)
#define W_CHUNKS (BKU * BN / 4 / THREADS)
#define X_SPOTS (X_CHUNKS > 4 ? X_CHUNKS : 4)
#define W_SPOTS (W_CHUNKS > 4 ? W_CHUNKS : 4)
#define X_PITCH (BM + 4)
#define W_PITCH (BN + 4)
#define BUFFER (BKU * (X_PITCH + W_PITCH))
#define STAGE (16 * TX * TY)
#define AREA (2 * BUFFER > STAGE ? 2 * BUFFER : STAGE)

// What of a slice a work-item moves: chunk i is of row `row_of_chunk`, or of four from it on.
FUNCTION int row_of_chunk(int along, int wide, int thread, int i) {
  return along == ALONG_K ? thread / (BKU / 4) + i * (THREADS / (BKU / 4)) : thread % (wide / 4) * 4;
}
FUNCTION int unit_of_chunk(int along, int wide, int thread, int i) {
  return along == ALONG_K ? thread % (BKU / 4) * 4 : thread / (wide / 4) + i * (THREADS / (wide / 4));
}

FUNCTION void load_chunks(const TileParams* p, int of_w, GLOBAL const uchar* base, long from, int k, int thread,
                          const Spot* spots, Raw* chunks) {
  const int along = of_w ? W_ALONG : X_ALONG, wide = of_w ? BN : BM;
  UNROLL for (int i = 0; i < (of_w ? W_CHUNKS : X_CHUNKS); ++i) {
    const int from_k = k + unit_of_chunk(along, wide, thread, i) * UNIT_K;
    chunks[i] = along == ALONG_K ? chunk_along_k(p, of_w, base, from, from_k, spots[i])
                                 : chunk_along_rows(p, of_w, base, from, from_k, spots);
  }
}

FUNCTION void keep_chunks(int of_w, int thread, const Raw* chunks, IN_LOCAL UNIT* to) {
  const int along = of_w ? W_ALONG : X_ALONG, wide = of_w ? BN : BM, pitch = of_w ? W_PITCH : X_PITCH;
  UNROLL for (int i = 0; i < (of_w ? W_CHUNKS : X_CHUNKS); ++i) {
    const Units units = units_of(of_w, chunks[i]);
    IN_LOCAL UNIT* at = to + unit_of_chunk(along, wide, thread, i) * pitch + row_of_chunk(along, wide, thread, i);
    if (along == ALONG_K) {
      UNROLL for (int j = 0; j < 4; ++j) at[j * pitch] = units.at[j];
    } else {
      *(IN_LOCAL Units*)at = units;
    }
  }
}

// `count` units of 16-byte groups that lie `step` apart.
FUNCTION void fetch(IN_LOCAL const UNIT* from, int step, int count, UNIT* to) {
  UNROLL for (int i = 0; i < count / 4; ++i) {
    const Units units = *(IN_LOCAL const Units*)(from + i * step);
    UNROLL for (int j = 0; j < 4; ++j) to[4 * i + j] = units.at[j];
  }
}

KERNEL_OF(THREADS) block(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w,
                         long w_from, GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual,
                         long residual_from, GLOBAL const uchar* constants, long constants_from, const TileParams p) {
  LOCAL Units area_units[AREA / 4];
  IN_LOCAL UNIT* area = (IN_LOCAL UNIT*)area_units;
  const int thread = LOCAL_ID(0), tx = thread % TX, ty = thread / TX;
  const BlockPlace place = block_place(&p, BM, BN);
  const long batch = place.batch;
  const int rows = (int)(p.out_height * p.out_width), row0 = place.row, column0 = place.column;
  const int depth = (int)p.channels * p.kernel_h * p.kernel_w, slices = (depth + SLICE - 1) / SLICE;
  const long first_column = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + column0;
  UNIT sum[TM][TN];
  Raw x_chunks[X_CHUNKS], w_chunks[W_CHUNKS];
  Spot x_spots[X_SPOTS], w_spots[W_SPOTS];
#if defined(X_ZERO) || defined(W_ZERO)
  int w_sum[TN] = {0}, x_sum[TM] = {0};  // what is not added to drops out with its zero point
#endif
  const long x_at = nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  const long w_at = nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  x += x_from;
  w += w_from;
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  bias += bias_from;
  constants += constants_from;
  UNROLL for (int i = 0; i < X_SPOTS; ++i) {
    const int row = row0 + row_of_chunk(X_ALONG, BM, thread, i) + (X_ALONG == ALONG_K ? 0 : i);
    const int oh = row / (int)p.out_width, ow = row - oh * (int)p.out_width;
    x_spots[i].valid = row < rows;
    x_spots[i].top = oh * p.stride_h - p.pad_top;
    x_spots[i].left = ow * p.stride_w - p.pad_left;
  }
  UNROLL for (int i = 0; i < W_SPOTS; ++i) {
    w_spots[i].left = column0 + row_of_chunk(W_ALONG, BN, thread, i) + (W_ALONG == ALONG_K ? 0 : i);
    w_spots[i].valid = w_spots[i].left < (int)p.columns;
    w_spots[i].top = 0;
  }
  UNROLL for (int r = 0; r < TM; ++r) {
    UNROLL for (int c = 0; c < TN; ++c) sum[r][c] = (UNIT)0;
  }
  load_chunks(&p, 0, x, x_at, 0, thread, x_spots, x_chunks);
  load_chunks(&p, 1, w, w_at, 0, thread, w_spots, w_chunks);
  keep_chunks(0, thread, x_chunks, area);
  keep_chunks(1, thread, w_chunks, area + BKU * X_PITCH);
  BARRIER();
  NO_UNROLL for (int slice = 0; slice < slices; ++slice) {
    IN_LOCAL const UNIT* xs = area + (slice & 1) * BUFFER + ty * 4;
    IN_LOCAL const UNIT* ws = area + (slice & 1) * BUFFER + BKU * X_PITCH + tx * 4;
    const int has_next = slice + 1 < slices;
    if (has_next) {
      load_chunks(&p, 0, x, x_at, (slice + 1) * SLICE, thread, x_spots, x_chunks);
      load_chunks(&p, 1, w, w_at, (slice + 1) * SLICE, thread, w_spots, w_chunks);
    }
    UNROLL for (int u = 0; u < BKU; ++u) {
      UNIT a[TM], b[TN];
      fetch(xs + u * X_PITCH, TY * 4, TM, a);
      fetch(ws + u * W_PITCH, TX * 4, TN, b);
      UNROLL for (int r = 0; r < TM; ++r) {
        UNROLL for (int c = 0; c < TN; ++c) {
#ifdef INTEGERS
          sum[r][c] = DOT4(a[r], b[c], sum[r][c]);
#else
          sum[r][c] = MULTIPLY_ADD(a[r], b[c], sum[r][c]);
#endif
        }
#ifdef W_ZERO
        x_sum[r] = DOT4(a[r], 0x01010101, x_sum[r]);
#endif
      }
#ifdef X_ZERO
      UNROLL for (int c = 0; c < TN; ++c) w_sum[c] = DOT4(b[c], 0x01010101, w_sum[c]);
#endif
    }
    if (has_next) {
      keep_chunks(0, thread, x_chunks, area + (~slice & 1) * BUFFER);
      keep_chunks(1, thread, w_chunks, area + (~slice & 1) * BUFFER + BKU * X_PITCH);
    }
    BARRIER();
  }
#if defined(X_ZERO) || defined(W_ZERO)
  UNROLL for (int c = 0; c < TN; ++c) {
    const int in_block = c / 4 * (TX * 4) + tx * 4 + c % 4;
    UNROLL for (int r = 0; r < TM; ++r)
      sum[r][c] = without_zeros(&p, sum[r][c], x_sum[r], w_sum[c], slices * SLICE,
                                column0 + in_block < (int)p.columns ? first_column + in_block : first_column, constants);
  }
#endif
  // Four by four of every work-item at a time through local memory, so that neighbours write what lies side by side.
  NO_UNROLL for (int pass = 0; pass < (TM / 4) * (TN / 4); ++pass) {
    const int pass_row = pass / (TN / 4), pass_column = pass % (TN / 4);
    UNROLL for (int r = 0; r < TM; ++r) {
      UNROLL for (int c = 0; c < TN; ++c) {
        const int row = ty * 4 + r % 4, column = tx * 4 + c % 4;
        if (r / 4 == pass_row && c / 4 == pass_column)
          area[Y_ALONG == ALONG_ROWS ? column * (4 * TY) + row : row * (4 * TX) + column] = sum[r][c];
      }
    }
    BARRIER();
    NO_UNROLL for (int i = thread; i < STAGE; i += THREADS) {
      const int row = row0 + pass_row * (4 * TY) + (Y_ALONG == ALONG_ROWS ? i % (4 * TY) : i / (4 * TX));
      const int in_block = pass_column * (4 * TX) + (Y_ALONG == ALONG_ROWS ? i / (4 * TY) : i % (4 * TX));
      const long oh = row / (int)p.out_width, ow = row - oh * p.out_width, column = column0 + in_block;
      const long y_at = column * p.y_stride[0] + oh * p.y_stride[1] + ow * p.y_stride[2];
      if (row >= rows || column >= p.columns) continue;
#ifdef INTEGERS
      finish_integer(&p.finish, (uint)area[i], first_column + in_block, bias, constants, y, y_at);
#else
      finish_real(&p.finish, area[i], first_column + in_block, bias, residual,
                  column * p.residual_stride[0] + oh * p.residual_stride[1] + ow * p.residual_stride[2], constants, y,
                  y_at);
#endif
    }
    BARRIER();
  }
}
