// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Reductions of lines: reduce, softmax, normalize. GROUP work-items share a line, each the positions from its own on in
// steps of GROUP. Macros TYPE and STEP: all operands have that type and lie as one in lines, STEP bytes an element.
#if DOMAIN == GPU_IN_I64
#define VALUE long
#define LOAD_VALUE load_i64
#define STORE_VALUE store_i64
#elif DOMAIN == GPU_IN_U64
#define VALUE ulong
#define LOAD_VALUE(base, offset, type) ((ulong)load_i64(base, offset, type))
#define STORE_VALUE(base, offset, type, value) store_i64(base, offset, type, (long)(value))
#else
#define VALUE REAL
#define LOAD_VALUE LOAD_REAL
#define STORE_VALUE STORE_REAL
#define IS_FLOAT 1
#endif

#ifdef STEP
#define POSITION(operand, i) ((i) * STEP)
#define OPERAND_TYPE(operand) TYPE
#else
#define POSITION(operand, i) nest_offset(p.inner, p.inner_stride[operand], p.inner_rank, i)
#define OPERAND_TYPE(operand) p.type[operand]
#endif
#define LANES 16

#define SUM 0
#define MEAN 1
#define MAX 2
#define MIN 3
#define PROD 4
#define SUM_SQUARE 5

FUNCTION VALUE first_of(int kind) {
#ifdef IS_FLOAT
  if (kind == MAX) return -(REAL)AS_FLOAT(0x7f800000u);
  if (kind == MIN) return (REAL)AS_FLOAT(0x7f800000u);
#elif DOMAIN == GPU_IN_I64
  if (kind == MAX) return (long)((ulong)1 << 63);
  if (kind == MIN) return (long)(((ulong)1 << 63) - 1);
#else
  if (kind == MIN) return ~(ulong)0;
#endif
  return kind == PROD ? (VALUE)1 : (VALUE)0;
}
#ifdef IS_FLOAT
#define WRAPPED(value) (value)
#else
#define WRAPPED(value) ((ulong)(value))
#endif
FUNCTION VALUE combined(int kind, VALUE total, VALUE value) {
  switch (kind) {
    case MAX: return value > total || value != value ? value : total;
    case MIN: return value < total || value != value ? value : total;
    case PROD: return (VALUE)(WRAPPED(total) * WRAPPED(value));
  }
  return (VALUE)(WRAPPED(total) + WRAPPED(value));
}

#if GROUP > 1
// The group's values together, in every item.
#define TOGETHER(kind, value, parts)                                       \
  parts[LOCAL_ID(0)] = value;                                              \
  BARRIER();                                                               \
  for (int reach = GROUP / 2; reach > 0; reach /= 2) {                        \
    if (LOCAL_ID(0) < reach)                                                \
      parts[LOCAL_ID(0)] = combined(kind, parts[LOCAL_ID(0)], parts[LOCAL_ID(0) + reach]); \
    BARRIER();                                                             \
  }                                                                        \
  value = parts[0];                                                        \
  BARRIER();
#define PARTS LOCAL VALUE parts[GROUP];
#define LINE GROUP_ID(0)
#define FIRST LOCAL_ID(0)
#else
#define TOGETHER(kind, value, parts)
#define PARTS
#define LINE GLOBAL_ID(0)
#define FIRST 0
#endif

// Runs `step` on VALUE v, position i and lane; in lanes that don't wait for each other where lines lie as one.
#if defined(STEP) && GROUP == 1
#define OVER_LINE(x, step)                                                   \
  {                                                                          \
    long i0 = 0;                                                             \
    for (; i0 + LANES <= p.length; i0 += LANES)                              \
      for (int lane = 0; lane < LANES; ++lane) {                             \
        const VALUE v = LOAD_VALUE(x, POSITION(1, i0 + lane), OPERAND_TYPE(1)); \
        step                                                                 \
      }                                                                      \
    for (int lane = 0; i0 + lane < p.length; ++lane) {                       \
      const VALUE v = LOAD_VALUE(x, POSITION(1, i0 + lane), OPERAND_TYPE(1)); \
      step                                                                   \
    }                                                                        \
  }
#define LANE_COUNT LANES
#else
#define OVER_LINE(x, step)                                            \
  for (long i = FIRST; i < p.length; i += GROUP) {                    \
    const int lane = 0;                                               \
    const VALUE v = LOAD_VALUE(x, POSITION(1, i), OPERAND_TYPE(1));   \
    step                                                              \
  }
#define LANE_COUNT 1
#endif
#define DECLARE_LANES(name, first)  \
  VALUE name[LANE_COUNT];           \
  for (int each = 0; each < LANE_COUNT; ++each) name[each] = first;
