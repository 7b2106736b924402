// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops that move and convert: copy, select, fill, cast.
#include <cmath>
#include <cstring>
#include <type_traits>

#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/quantized.h"
#include "devices/cpu/rows.h"

namespace systole::cpu {
namespace {

template <typename S>
void copy_elements(const std::byte* from, int64_t from_stride, std::byte* to, int64_t to_stride, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    *reinterpret_cast<S*>(to + i * to_stride) = *reinterpret_cast<const S*>(from + i * from_stride);
  }
}

void copy_row(int64_t size, const std::byte* from, int64_t from_stride, std::byte* to, int64_t to_stride,
              int64_t count) {
  if (from_stride == size && to_stride == size) {
    std::memcpy(to, from, static_cast<size_t>(count * size));
    return;
  }
  switch (size) {
    case 1:
      return copy_elements<uint8_t>(from, from_stride, to, to_stride, count);
    case 2:
      return copy_elements<uint16_t>(from, from_stride, to, to_stride, count);
    case 4:
      return copy_elements<uint32_t>(from, from_stride, to, to_stride, count);
    default:
      return copy_elements<uint64_t>(from, from_stride, to, to_stride, count);
  }
}

// Truncates and saturates to a plain integer; NaN gives zero.
uint64_t truncated(double value, DType type) {
  if (std::isnan(value)) return 0;
  const bool is_signed = is_signed_integer(type);
  const int bits = bit_width(type);
  const double beyond = std::ldexp(1.0, is_signed ? bits - 1 : bits);
  const double whole = std::trunc(value);
  if (whole >= beyond) return is_signed ? (uint64_t{1} << (bits - 1)) - 1 : ~uint64_t{0} >> (64 - bits);
  if (!is_signed) return whole <= 0 ? 0 : static_cast<uint64_t>(whole);
  return static_cast<uint64_t>(static_cast<int64_t>(std::fmax(whole, -beyond)));
}

struct Target {
  explicit Target(const TensorDesc& y) : type(y.dtype), table(y) {}
  DType type;
  QuantTable table;
};

// A block of plain numbers into y. `q`: offset and stride of y's quantization tables.
template <typename T>
void store_numbers(const Target& y, std::byte* data, int64_t stride, int64_t q_offset, int64_t q_stride, int64_t count,
                   T* row) {
  if constexpr (std::is_floating_point_v<T>) {
    if (is_float(y.type)) return store_row(y.type, data, stride, count, row);
    int64_t stored[kBlock];
    const StoredRange range = y.table.present ? stored_range(y.type) : StoredRange{};
    for (int64_t i = 0; i < count; ++i) {
      if (y.type == DType::kBool) {
        stored[i] = row[i] != T(0);
      } else if (y.table.present) {
        stored[i] = saturate_round(static_cast<float>(row[i]) / scale_at(y.table, q_offset, q_stride, i),
                                   zero_at(y.table, q_offset, q_stride, i), range);
      } else {
        stored[i] = static_cast<int64_t>(truncated(static_cast<double>(row[i]), y.type));
      }
    }
    return store_row(y.type, data, stride, count, stored);
  } else {
    if (y.type == DType::kF64) {
      double wide[kBlock];
      for (int64_t i = 0; i < count; ++i) wide[i] = static_cast<double>(row[i]);
      return store_row(y.type, data, stride, count, wide);
    }
    if (is_float(y.type) || y.table.present) {
      float real[kBlock];
      for (int64_t i = 0; i < count; ++i) real[i] = static_cast<float>(row[i]);
      return store_numbers(y, data, stride, q_offset, q_stride, count, real);
    }
    if (y.type == DType::kBool) {
      for (int64_t i = 0; i < count; ++i) row[i] = row[i] != 0;
    }
    store_row(y.type, data, stride, count, row);
  }
}

// f32 to an 8-bit type, the common case, without a call an element.
void quantize_narrow(const Target& y, std::byte* data, int64_t stride, float scale, int32_t zero, int64_t count,
                     const float* row) {
  int32_t stored[kBlock];
  const StoredRange range = stored_range(y.type);
  const auto low = static_cast<int32_t>(range.low), high = static_cast<int32_t>(range.high);
  for (int64_t i = 0; i < count; ++i) stored[i] = saturate_round_narrow(row[i] / scale, zero, low, high);
  store_row(y.type, data, stride, count, stored);
}

}  // namespace

