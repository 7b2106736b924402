// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels: integers in i64, floats in f64 with one rounding to the output's type (for + - * / and square
// root the same as rounding in that type).
#include <algorithm>
#include <cmath>

#include "graph/constants.h"
#include "graph/host_ops/kernels.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

using Inputs = std::span<const HostInput>;
using Outputs = std::span<const HostOutput>;

// For each output element, the element of an input that broadcasts to it.
class Broadcast {
 public:
  Broadcast(const Shape& input, const Shape& output)
      : output_(output), strides_(output.size(), 0), index_(output.size(), 0) {
    int64_t stride = 1;
    for (size_t i = input.size(); i-- > 0;) {
      if (input[i] != 1) strides_[i + output.size() - input.size()] = stride;
      stride *= input[i];
    }
  }
  int64_t at() const { return at_; }
  void next() {
    for (size_t axis = index_.size(); axis-- > 0;) {
      at_ += strides_[axis];
      if (++index_[axis] < output_[axis]) return;
      at_ -= strides_[axis] * output_[axis];
      index_[axis] = 0;
    }
  }

 private:
  Shape output_;
  std::vector<int64_t> strides_, index_;
  int64_t at_ = 0;
};

using RealFunction = double (*)(double, double);
using IntFunction = int64_t (*)(int64_t, int64_t);

int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }
uint64_t bits(int64_t value) { return static_cast<uint64_t>(value); }

template <RealFunction real, IntFunction integer>
Status binary(const Node& node, Inputs in, Outputs out) {
  bool reals = is_float(in[0].dtype) || is_float(in[1].dtype);
  int64_t count = element_count(out[0].shape);
  Broadcast a(in[0].shape, out[0].shape), b(in[1].shape, out[0].shape);
  for (int64_t i = 0; i < count; ++i, a.next(), b.next()) {
    if (reals) {
      store_real(out[0].dtype, out[0].data, i,
                 real(load_real(in[0].dtype, in[0].data, a.at()), load_real(in[1].dtype, in[1].data, b.at())));
      continue;
    }
    int64_t x = load_int(in[0].dtype, in[0].data, a.at()), y = load_int(in[1].dtype, in[1].data, b.at());
    if (y == 0 && (node.type == "Div" || node.type == "Mod"))
      return node_error(node, Code::kInvalidArgument, "division by zero");
    store_int(out[0].dtype, out[0].data, i, integer(x, y));
  }
  return {};
}

// Left to right over any number of inputs.
template <RealFunction real, IntFunction integer>
Status chain(const Node&, Inputs in, Outputs out) {
  int64_t count = element_count(out[0].shape);
  bool reals = is_float(out[0].dtype);
  for (size_t n = 0; n < in.size(); ++n) {
    Broadcast a(in[n].shape, out[0].shape);
    for (int64_t i = 0; i < count; ++i, a.next()) {
      if (reals) {
        double x = load_real(in[n].dtype, in[n].data, a.at());
        store_real(out[0].dtype, out[0].data, i, n == 0 ? x : real(load_real(out[0].dtype, out[0].data, i), x));
      } else {
        int64_t x = load_int(in[n].dtype, in[n].data, a.at());
        store_int(out[0].dtype, out[0].data, i, n == 0 ? x : integer(load_int(out[0].dtype, out[0].data, i), x));
      }
    }
  }
  return {};
}

template <double (*function)(double)>
Status unary(const Node&, Inputs in, Outputs out) {
  int64_t count = element_count(out[0].shape);
  for (int64_t i = 0; i < count; ++i)
    store_real(out[0].dtype, out[0].data, i, function(load_real(in[0].dtype, in[0].data, i)));
  return {};
}

Status cast(const Node& node, Inputs in, Outputs out) {
  if (bit_width(in[0].dtype) < 8 || bit_width(out[0].dtype) < 8)
    return node_error(node, Code::kUnsupported, "4-bit elements on the host");
  int64_t count = element_count(out[0].shape);
  for (int64_t i = 0; i < count; ++i) {
    if (is_float(in[0].dtype))
      store_real(out[0].dtype, out[0].data, i, load_real(in[0].dtype, in[0].data, i));
    else if (is_float(out[0].dtype))
      store_real(out[0].dtype, out[0].data, i, static_cast<double>(load_int(in[0].dtype, in[0].data, i)));
    else
      store_int(out[0].dtype, out[0].data, i, load_int(in[0].dtype, in[0].data, i));
  }
  return {};
}

Status where(const Node& node, Inputs in, Outputs out) {
  if (bit_width(out[0].dtype) < 8) return node_error(node, Code::kUnsupported, "4-bit elements on the host");
  int64_t count = element_count(out[0].shape);
  Broadcast c(in[0].shape, out[0].shape), a(in[1].shape, out[0].shape), b(in[2].shape, out[0].shape);
  for (int64_t i = 0; i < count; ++i, c.next(), a.next(), b.next()) {
    bool first = load_int(DType::kBool, in[0].data, c.at()) != 0;
    const HostInput& from = first ? in[1] : in[2];
    int64_t at = first ? a.at() : b.at();
    if (is_float(out[0].dtype))
      store_real(out[0].dtype, out[0].data, i, load_real(from.dtype, from.data, at));
    else
      store_int(out[0].dtype, out[0].data, i, load_int(from.dtype, from.data, at));
  }
  return {};
}

