// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// block.cl on tensor cores (warp.cl), of f16, bf16 and 8-bit integers: a work-group of WARPS_M by WARPS_N warps computes
// BM rows and BN columns of y from slices of 64 bytes along k, of which two are on their way to local memory while one is
// multiplied. There an operand lies along k, or as it does in global memory along rows (columns), and is transposed on its
// way to registers; bytes along rows are transposed on their way to local memory. Groups of 16 bytes are permuted so that
// what is read at once lies in different banks.
#define THREADS (WARPS_M * WARPS_N * 32)
#define TILES_M (BM / WARPS_M / 16)
#define TILES_N (BN / WARPS_N / 8)
#if defined(INTEGERS) || X_TYPE == GPU_F8E4M3
#define SIZE 1
#else
#define SIZE 2
#endif
#ifdef INTEGERS
#define SUM int
#define MULTIPLY multiply_i8
#define NONE(p, of_w) ((of_w) ? 0u : (uint)(p)->x_zero & 255u)  // outside of an operand
#else
#define SUM float
#define MULTIPLY(sums, a, b) (SIZE == 1 ? multiply_e4m3(sums, a, b) : multiply_halves(X_TYPE, sums, a, b))
#define NONE(p, of_w) 0u
#endif
#define SLICE (64 / SIZE)
#define CHUNK (16 / SIZE)  // elements of 16 bytes
#define STAGES 3
#define STAGE_BYTES ((BM + BN) * 64)
#define WIDE(of_w) ((of_w) ? BN : BM)
#define ALONG(of_w) ((of_w) ? W_ALONG : X_ALONG)
#define CHUNKS(of_w) ((WIDE(of_w) * 4 + THREADS - 1) / THREADS)  // of an operand's slice, a work-item
#define LIES_ALONG_K(of_w) (ALONG(of_w) == ALONG_K || SIZE == 1)  // in local memory
#define IS_TURNED(of_w) (LIES_ALONG_K(of_w) && ALONG(of_w) != ALONG_K)
#define SPOTS(of_w) (ALONG(of_w) == ALONG_K ? CHUNKS(of_w) : 2)
// Where chunk `chunk` of `chunks` of a line of local memory lies.
#define PERMUTED(line, chunk, chunks) \
  ((chunk) ^ ((chunks) < 8 ? (line) / (8 / ((chunks) < 8 ? (chunks) : 8)) & ((chunks)-1) : (line) & 7))
#define PLACE(line, chunk, chunks) (((line) * (chunks) + PERMUTED(line, chunk, chunks)) * 16)
// Rows of y through local memory at the end, a tile of every warp's at a time, and sums of zero points.
#define PASS_ROWS (WARPS_M * 16)
#define Y_PITCH (Y_ALONG == ALONG_ROWS ? PASS_ROWS + 4 : BN + 8)
#define PASS_BYTES ((Y_ALONG == ALONG_ROWS ? BN : PASS_ROWS) * Y_PITCH * 4)
#define LAST_BYTES (PASS_BYTES + (BM + BN) * 4)
#define AREA (STAGES * STAGE_BYTES > LAST_BYTES ? STAGES * STAGE_BYTES : LAST_BYTES)

FUNCTION Spot spot_of(const TileParams* p, int of_w, int row) {
  Spot spot;
  if (of_w) {
    spot.left = row;
    spot.valid = row < (int)p->columns;
    spot.top = 0;
  } else {
    const int oh = row / (int)p->out_width, ow = row - oh * (int)p->out_width;
    spot.valid = row < (int)(p->out_height * p->out_width);
    spot.top = oh * p->stride_h - p->pad_top;
    spot.left = ow * p->stride_w - p->pad_left;
  }
  return spot;
}

