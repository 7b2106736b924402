// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by blocks of y: a work-group of THREADS computes BM rows and BN columns, a work-item TM by TN of them in
// registers, from slices of x and of the weights in local memory: while one is multiplied the next is on its way.
// A slice has BKU units of 32 bits of every row and column: an f32, or four products' i8 (INTEGERS, i32 sums). Macros
// besides: X_TYPE, W_TYPE; X_ALONG, W_ALONG, Y_ALONG: what lies one behind another; IMAGE: rows have windows; X_ZERO,
// W_ZERO: zero points that are not 0 (of u8: 128).
#define ALONG_K 1    // a row's (a column's) channels
#define ALONG_ROWS 2  // rows of x and y; columns of the weights
#define ALONG_COLUMNS 3  // of y

#ifdef INTEGERS
#define UNIT int
#define UNIT_K 4
#define ELEMENT_BITS(type) 8
#define ZERO_OF_TYPE(type) ((type) == GPU_U8 ? 128 : 0)  // bytes in local memory are signed
#define HAS_VECTORS(type) ((type) == GPU_I8 || (type) == GPU_U8)
#else
#define UNIT float
#define UNIT_K 1
#define ELEMENT_BITS(type) ((type) == GPU_F16 || (type) == GPU_BF16 ? 16 : (type) == GPU_I8 ? 8 : 32)
#define HAS_VECTORS(type) ((type) == GPU_F32 || (type) == GPU_F16 || (type) == GPU_BF16 || (type) == GPU_I8)
#endif
typedef struct ALIGNED(16) { UNIT at[4]; } Units;
// What becomes four units, as it is loaded: that is waited for only when they are kept.
typedef struct ALIGNED(16) { uint at[4]; } Raw;
typedef struct ALIGNED(8) { uint at[2]; } HalfRaw;

#define TX (BN / TN)
#define TY (BM / TM)
#define SLICE (BKU * UNIT_K)
#define CHUNK_K (4 * UNIT_K)
#define X_CHUNKS (BKU * BM / 4 / THREADS)
#define W_CHUNKS (BKU * BN / 4 / THREADS)
#define X_SPOTS (X_CHUNKS > 4 ? X_CHUNKS : 4)
#define W_SPOTS (W_CHUNKS > 4 ? W_CHUNKS : 4)
#define X_PITCH (BM + 4)
#define W_PITCH (BN + 4)
#define BUFFER (BKU * (X_PITCH + W_PITCH))
#define STAGE (16 * TX * TY)
#define AREA (2 * BUFFER > STAGE ? 2 * BUFFER : STAGE)

// A row of x: where its window begins; a column of the weights: its number, as `left`.
typedef struct {
  int top, left, valid;
} Spot;

// Offset of an element, -1 where there is none.
FUNCTION long place_of(const TileParams* p, int of_w, int k, Spot spot) {
#ifdef IMAGE
  const int channels = (int)p->channels, tap = k / channels, c = k - tap * channels;
  const int kh = tap / p->kernel_w, kw = tap - kh * p->kernel_w;
  const int h = spot.top + kh * p->dilation_h, v = spot.left + kw * p->dilation_w;
  if (!spot.valid || kh >= p->kernel_h) return -1;
  if (of_w) return c * p->w_stride[1] + kh * p->w_stride[2] + kw * p->w_stride[3] + spot.left * p->w_stride[0];
  if (h < 0 || h >= (int)p->height || v < 0 || v >= (int)p->width) return -1;
  return c * p->x_stride[0] + h * p->x_stride[1] + v * p->x_stride[2];
#else
  if (!spot.valid || k >= (int)p->channels) return -1;
  if (of_w) return k * p->w_stride[1] + spot.left * p->w_stride[0];
  return k * p->x_stride[0] + spot.top * p->x_stride[1] + spot.left * p->x_stride[2];
#endif
}

// An element's bits; of types that vectors are not loaded of the f32's.
FUNCTION uint raw_element(const TileParams* p, int of_w, GLOBAL const uchar* base, long from, int k, Spot spot) {
  const int type = of_w ? W_TYPE : X_TYPE;
  const long at = place_of(p, of_w, k, spot);
#ifdef INTEGERS
  return (uint)(at < 0 ? (of_w ? 0 : p->x_zero) : (int)load_i64(base, from + at, type)) & 255u;
#else
  if (at < 0) return 0u;
  switch (type) {
    case GPU_F16:
    case GPU_BF16: return AT_CONST(base, from + at, ushort);
    case GPU_I8: return base[from + at];
  }
  return AS_UINT(is_float_type(type) ? load_f32(base, from + at, type) : (float)load_i64(base, from + at, type));
#endif
}

// The first `bytes` of a Raw.
FUNCTION Raw raw_at(GLOBAL const uchar* at, int bytes) {
  Raw result = {{0u, 0u, 0u, 0u}};
  if (bytes == 16) return *(GLOBAL const Raw*)at;
  if (bytes == 8) {
    const HalfRaw half_raw = *(GLOBAL const HalfRaw*)at;
    result.at[0] = half_raw.at[0];
    result.at[1] = half_raw.at[1];
  } else {
    result.at[0] = *(GLOBAL const uint*)at;
  }
  return result;
}

// Whether a load of so many bytes from there is allowed.
FUNCTION int is_aligned(GLOBAL const uchar* at, int bytes) { return ((ulong)at & (ulong)(bytes - 1)) == 0; }

