// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A product whose sums over parts of k lie one behind another, each [batch][row][column] (macro INTEGERS: of i32, else
// f32): their sum and the epilogue, an element of y a work-item. p.row_blocks: the parts.
#ifdef INTEGERS
#define SUM uint
#else
#define SUM float
#endif

KERNEL join(GLOBAL uchar* y, long y_from, GLOBAL const uchar* sums, long sums_from, GLOBAL const uchar* bias,
            long bias_from, GLOBAL const uchar* residual, long residual_from, GLOBAL const uchar* constants,
            long constants_from, const TileParams p) {
  const long item = GLOBAL_ID(0), column = item % p.columns, line = item / p.columns;
  const long rows = p.out_height * p.out_width, row = line % rows, batch = line / rows;
  const long oh = row / p.out_width, ow = row % p.out_width;
  const long channel = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + column;
  GLOBAL const SUM* from = (GLOBAL const SUM*)(sums + sums_from) + item;
  SUM sum = (SUM)0;
  if (item >= p.items) return;
  for (long part = 0; part < p.row_blocks; ++part) sum += from[part * p.items];
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + oh * p.y_stride[1] + ow * p.y_stride[2];
#ifdef INTEGERS
  finish_integer(&p.finish, sum, channel, bias + bias_from, constants + constants_from, y, column * p.y_stride[0]);
#else
  finish_real(&p.finish, sum, channel, bias + bias_from, residual + residual_from,
              nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch) + column * p.residual_stride[0] +
                  oh * p.residual_stride[1] + ow * p.residual_stride[2],
              constants + constants_from, y, column * p.y_stride[0]);
#endif
}