// Of the row (column) after that of `spot`.
FUNCTION Spot spot_after(const TileParams* p, int of_w, Spot spot) {
  if (of_w) {
    spot.valid = ++spot.left < (int)p->columns;
  } else {
    const int is_last = spot.left == (int)(p->out_width - 1) * p->stride_w - p->pad_left;
    spot.left = is_last ? -p->pad_left : spot.left + p->stride_w;
    spot.top += is_last ? p->stride_h : 0;
    spot.valid = spot.top <= (int)(p->out_height - 1) * p->stride_h - p->pad_top;
  }
  return spot;
}

FUNCTION uint element_bits(const TileParams* p, int of_w, GLOBAL const uchar* base, int k, Spot spot) {
  const long at = place_of(p, of_w, k, spot);
  if (at < 0) return NONE(p, of_w);
  return SIZE == 2 ? AT_CONST(base, at, ushort) : base[at];
}

// Where chunk i of a work-item lies: its row (column of the weights), of those along rows the first of CHUNK, and its k;
// turned ones are four rows by four k. False beyond the last.
FUNCTION int chunk_place(int of_w, int thread, int i, int* row, int* k) {
  const int wide = WIDE(of_w), number = i * THREADS + thread;
  if (ALONG(of_w) == ALONG_K) {
    *row = number / 4;
    *k = number % 4 * CHUNK;
  } else if (IS_TURNED(of_w)) {
    *row = number % (wide / 4) * 4;
    *k = number / (wide / 4) * 4;
  } else {
    *row = number % (wide / CHUNK) * CHUNK;
    *k = number / (wide / CHUNK);
  }
  return wide * 4 % THREADS == 0 || number < wide * 4;
}

// 16 bytes to local memory: asynchronously, or one after another where they do not lie as one.
FUNCTION void send_chunk(const TileParams* p, int of_w, GLOBAL const uchar* base, int k, const Spot* spots, int i,
                         IN_LOCAL uchar* to, LocalAt to_at) {
  const int is_along_k = ALONG(of_w) == ALONG_K;
  const long stride = is_along_k ? (of_w ? p->w_stride[1] : p->x_stride[0]) : of_w ? p->w_stride[0] : p->x_stride[2];
  const long at = place_of(p, of_w, k, spots[is_along_k ? i : 0]);
#ifdef IMAGE
  int is_whole = p->channels % CHUNK == 0;  // and of one tap
#else
  int is_whole = k + CHUNK <= (int)p->channels;
#endif
  if (!is_along_k) is_whole = spots[0].top == spots[1].top && place_of(p, of_w, k, spots[1]) == at + (CHUNK - 1) * SIZE;
  if (is_whole && stride == SIZE && at >= 0 && is_aligned(base + at, 16)) {
    copy_16(to_at, base + at, 16);
    return;
  }
  if (is_along_k && is_whole && at < 0) {
    const uint none = NONE(p, of_w) * 0x01010101u;
    const Raw raw = {{none, none, none, none}};
    *(IN_LOCAL Raw*)to = raw;
    return;
  }
  if (is_along_k) {
    NO_UNROLL for (int e = 0; e < CHUNK; ++e) {
      const uint bits = element_bits(p, of_w, base, k + e, spots[i]);
      if (SIZE == 2) ((IN_LOCAL ushort*)to)[e] = (ushort)bits;
      else to[e] = (uchar)bits;
    }
  } else {
    Raw raw = {{0u, 0u, 0u, 0u}};
    Spot spot = spots[0];
    UNROLL for (int e = 0; e < CHUNK; ++e) {
      raw.at[e * SIZE / 4] |= element_bits(p, of_w, base, k, spot) << e * SIZE * 8 % 32;
      spot = spot_after(p, of_w, spot);
    }
    *(IN_LOCAL Raw*)to = raw;
  }
}