Kernel make_kernel(const Copy&, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &y = call.outputs[0].desc;
  const int64_t size = byte_size(y.dtype);
  return as_kernel([=, nest = make_nest(y.shape, {y.strides, x.strides})](Tensors inputs, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      copy_row(size, inputs[0].data + at[1], nest.inner[1], out.data + at[0], nest.inner[0], count);
    });
  });
}

Kernel make_kernel(const Select&, const OpCall& call, const Context& context) {
  const TensorDesc& y = call.outputs[0].desc;
  std::vector<Strides> strides{y.strides};
  for (const TensorView& view : call.inputs) strides.push_back(broadcast_strides(view.desc, y.shape));
  const int64_t size = byte_size(y.dtype);
  return as_kernel([=, nest = make_nest(y.shape, strides)](Tensors inputs, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      const std::byte* condition = inputs[0].data + at[1];
      copy_row(size, inputs[2].data + at[3], nest.inner[3], out.data + at[0], nest.inner[0], count);
      for (int64_t i = 0; i < count; ++i) {
        if (condition[i * nest.inner[1]] == std::byte{0}) continue;
        std::memcpy(out.data + at[0] + i * nest.inner[0], inputs[1].data + at[2] + i * nest.inner[2],
                    static_cast<size_t>(size));
      }
    });
  });
}

Kernel make_kernel(const Fill& op, const OpCall& call, const Context& context) {
  const TensorDesc& y = call.outputs[0].desc;
  const Target target(y);
  return as_kernel([=, value = op.value, nest = make_nest(y.shape, {y.strides, target.table.strides})](
                       Tensors, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      double row[kBlock];
      std::fill_n(row, count, value);
      store_numbers(target, out.data + at[0], nest.inner[0], at[1], nest.inner[1], count, row);
    });
  });
}

Kernel make_kernel(const Cast&, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &y = call.outputs[0].desc;
  const Target target(y);
  const QuantTable from(x);
  const DType type = x.dtype;
  const bool narrow = target.table.present && bit_width(y.dtype) <= 16;
  const bool real = from.present || (is_float(type) && type != DType::kF64);  // the number is an f32
  Nest nest = make_nest(y.shape, {y.strides, x.strides, target.table.strides, from.strides});
  return as_kernel([=, nest = std::move(nest)](Tensors inputs, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      const std::byte* source = inputs[0].data + at[1];
      std::byte* data = out.data + at[0];
      if (!real) {
        return with_domain(type, [&](auto zero) {
          decltype(zero) row[kBlock];
          load_row(type, source, nest.inner[1], count, row);
          store_numbers(target, data, nest.inner[0], at[2], nest.inner[2], count, row);
        });
      }
      float row[kBlock];
      if (from.present) {
        int64_t stored[kBlock];
        load_row(type, source, nest.inner[1], count, stored);
        for (int64_t i = 0; i < count; ++i) {
          row[i] = static_cast<float>(stored[i] - zero_at(from, at[3], nest.inner[3], i)) *
                   scale_at(from, at[3], nest.inner[3], i);
        }
      } else {
        load_row(type, source, nest.inner[1], count, row);
      }
      if (narrow && nest.inner[2] == 0) {
        return quantize_narrow(target, data, nest.inner[0], scale_at(target.table, at[2], 0, 0),
                               zero_at(target.table, at[2], 0, 0), count, row);
      }
      store_numbers(target, data, nest.inner[0], at[2], nest.inner[2], count, row);
    });
  });
}

}  // namespace systole::cpu
