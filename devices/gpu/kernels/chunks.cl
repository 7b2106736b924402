// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operands of products as a graphics processor's kernels load them (block.cl, row.cl): in units of 32 bits, an f32 or four
// products' i8 (INTEGERS, i32 sums), four units at a time. Macros: X_TYPE, W_TYPE; X_ALONG, W_ALONG, Y_ALONG: what lies one
// behind another; IMAGE: rows have windows.
#ifdef X_ALONG
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
#define CHUNK_K (4 * UNIT_K)

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

// Which block of bm by bn of y a work-group computes: eight blocks of rows go through the columns side by side, so that
// what they read is near.
typedef struct {
  long batch;
  int row, column;  // its first
} BlockPlace;
FUNCTION BlockPlace block_place(const TileParams* p, int bm, int bn) {
  const int panels = (int)p->panels, bands = 8 * panels;
  const int rest = (int)(GROUP_ID(0) % (p->row_blocks * panels)), band = rest / bands * 8, in_band = rest % bands;
  const int high = (int)p->row_blocks - band < 8 ? (int)p->row_blocks - band : 8;
  BlockPlace place;
  place.batch = GROUP_ID(0) / (p->row_blocks * panels);
  place.row = (band + in_band % high) * bm;
  place.column = in_band / high * bn;
  return place;
}

#ifdef INTEGERS
// sum (x - x_zero)(w - w_zero) over `count` terms, of the sums of xw, x and w: where there is no x it is x_zero.
FUNCTION int without_zeros(const TileParams* p, int sum, int x_sum, int w_sum, int count, long column,
                           GLOBAL const uchar* constants) {
  const uint x_zero = (uint)(p->x_zero - ZERO_OF_TYPE(X_TYPE));
  const uint w_zero = (uint)(channel_at(&p->finish, constants, column).zero - ZERO_OF_TYPE(W_TYPE));
  return (int)((uint)sum - x_zero * (uint)w_sum - w_zero * (uint)x_sum + (uint)count * x_zero * w_zero);
}
#endif
#endif