#define JOIN_LANES(kind, name, result) \
  VALUE result = name[0];              \
  for (int each = 1; each < LANE_COUNT; ++each) result = combined(kind, result, name[each]);

#ifdef REDUCE
KERNEL reduce_lines(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const LineParams p) {
  const long line = LINE;
  PARTS
  if (line >= p.lines) return;
  x += x_at + nest_offset(p.outer, p.outer_stride[1], p.outer_rank, line);
  y += y_at + nest_offset(p.outer, p.outer_stride[0], p.outer_rank, line);
  DECLARE_LANES(totals, first_of(p.kind))
  if (p.kind == SUM || p.kind == MEAN) {
    OVER_LINE(x, totals[lane] = (VALUE)(WRAPPED(totals[lane]) + WRAPPED(v));)
  } else if (p.kind == SUM_SQUARE) {
    OVER_LINE(x, totals[lane] = (VALUE)(WRAPPED(totals[lane]) + WRAPPED(v) * WRAPPED(v));)
  } else {
    OVER_LINE(x, totals[lane] = combined(p.kind, totals[lane], v);)
  }
  JOIN_LANES(p.kind, totals, total)
  TOGETHER(p.kind, total, parts)
  if (LOCAL_ID(0) != 0 && GROUP > 1) return;
  if (p.kind == MEAN) {
#ifdef IS_FLOAT
    total = total / (REAL)p.length;
#else
    // The wrapped i32 sum (64-bit types: the sum), towards zero.
    if (bits_of_type(p.type[0]) < 64) total = (VALUE)((long)(int)(uint)(ulong)total / p.length);
    else total = total / (VALUE)p.length;
#endif
  }
  STORE_VALUE(y, 0, p.type[0], total);
}
#else

KERNEL softmax_lines(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const LineParams p) {
  const long line = LINE;
  PARTS
  if (line >= p.lines) return;
  x += x_at + nest_offset(p.outer, p.outer_stride[1], p.outer_rank, line);
  y += y_at + nest_offset(p.outer, p.outer_stride[0], p.outer_rank, line);
  DECLARE_LANES(tops, first_of(MAX))
  DECLARE_LANES(sums, (REAL)0)
  OVER_LINE(x, tops[lane] = v > tops[lane] ? v : tops[lane];)
  JOIN_LANES(MAX, tops, top)
  TOGETHER(MAX, top, parts)
  OVER_LINE(x, sums[lane] += exp(v - top);)
  JOIN_LANES(SUM, sums, sum)
  TOGETHER(SUM, sum, parts)
  const REAL log_sum = log(sum);
  for (long i = FIRST; i < p.length; i += GROUP) {
    const REAL shifted = LOAD_REAL(x, POSITION(1, i), OPERAND_TYPE(1)) - top;
    STORE_REAL(y, POSITION(0, i), OPERAND_TYPE(0), p.flags ? shifted - log_sum : exp(shifted) / sum);
  }
}

// kind: 0 layer, 1 RMS.
KERNEL normalize_lines(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, GLOBAL const uchar* scale, long scale_at,
                 GLOBAL const uchar* bias, long bias_at, const LineParams p) {
  const long line = LINE;
  PARTS
  REAL mean = (REAL)0;
  if (line >= p.lines) return;
  x += x_at + nest_offset(p.outer, p.outer_stride[1], p.outer_rank, line);
  y += y_at + nest_offset(p.outer, p.outer_stride[0], p.outer_rank, line);
  scale += scale_at;
  bias += bias_at;
  if (p.kind == 0) {
    DECLARE_LANES(sums, (REAL)0)
    OVER_LINE(x, sums[lane] += v;)
    JOIN_LANES(SUM, sums, sum)
    TOGETHER(SUM, sum, parts)
    mean = sum / (REAL)p.length;
  }
  DECLARE_LANES(squares, (REAL)0)
  OVER_LINE(x, squares[lane] += (v - mean) * (v - mean);)
  JOIN_LANES(SUM, squares, square)
  TOGETHER(SUM, square, parts)
  const REAL deviation = sqrt(square / (REAL)p.length + (REAL)p.epsilon);
  for (long i = FIRST; i < p.length; i += GROUP) {
    REAL value = (LOAD_REAL(x, POSITION(1, i), OPERAND_TYPE(1)) - mean) / deviation;
    if (p.flags & 1) value *= LOAD_REAL(scale, nest_offset(p.inner, p.inner_stride[2], p.inner_rank, i), p.type[2]);
    if (p.flags & 2) value += LOAD_REAL(bias, nest_offset(p.inner, p.inner_stride[3], p.inner_rank, i), p.type[3]);
    STORE_REAL(y, POSITION(0, i), OPERAND_TYPE(0), value);
  }
}
#endif