// Four units of a row or column, from k on.
FUNCTION Raw chunk_along_k(const TileParams* p, int of_w, GLOBAL const uchar* base, long from, int k, Spot spot) {
  const int type = of_w ? W_TYPE : X_TYPE, bits = ELEMENT_BITS(type), bytes = CHUNK_K * bits / 8;
  const int is_dense = HAS_VECTORS(type) && (of_w ? p->w_stride[1] : p->x_stride[0]) == bits / 8;
#ifdef IMAGE
  const int is_whole = p->channels % CHUNK_K == 0;  // and of one tap
#else
  const int is_whole = k + CHUNK_K <= (int)p->channels;
#endif
  const long at = place_of(p, of_w, k, spot);
  Raw result = {{0u, 0u, 0u, 0u}};
  if (is_dense && is_whole && at >= 0 && is_aligned(base + from + at, bytes)) return raw_at(base + from + at, bytes);
  UNROLL for (int e = 0; e < CHUNK_K; ++e)
    result.at[e * bits / 32] |= raw_element(p, of_w, base, from, k + e, spot) << e * bits % 32;
  return result;
}

// A unit of each of four rows or columns, from k on; integers: of k and each of the next three, a byte of each of them.
FUNCTION Raw chunk_along_rows(const TileParams* p, int of_w, GLOBAL const uchar* base, long from, int k,
                              const Spot* spots) {
  const int type = of_w ? W_TYPE : X_TYPE, bits = ELEMENT_BITS(type), bytes = 4 * bits / 8;
  const int is_dense = HAS_VECTORS(type) && (of_w ? p->w_stride[0] : p->x_stride[2]) == bits / 8;
  Raw result = {{0u, 0u, 0u, 0u}};
  UNROLL for (int j = 0; j < UNIT_K; ++j) {
    const long first = place_of(p, of_w, k + j, spots[0]), last = place_of(p, of_w, k + j, spots[3]);
    if (is_dense && spots[0].top == spots[3].top && first >= 0 && last == first + 3 * (bits / 8) &&
        is_aligned(base + from + first, bytes)) {
      const Raw line = raw_at(base + from + first, bytes);
      UNROLL for (int i = 0; i < bits / 8; ++i) result.at[i + j] = line.at[i];
    } else {
      UNROLL for (int i = 0; i < 4; ++i)
        result.at[i * bits / 32 + j] |= raw_element(p, of_w, base, from, k + j, spots[i]) << i * bits % 32;
    }
  }
  return result;
}

FUNCTION Units units_of(int of_w, Raw raw) {
  const int type = of_w ? W_TYPE : X_TYPE;
  Units result;
#ifdef INTEGERS
  const uint flip = (uint)ZERO_OF_TYPE(type) * 0x01010101u;
  UNROLL for (int i = 0; i < 4; ++i) {
    uint bits = 0u;
    UNROLL for (int j = 0; j < 4; ++j) bits |= (raw.at[j] >> 8 * i & 255u) << 8 * j;
    result.at[i] = (int)(((of_w ? W_ALONG : X_ALONG) == ALONG_K ? raw.at[i] : bits) ^ flip);
  }
#else
  UNROLL for (int i = 0; i < 4; ++i) {
    const int bits = ELEMENT_BITS(type);
    const uint element = raw.at[i * bits / 32] >> i * bits % 32;
    result.at[i] = type == GPU_F16    ? half_to_float(element & 0xffffu)
                   : type == GPU_BF16 ? bf16_to_float(element)
                   : type == GPU_I8   ? (float)(signed char)element
                                      : AS_FLOAT(element);
  }
#endif
  return result;
}

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
  const int rows = (int)(p.out_height * p.out_width), panels = (int)p.panels, bands = 8 * panels;
  // Eight blocks of rows go through the columns side by side: what they read is near.
  const long batch = GROUP_ID(0) / (p.row_blocks * panels);
  const int rest = (int)(GROUP_ID(0) % (p.row_blocks * panels)), band = rest / bands * 8, in_band = rest % bands;
  const int high = (int)p.row_blocks - band < 8 ? (int)p.row_blocks - band : 8;
  const int row0 = (band + in_band % high) * BM, column0 = in_band / high * BN;
  const int depth = (int)p.channels * p.kernel_h * p.kernel_w, slices = (depth + SLICE - 1) / SLICE;
  const long first_column = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + column0;
  UNIT sum[TM][TN];
  Raw x_chunks[X_CHUNKS], w_chunks[W_CHUNKS];
  Spot x_spots[X_SPOTS], w_spots[W_SPOTS];
#ifdef X_ZERO
  int w_sum[TN];
#endif
#ifdef W_ZERO
  int x_sum[TM];
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
#ifdef W_ZERO
    x_sum[r] = 0;
#endif
  }
#ifdef X_ZERO
  UNROLL for (int c = 0; c < TN; ++c) w_sum[c] = 0;
#endif
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
  // sum (x - x_zero)(w - w_zero) of the sums of xw, x and w; beyond x's image and depth x is x_zero.
  UNROLL for (int c = 0; c < TN; ++c) {
    const int column = column0 + c / 4 * (TX * 4) + tx * 4 + c % 4;
    const uint x_zero = (uint)(p.x_zero - ZERO_OF_TYPE(X_TYPE));
    const uint w_zero = column < (int)p.columns ? (uint)(channel_at(&p.finish, constants, first_column + column - column0).zero - ZERO_OF_TYPE(W_TYPE)) : 0u;
    UNROLL for (int r = 0; r < TM; ++r) {
      uint corrected = (uint)sum[r][c] + (uint)(slices * SLICE) * x_zero * w_zero;
#ifdef X_ZERO
      corrected -= x_zero * (uint)w_sum[c];
#endif
#ifdef W_ZERO
      corrected -= w_zero * (uint)x_sum[r];
#endif
      sum[r][c] = (int)corrected;
    }
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
