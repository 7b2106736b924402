// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector command of the interpreter: the contract's ten numbered stages.
#include <algorithm>
#include <bit>
#include <cmath>

#include "rtl/interpreter/interpreter.h"
#include "rtl/interpreter/reference_functions.h"

namespace systole::reference {

using contract::Dtype;
using contract::Space;

namespace {

int64_t size_of_type(Dtype type) { return type == Dtype::kI8 || type == Dtype::kU8 ? 1 : type == Dtype::kBf16 ? 2 : 4; }
bool is_real(Dtype type) { return type == Dtype::kBf16 || type == Dtype::kF32; }
bool is_byte(Dtype type) { return type == Dtype::kI8 || type == Dtype::kU8; }

int64_t rounded(float value) {
  if (value != value) return 0;
  if (value >= 2147483648.0f) return 2147483647;
  if (value < -2147483648.0f) return -2147483648LL;
  return static_cast<int64_t>(std::nearbyint(static_cast<double>(value)));
}

// TFLite's multiplication by a Q31 number and a power of two, each step rounded to nearest.
int64_t tflite(int32_t value, int32_t q31, int32_t shift) {
  const auto x = static_cast<int32_t>(static_cast<uint32_t>(value) << (shift > 0 ? shift : 0));
  int64_t high = 0;
  if (x == INT32_MIN && q31 == INT32_MIN) {
    high = INT32_MAX;
  } else {
    const int64_t product = static_cast<int64_t>(x) * q31;
    high = (product + (product >= 0 ? 1LL << 30 : 1 - (1LL << 30))) / (1LL << 31);
  }
  if (shift >= 0) return high;
  const int64_t unit = 1LL << -shift, half = unit / 2;  // halves away from zero
  return high >= 0 ? (high + half) / unit : -((-high + half) / unit);
}

uint16_t bf16_bits(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (value != value) return static_cast<uint16_t>((bits >> 16) | 0x40);
  const uint32_t rest = bits & 0xffff, up = rest > 0x8000 || (rest == 0x8000 && (bits >> 16 & 1));
  return static_cast<uint16_t>((bits >> 16) + up);
}

struct Value {
  bool real = false;
  int32_t i = 0;
  float f = 0;
};

template <typename T>
T apply(contract::BinaryOp op, T a, T b) {
  switch (op) {
    case contract::BinaryOp::kAdd:
      return a + b;
    case contract::BinaryOp::kSub:
      return a - b;
    case contract::BinaryOp::kMul:
      return a * b;
    case contract::BinaryOp::kMin:
      return std::min(a, b);
    case contract::BinaryOp::kMax:
      return std::max(a, b);
    default:
      return a;
  }
}

Value combine(contract::Reduce kind, const Value& a, const Value& b) {
  Value r = a;
  if (kind == contract::Reduce::kSum) {
    r.f = a.f + b.f;
    r.i = static_cast<int32_t>(static_cast<uint32_t>(a.i) + static_cast<uint32_t>(b.i));
    return r;
  }
  const bool most = kind == contract::Reduce::kMax;
  if (most ? a.f < b.f : b.f < a.f) r.f = b.f;
  if (most ? a.i < b.i : b.i < a.i) r.i = b.i;
  return r;
}

// Stage 7: lanes in turn, then halves of the lanes onto each other.
Value fold(contract::Reduce kind, const std::vector<Value>& values, int lanes) {
  Value identity = values.front();
  identity.f = kind == contract::Reduce::kSum ? 0 : kind == contract::Reduce::kMax ? -INFINITY : INFINITY;
  identity.i = kind == contract::Reduce::kSum ? 0 : kind == contract::Reduce::kMax ? INT32_MIN : INT32_MAX;
  size_t width = 1;
  while (width < static_cast<size_t>(lanes)) width *= 2;
  std::vector<Value> lane(width, identity);
  for (size_t l = 0; l < static_cast<size_t>(lanes); ++l)
    for (size_t c = l; c < values.size(); c += static_cast<size_t>(lanes)) lane[l] = combine(kind, lane[l], values[c]);
  while (width > 1) {
    width /= 2;
    for (size_t l = 0; l < width; ++l) lane[l] = combine(kind, lane[l], lane[l + width]);
  }
  return lane[0];
}

}  // namespace

void Interpreter::run_vector(const Pending& p) {
  const contract::Vector c = contract::decode_vector(p.descriptor);
  if (!is_valid(c.c_steps)) return fail("vector increments");
  const int64_t src = c.src_addr + p.add[0], dst = c.dst_addr + p.add[1];
  const int64_t b_base = c.b_addr + (c.c_steps == contract::CSteps::kParams ? 0 : p.add[2]);
  if (!c.channels || !c.n0 || !c.n1) return fail("vector count of zero");
  const Space sp = Space::kScratchpad;
  const bool windowed = c.window != contract::WindowOp::kNone, mac = c.window == contract::WindowOp::kMac;
  if (windowed && (!c.win_kh || !c.win_kw)) return fail("window of zero");
  if (mac && c.binary != contract::BinaryOp::kNone) return fail("binary with mac");
  const int64_t es_a = size_of_type(c.a_dtype), es_b = size_of_type(c.b_dtype), es_d = size_of_type(c.d_dtype);
  const int64_t per = c.scalar_params ? 1 : c.channels;
  int64_t at = c.param_addr + (c.c_steps == contract::CSteps::kB ? 0 : p.add[2]);
  const int64_t p0 = at;
  if (c.bias) at += 4 * int64_t{c.channels};
  const int64_t p1 = at;
  if (c.requant != contract::Requant::kNone) at += 4 * per;
  const int64_t p2 = at;
  if (c.requant == contract::Requant::kTflite) at += 4 * per;
  const int64_t p3 = at;
  if (c.b_scaled) at += 4;
  const int64_t p4 = at;
  const auto a_at = [&](int64_t address) {
    Value v;
    v.real = is_real(c.a_dtype);
    if (v.real) {
      v.f = real(c.a_space, address, c.a_dtype);
    } else {
      v.i = static_cast<int32_t>(integer(c.a_space, address, c.a_dtype) - (is_byte(c.a_dtype) ? c.a_zero : 0));
    }
    return v;
  };
  for (int64_t i1 = 0; i1 < c.n1; ++i1) {
    for (int64_t i0 = 0; i0 < c.n0; ++i0) {
      std::vector<Value> folded;
      for (int64_t ch = 0; ch < c.channels; ++ch) {
        if (!error_.empty()) return;
        const int64_t a = src + i1 * c.a_stride1 + i0 * c.a_stride0 + ch * es_a;
        Value v;
        if (!windowed) {
          v = a_at(a);
        } else {
          v.real = is_real(c.a_dtype);
          for (int64_t kh = 0; kh < c.win_kh; ++kh) {
            for (int64_t kw = 0; kw < c.win_kw; ++kw) {
              const Value x = a_at(a + kh * c.win_stride1 + kw * c.win_stride0);
              const bool first = kh == 0 && kw == 0;
              if (c.window == contract::WindowOp::kMax) {
                v.f = first ? x.f : std::max(v.f, x.f), v.i = first ? x.i : std::max(v.i, x.i);
                continue;
              }
              float wf = 1;
              int32_t wi = 1;
              if (mac) {
                const int64_t b = b_base + (kh * c.win_kw + kw) * c.b_stride0 + ch * es_b;
                if (v.real) {
                  wf = real(sp, b, c.b_dtype);
                } else {
                  wi = static_cast<int32_t>(integer(sp, b, c.b_dtype) - (is_byte(c.b_dtype) ? c.b_zero : 0));
                }
              }
              v.f += x.f * wf;
              v.i = static_cast<int32_t>(static_cast<uint32_t>(v.i) +
                                         static_cast<uint32_t>(x.i) * static_cast<uint32_t>(wi));
            }
          }
        }
        if (c.bias) {
          if (v.real) {
            v.f += real(sp, p0 + 4 * ch, Dtype::kF32);
          } else {
            v.i = static_cast<int32_t>(static_cast<uint32_t>(v.i) +
                                       static_cast<uint32_t>(integer(sp, p0 + 4 * ch, Dtype::kI32)));
          }
        }
        const int64_t index = 4 * (c.scalar_params ? 0 : ch);
        if (c.requant == contract::Requant::kOnnx) {
          v.i = static_cast<int32_t>(rounded(static_cast<float>(v.i) * real(sp, p1 + index, Dtype::kF32)));
        } else if (c.requant == contract::Requant::kTflite) {
          const int64_t shift = integer(sp, p2 + index, Dtype::kI32);
          if (shift < -31 || shift > 31) return fail("tflite shift of " + std::to_string(shift));
          v.i = static_cast<int32_t>(
              tflite(v.i, static_cast<int32_t>(integer(sp, p1 + index, Dtype::kI32)), static_cast<int32_t>(shift)));
        } else if (c.requant == contract::Requant::kScale) {
          v.f = (v.real ? v.f : static_cast<float>(v.i)) * real(sp, p1 + index, Dtype::kF32);
          v.real = true;
        }
        if (c.binary != contract::BinaryOp::kNone) {
          const int64_t b = b_base + i1 * c.b_stride1 + i0 * c.b_stride0 + (c.b_broadcast ? 0 : ch * es_b);
          if (v.real) {
            float w = is_real(c.b_dtype)
                          ? real(sp, b, c.b_dtype)
                          : static_cast<float>(integer(sp, b, c.b_dtype) - (is_byte(c.b_dtype) ? c.b_zero : 0));
            if (!is_real(c.b_dtype) && c.b_scaled) w *= real(sp, p3, Dtype::kF32);
            v.f = apply(c.binary, v.f, w);
          } else {
            v.i = static_cast<int32_t>(
                apply<int64_t>(c.binary, v.i, integer(sp, b, c.b_dtype) - (is_byte(c.b_dtype) ? c.b_zero : 0)));
          }
        }
        if (c.function != contract::Function::kNone) {
          if (!v.real) return fail("function of an integer");
          v.f = reference_function(c.function, v.f);
        }
        if (c.reduce != contract::Reduce::kNone) {
          folded.push_back(v);
          if (ch + 1 < c.channels) continue;
          v = fold(c.reduce, folded, spec_.vector.lanes);
        }
        int64_t wide = v.i;
        if (v.real && !is_real(c.d_dtype)) {
          wide = rounded(c.out_scaled ? v.f * real(sp, p4, Dtype::kF32) : v.f);
          v.real = false;
        }
        if (is_byte(c.d_dtype)) wide += c.d_zero;
        if (c.activation == contract::Activation::kRelu) {
          v.f = v.f < 0 ? 0 : v.f;
          wide = std::max<int64_t>(wide, is_byte(c.d_dtype) ? c.d_zero : 0);
        } else if (c.activation == contract::Activation::kClip) {
          v.f = std::clamp(v.f, v.real ? std::bit_cast<float>(c.clip_lo) : -INFINITY,
                           v.real ? std::bit_cast<float>(c.clip_hi) : INFINITY);
          if (!v.real)
            wide = std::clamp<int64_t>(wide, static_cast<int32_t>(c.clip_lo), static_cast<int32_t>(c.clip_hi));
        }
        if (!v.real) v.f = static_cast<float>(wide);  // an integer in a D of floats
        const int64_t d = dst + i1 * c.d_stride1 + i0 * c.d_stride0 + (folded.empty() ? ch : 0) * es_d;
        switch (c.d_dtype) {
          case Dtype::kI8:
            write(c.d_space, d, 1, static_cast<uint8_t>(std::clamp<int64_t>(wide, -128, 127)));
            break;
          case Dtype::kU8:
            write(c.d_space, d, 1, static_cast<uint8_t>(std::clamp<int64_t>(wide, 0, 255)));
            break;
          case Dtype::kI32:
            write(c.d_space, d, 4, static_cast<uint32_t>(wide));
            break;
          case Dtype::kBf16:
            write_bf16(c.d_space, d, bf16_bits(v.f));
            break;
          case Dtype::kF32:
            write_f32(c.d_space, d, v.f);
            break;
        }
      }
    }
  }
}

}  // namespace systole::reference