template <RealFunction real, IntFunction integer>
Status reduce(const Node& node, Inputs in, Outputs out) {
  std::vector<int64_t> listed;
  if (auto given = ints_attr(node, "axes"))
    listed = *given;
  else if (in.size() > 1 && in[1].data) {
    for (int64_t i = 0; i < element_count(in[1].shape); ++i) listed.push_back(load_int(in[1].dtype, in[1].data, i));
  }
  int rank = static_cast<int>(in[0].shape.size());
  bool nothing = listed.empty() && int_attr(node, "noop_with_empty_axes", 0) != 0;
  if (listed.empty() && !nothing)
    for (int i = 0; i < rank; ++i) listed.push_back(i);
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, normal_axes(node, listed, rank));
  Shape kept = in[0].shape;
  for (int axis : axes) kept[static_cast<size_t>(axis)] = 1;
  Broadcast target(kept, in[0].shape);
  std::vector<bool> begun(static_cast<size_t>(element_count(kept)), false);
  int64_t count = element_count(in[0].shape);
  for (int64_t i = 0; i < count; ++i, target.next()) {
    bool first = !begun[static_cast<size_t>(target.at())];
    begun[static_cast<size_t>(target.at())] = true;
    if (is_float(out[0].dtype)) {
      double x = load_real(in[0].dtype, in[0].data, i);
      store_real(out[0].dtype, out[0].data, target.at(),
                 first ? x : real(load_real(out[0].dtype, out[0].data, target.at()), x));
    } else {
      int64_t x = load_int(in[0].dtype, in[0].data, i);
      store_int(out[0].dtype, out[0].data, target.at(),
                first ? x : integer(load_int(out[0].dtype, out[0].data, target.at()), x));
    }
  }
  return {};
}

double add_r(double a, double b) { return a + b; }
int64_t add_i(int64_t a, int64_t b) { return wrap(bits(a) + bits(b)); }
double sub_r(double a, double b) { return a - b; }
int64_t sub_i(int64_t a, int64_t b) { return wrap(bits(a) - bits(b)); }
double mul_r(double a, double b) { return a * b; }
int64_t mul_i(int64_t a, int64_t b) { return wrap(bits(a) * bits(b)); }
double div_r(double a, double b) { return a / b; }
int64_t div_i(int64_t a, int64_t b) { return b == -1 ? wrap(0 - bits(a)) : a / b; }
double mod_r(double a, double b) { return std::fmod(a, b); }
int64_t mod_i(int64_t a, int64_t b) { return b == -1 ? 0 : (a % b != 0 && (a < 0) != (b < 0) ? a % b + b : a % b); }
double min_r(double a, double b) { return std::min(a, b); }
int64_t min_i(int64_t a, int64_t b) { return std::min(a, b); }
double max_r(double a, double b) { return std::max(a, b); }
int64_t max_i(int64_t a, int64_t b) { return std::max(a, b); }
double pow_r(double a, double b) { return std::pow(a, b); }
int64_t pow_i(int64_t a, int64_t b) {
  return static_cast<int64_t>(std::pow(static_cast<double>(a), static_cast<double>(b)));
}
template <typename T>
T equal(T a, T b) {
  return a == b;
}
template <typename T>
T less(T a, T b) {
  return a < b;
}
template <typename T>
T less_equal(T a, T b) {
  return a <= b;
}
template <typename T>
T greater(T a, T b) {
  return a > b;
}
template <typename T>
T greater_equal(T a, T b) {
  return a >= b;
}
template <typename T>
T both(T a, T b) {
  return a != 0 && b != 0;
}
template <typename T>
T either(T a, T b) {
  return a != 0 || b != 0;
}
double negate(double a) { return -a; }
double absolute(double a) { return std::fabs(a); }
double root(double a) { return std::sqrt(a); }
double floor_of(double a) { return std::floor(a); }
double ceil_of(double a) { return std::ceil(a); }
double not_of(double a) { return a == 0; }
double relu(double a) { return a > 0 ? a : 0; }
double reciprocal(double a) { return 1 / a; }
double exponential(double a) { return std::exp(a); }

}  // namespace

void add_arithmetic_kernels(HostKernels& kernels) {
  kernels["Add"] = binary<add_r, add_i>;
  kernels["Sub"] = binary<sub_r, sub_i>;
  kernels["Mul"] = binary<mul_r, mul_i>;
  kernels["Div"] = binary<div_r, div_i>;
  kernels["Mod"] = binary<mod_r, mod_i>;
  kernels["Pow"] = binary<pow_r, pow_i>;
  kernels["Equal"] = binary<equal<double>, equal<int64_t>>;
  kernels["Less"] = binary<less<double>, less<int64_t>>;
  kernels["LessOrEqual"] = binary<less_equal<double>, less_equal<int64_t>>;
  kernels["Greater"] = binary<greater<double>, greater<int64_t>>;
  kernels["GreaterOrEqual"] = binary<greater_equal<double>, greater_equal<int64_t>>;
  kernels["And"] = binary<both<double>, both<int64_t>>;
  kernels["Or"] = binary<either<double>, either<int64_t>>;
  kernels["Sum"] = chain<add_r, add_i>;
  kernels["Min"] = chain<min_r, min_i>;
  kernels["Max"] = chain<max_r, max_i>;
  kernels["Neg"] = unary<negate>;
  kernels["Abs"] = unary<absolute>;
  kernels["Sqrt"] = unary<root>;
  kernels["Floor"] = unary<floor_of>;
  kernels["Ceil"] = unary<ceil_of>;
  kernels["Not"] = unary<not_of>;
  kernels["Relu"] = unary<relu>;
  kernels["Reciprocal"] = unary<reciprocal>;
  kernels["Exp"] = unary<exponential>;
  kernels["Cast"] = cast;
  kernels["Where"] = where;
  kernels["ReduceSum"] = reduce<add_r, add_i>;
  kernels["ReduceProd"] = reduce<mul_r, mul_i>;
  kernels["ReduceMax"] = reduce<max_r, max_i>;
  kernels["ReduceMin"] = reduce<min_r, min_i>;
}

}  // namespace systole::graph
