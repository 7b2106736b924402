// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where a work-item's elements lie.

// Offsets of each operand's first element, its entry of quantization, and how many elements follow.
typedef struct {
  long at[4], entry[4], count;
} ElementPlace;

FUNCTION void element_place(const ElementParams* p, long item, int operands, ElementPlace* place) {
  const int inner = p->rank - 1;
  const long first = item % p->chunks * p->run;
  long row = item / p->chunks;
  place->count = p->extent[inner] - first < p->run ? p->extent[inner] - first : p->run;
  for (int o = 0; o < operands; ++o) {
    place->at[o] = first * p->stride[o][inner];
    place->entry[o] = p->table[o] + (p->quant_axis[o] == inner ? first : 0);
  }
  for (int axis = inner - 1; axis >= 0; --axis) {
    const long index = row % p->extent[axis];
    row /= p->extent[axis];
    for (int o = 0; o < operands; ++o) {
      place->at[o] += index * p->stride[o][axis];
      if (p->quant_axis[o] == axis) place->entry[o] += index;
    }
  }
}

// The entry of element j of the run.
FUNCTION GpuQuant quant_at(const ElementParams* p, const ElementPlace* place, GLOBAL const uchar* constants, int operand,
                           long j) {
  const long entry = place->entry[operand] + (p->quant_axis[operand] == p->rank - 1 ? j : 0);
  return ((GLOBAL const GpuQuant*)constants)[entry];
}

// Offset of position i of a nest of axes, by its strides.
FUNCTION long nest_offset(const gpu_i64* extent, const gpu_i64* stride, int rank, long i) {
  long offset = 0;
  for (int axis = rank - 1; axis > 0; --axis) {
    offset += i % extent[axis] * stride[axis];
    i /= extent[axis];
  }
  return rank > 0 ? offset + i * stride[0] : offset;
}

// The position of y of an item's first element, and how many follow along axis[3].
FUNCTION long image_place(const ImageParams* y, long item, long* index) {
  const long first = item % y->chunks * y->run, left = y->extent[y->axis[3]] - first;
  long row = item / y->chunks;
  index[y->axis[3]] = first;
  for (int i = 2; i >= 0; --i) {
    index[y->axis[i]] = row % y->extent[y->axis[i]];
    row /= y->extent[y->axis[i]];
  }
  return left < y->run ? left : y->run;
}
FUNCTION long image_offset(const gpu_i64* stride, const long* index) {
  return index[0] * stride[0] + index[1] * stride[1] + index[2] * stride[2] + index[3] * stride[3];
}

// Offset of key t of k (operand 2) or v (3), of a request whose pages `pages` names from its first on.
FUNCTION long key_offset(const AttentionParams* p, GLOBAL const int* pages, int operand, long t) {
  if (p->page_keys == 0) return t * p->row_stride[operand];
  const int key = (int)t, size = (int)p->page_keys, page = key / size;
  return pages[page] * p->page_stride[operand - 2] + (key - page * size) * p->row_stride[operand];
}