// Four bytes of each of four k.
FUNCTION Raw turned_chunk(const TileParams* p, int of_w, GLOBAL const uchar* base, int k, const Spot* spots) {
  const int is_dense = (of_w ? p->w_stride[0] : p->x_stride[2]) == 1 && spots[0].top == spots[1].top;
  Raw raw;
  UNROLL for (int j = 0; j < 4; ++j) {
    const long at = place_of(p, of_w, k + j, spots[0]), last = place_of(p, of_w, k + j, spots[1]);
    uint bits = 0u;
    if (is_dense && at >= 0 && last == at + 3 && is_aligned(base + at, 4)) {
      bits = AT_CONST(base, at, uint);
    } else {
      Spot spot = spots[0];
      NO_UNROLL for (int e = 0; e < 4; ++e) {
        bits |= element_bits(p, of_w, base, k + j, spot) << 8 * e;
        spot = spot_after(p, of_w, spot);
      }
    }
    raw.at[j] = bits;
  }
  return raw;
}

// A slice's chunks of an operand, from k on: on their way to local memory, turned ones to registers.
FUNCTION void send(const TileParams* p, int of_w, GLOBAL const uchar* base, int k, int thread, const Spot* spots,
                   Raw* held, IN_LOCAL uchar* to, LocalAt to_at) {
  UNROLL for (int i = 0; i < CHUNKS(of_w); ++i) {
    int row, in_slice;
    if (!chunk_place(of_w, thread, i, &row, &in_slice)) continue;
    if (IS_TURNED(of_w)) {
      held[i] = turned_chunk(p, of_w, base, k + in_slice, spots);
    } else {
      const int at = ALONG(of_w) == ALONG_K ? PLACE(row, in_slice / CHUNK, 4)
                                            : PLACE(in_slice, row / CHUNK, WIDE(of_w) / CHUNK);
      send_chunk(p, of_w, base, k + in_slice, spots, i, to + at, to_at + at);
    }
  }
}

// The turned ones on from registers.
FUNCTION void keep(int of_w, int thread, const Raw* held, IN_LOCAL uchar* to) {
  if (!IS_TURNED(of_w)) return;
  UNROLL for (int i = 0; i < CHUNKS(of_w); ++i) {
    int row, k;
    if (!chunk_place(of_w, thread, i, &row, &k)) continue;
    UNROLL for (int r = 0; r < 4; ++r) {
      uint bits = 0u;
      UNROLL for (int j = 0; j < 4; ++j) bits |= (held[i].at[j] >> 8 * r & 255u) << 8 * j;
      *(IN_LOCAL uint*)(to + PLACE(row + r, k / 16, 4) + k % 16) = bits;
    }
  }
}

// 16 rows by 32 bytes of x as mma's left operand, 32 bytes by two times 8 columns of the weights as its right.
FUNCTION void fetch_left(uint* to, LocalAt xs, int row, int step, int lane) {
  if (LIES_ALONG_K(0)) load_matrices(to, xs + PLACE(row + lane % 16, step * 2 + lane / 16, 4));
  else load_transposed(to, xs + PLACE(step * 16 + lane % 8 + lane / 16 * 8, row / 8 + lane / 8 % 2, BM / 8));
}
FUNCTION void fetch_right(uint* to, LocalAt ws, int column, int step, int lane) {
  if (LIES_ALONG_K(1)) load_matrices(to, ws + PLACE(column + lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2, 4));
  else load_transposed(to, ws + PLACE(step * 16 + lane % 16, column / 8 + lane / 16, BN / 8));
}

KERNEL_OF(THREADS) block_tensor(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w,
                                long w_from, GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual,
                                long residual_from, GLOBAL const uchar* constants, long constants_from,
                                const TileParams p) {
  LOCAL Raw area_units[AREA / 16];
  IN_LOCAL uchar* area = (IN_LOCAL uchar*)area_units;
  const LocalAt area_at = local_at(area_units);
  const int thread = LOCAL_ID(0), lane = thread % 32, warp = thread / 32;
  const int warp_row = warp / WARPS_N * (TILES_M * 16), warp_column = warp % WARPS_N * (TILES_N * 8);
  const BlockPlace place = block_place(&p, BM, BN);
  const long batch = place.batch;
  const int rows = (int)(p.out_height * p.out_width), row0 = place.row, column0 = place.column;
  const int depth = (int)p.channels * p.kernel_h * p.kernel_w, slices = (depth + SLICE - 1) / SLICE;
  SUM sums[TILES_M][TILES_N][4];
  Spot x_spots[SPOTS(0)], w_spots[SPOTS(1)];
  Raw x_held[CHUNKS(0)], w_held[CHUNKS(1)];
#ifdef W_ZERO
  int x_sums[TILES_M][2] = {{0}};
#endif
#ifdef X_ZERO
  int w_sums[TILES_N] = {0};
#endif
  x += x_from + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  w += w_from + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  UNROLL for (int of_w = 0; of_w < 2; ++of_w) {
    UNROLL for (int i = 0; i < SPOTS(of_w); ++i) {
      int row, k;
      chunk_place(of_w, thread, ALONG(of_w) == ALONG_K ? i : 0, &row, &k);
      if (ALONG(of_w) != ALONG_K) row += i * (IS_TURNED(of_w) ? 3 : CHUNK - 1);
      (of_w ? w_spots : x_spots)[i] = spot_of(&p, of_w, (of_w ? column0 : row0) + row);
    }
  }
  UNROLL for (int m = 0; m < TILES_M; ++m) {
    UNROLL for (int n = 0; n < TILES_N; ++n) {
      UNROLL for (int c = 0; c < 4; ++c) sums[m][n][c] = (SUM)0;
    }
  }
  // Slices -2 and -1 are sent and none multiplied.
  int stage = 0, sent = 0;
  NO_UNROLL for (int slice = 1 - STAGES; slice < slices; ++slice) {
    const int next = slice + STAGES - 1;
    if (slice >= 0) {
      WAIT_FOR_COPIES(STAGES - 2);
      BARRIER();  // the slice is there, and the one before it is read no more
    }
    IN_LOCAL uchar* to = area + sent * STAGE_BYTES;
    if (next < slices) {
      send(&p, 0, x, next * SLICE, thread, x_spots, x_held, to, area_at + sent * STAGE_BYTES);
      send(&p, 1, w, next * SLICE, thread, w_spots, w_held, to + BM * 64,
           area_at + sent * STAGE_BYTES + BM * 64);
    }
    commit_copies();
    if (slice >= 0) {
      const LocalAt xs = area_at + stage * STAGE_BYTES, ws = xs + BM * 64;
      UNROLL for (int step = 0; step < 2; ++step) {
        uint left[TILES_M][4];
        UNROLL for (int m = 0; m < TILES_M; ++m) {
          fetch_left(left[m], xs, warp_row + m * 16, step, lane);
#ifdef INTEGERS
          UNROLL for (int i = 0; i < 4; ++i) {
            left[m][i] ^= ZERO_OF_TYPE(X_TYPE) * 0x01010101u;
#ifdef W_ZERO
            x_sums[m][i % 2] = DOT4((int)left[m][i], 0x01010101, x_sums[m][i % 2]);
#endif
          }
#endif
        }
        UNROLL for (int n = 0; n < TILES_N; n += 2) {
          uint right[4];
          fetch_right(right, ws, warp_column + n * 8, step, lane);
#ifdef INTEGERS
          UNROLL for (int i = 0; i < 4; ++i) {
            right[i] ^= ZERO_OF_TYPE(W_TYPE) * 0x01010101u;
#ifdef X_ZERO
            w_sums[n + i / 2] = DOT4((int)right[i], 0x01010101, w_sums[n + i / 2]);
#endif
          }
#endif
          UNROLL for (int m = 0; m < TILES_M; ++m) {
            MULTIPLY(sums[m][n], left[m], right);
            MULTIPLY(sums[m][n + 1], left[m], right + 2);
          }
        }
      }
      stage = stage + 1 == STAGES ? 0 : stage + 1;
    }
    if (next < slices) {
      keep(0, thread, x_held, to);
      keep(1, thread, w_held, to + BM * 64);
    }
    sent = sent + 1 == STAGES ? 0 : sent + 1;
  }
  WAIT_FOR_COPIES(0);
  BARRIER();
  const long first_column = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + column0;
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  bias += bias_from;
  constants += constants_from;
  IN_LOCAL SUM* pass_sums = (IN_LOCAL SUM*)area;
#ifdef INTEGERS
  IN_LOCAL int* of_rows = (IN_LOCAL int*)(area + PASS_BYTES);
  IN_LOCAL int* of_columns = of_rows + BM;
#ifdef W_ZERO
  UNROLL for (int m = 0; m < TILES_M; ++m) {
    UNROLL for (int h = 0; h < 2; ++h) {
      int sum = x_sums[m][h];
      UNROLL for (int other = 1; other <= 2; other *= 2) sum += (int)exchanged((uint)sum, other);
      if (warp % WARPS_N == 0 && lane % 4 == 0) of_rows[warp_row + m * 16 + h * 8 + lane / 4] = sum;
    }
  }
#endif
#ifdef X_ZERO
  UNROLL for (int n = 0; n < TILES_N; ++n) {
    int sum = w_sums[n];
    UNROLL for (int other = 1; other <= 2; other *= 2) sum += (int)exchanged((uint)sum, other);
    if (warp / WARPS_N == 0 && lane % 4 == 0) of_columns[warp_column + n * 8 + lane / 4] = sum;
  }
#endif
#endif
  UNROLL for (int pass = 0; pass < TILES_M; ++pass) {
    UNROLL for (int n = 0; n < TILES_N; ++n) {
      UNROLL for (int c = 0; c < 4; ++c) {
        const int row = warp / WARPS_N * 16 + lane / 4 + c / 2 * 8, column = warp_column + n * 8 + lane % 4 * 2 + c % 2;
        pass_sums[Y_ALONG == ALONG_ROWS ? column * Y_PITCH + row : row * Y_PITCH + column] = sums[pass][n][c];
      }
    }
    BARRIER();
    NO_UNROLL for (int i = thread; i < PASS_ROWS * BN; i += THREADS) {
      const int pass_row = Y_ALONG == ALONG_ROWS ? i % PASS_ROWS : i / BN;
      const int in_block = Y_ALONG == ALONG_ROWS ? i / PASS_ROWS : i % BN;
      const int block_row = pass_row / 16 * (TILES_M * 16) + pass * 16 + pass_row % 16, row = row0 + block_row;
      const int oh = row / (int)p.out_width, ow = row - oh * (int)p.out_width, column = column0 + in_block;
      const long y_at = column * p.y_stride[0] + oh * p.y_stride[1] + ow * p.y_stride[2];
      const SUM sum = pass_sums[Y_ALONG == ALONG_ROWS ? in_block * Y_PITCH + pass_row : pass_row * Y_PITCH + in_block];
      if (row >= rows || column >= p.columns) continue;
#ifdef INTEGERS
#ifdef W_ZERO
      const int x_sum = of_rows[block_row];
#else
      const int x_sum = 0;  // drops out with its zero point
#endif
#ifdef X_ZERO
      const int w_sum = of_columns[in_block];
#else
      const int w_sum = 0;
#endif
      finish_integer(&p.finish,
                     (uint)without_zeros(&p, sum, x_sum, w_sum, slices * SLICE, first_column + in_block, constants),
                     first_column + in_block, bias, constants, y, y_at);
#else
      finish_real(&p.finish, sum, first_column + in_block, bias, residual,
                  column * p.residual_stride[0] + oh * p.residual_stride[1] + ow * p.residual_stride[2], constants, y,
                  y_at);
#endif
    }
    BARRIER();
  }
}
