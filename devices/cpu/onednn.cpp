// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/onednn.h"

#include <cstring>
#include <dnnl.hpp>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "devices/cpu/pack_cache.h"

namespace systole::cpu {
namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

const dnnl::engine& engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::stream& stream() {
  thread_local dnnl::stream instance(engine());
  return instance;
}

Type type_of(DType type) {
  switch (type) {
    case DType::kBF16:
      return Type::bf16;
    case DType::kI8:
      return Type::s8;
    case DType::kU8:
      return Type::u8;
    case DType::kI32:
      return Type::s32;
    default:
      return Type::f32;
  }
}

// Scratch of the calling thread: kernels run on other threads than they were made on, which oneDNN's own scratch
// forbids.
void* scratch(size_t bytes) {
  thread_local std::unique_ptr<Packed> memory;
  if (!memory || memory->bytes() < bytes) memory = std::make_unique<Packed>(bytes);
  return memory->data();
}

dnnl::primitive_attr own_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

dnnl::memory wrap(const Desc& desc, const void* data) { return {desc, engine(), const_cast<void*>(data)}; }

using Arguments = std::unordered_map<int, dnnl::memory>;

void execute(const dnnl::primitive& primitive, const Desc& scratchpad, Arguments arguments) {
  if (scratchpad.get_size() > 0) arguments[DNNL_ARG_SCRATCHPAD] = wrap(scratchpad, scratch(scratchpad.get_size()));
  primitive.execute(stream(), arguments);
  stream().wait();
}

template <typename Primitive>
class PreparedProduct final : public Product {
 public:
  PreparedProduct(const typename Primitive::primitive_desc& desc, Desc plain, bool bias)
      : primitive_(desc),
        scratchpad_(desc.scratchpad_desc()),
        x_(desc.src_desc()),
        weights_(desc.weights_desc()),
        y_(desc.dst_desc()),
        bias_(bias ? desc.bias_desc() : Desc()),
        plain_(std::move(plain)) {
    if (plain_ == weights_) return;
    dnnl::reorder::primitive_desc reorder(engine(), plain_, engine(), weights_, own_scratch());
    reorder_ = dnnl::reorder(reorder);
    reorder_scratchpad_ = reorder.scratchpad_desc();
  }

  size_t packed_bytes() const override { return weights_.get_size(); }

  void pack(const void* weights, void* packed) const override {
    if (plain_ == weights_) {
      std::memcpy(packed, weights, weights_.get_size());
      return;
    }
    execute(reorder_, reorder_scratchpad_,
            {{DNNL_ARG_FROM, wrap(plain_, weights)}, {DNNL_ARG_TO, wrap(weights_, packed)}});
  }

  void run(const void* x, const void* weights, const void* bias, void* y) const override {
    Arguments arguments{
        {DNNL_ARG_SRC, wrap(x_, x)}, {DNNL_ARG_WEIGHTS, wrap(weights_, weights)}, {DNNL_ARG_DST, wrap(y_, y)}};
    if (bias != nullptr) arguments[DNNL_ARG_BIAS] = wrap(bias_, bias);
    execute(primitive_, scratchpad_, std::move(arguments));
  }

 private:
  Primitive primitive_;
  Desc scratchpad_, x_, weights_, y_, bias_, plain_;
  dnnl::reorder reorder_;
  Desc reorder_scratchpad_;
};

// oneDNN says so in the name of the implementation it chose.
bool is_slow(const char* implementation) { return std::string(implementation).rfind("ref", 0) == 0; }

}  // namespace

std::unique_ptr<Product> onednn_conv(const ConvSpec& s) try {
  const int64_t group_c = s.c / s.groups, group_o = s.o / s.groups;
  const Type type = type_of(s.type);
  const Dims shape = s.groups > 1 ? Dims{s.groups, group_o, group_c, s.kh, s.kw} : Dims{s.o, s.c, s.kh, s.kw};
  const Desc x({s.n, s.c, s.h, s.w}, type, Tag::nhwc), y({s.n, s.o, s.oh, s.ow}, type_of(s.out), Tag::nhwc);
  const Desc weights(shape, type, Tag::any), plain(shape, type, s.groups > 1 ? Tag::goihw : Tag::oihw);
  const Desc bias = s.bias ? Desc({s.o}, Type::f32, Tag::a) : Desc();
  const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, x,
                                             weights, bias, y, {s.stride_h, s.stride_w},
                                             {s.dilation_h - 1, s.dilation_w - 1}, {s.pad_top, s.pad_left},
                                             {s.pad_bottom, s.pad_right});
  const dnnl::convolution_forward::primitive_desc chosen(desc, own_scratch(), engine());
  if (is_slow(chosen.impl_info_str())) return nullptr;
  return std::make_unique<PreparedProduct<dnnl::convolution_forward>>(chosen, plain, s.bias);
} catch (const dnnl::error&) {
  return nullptr;
}

std::unique_ptr<Product> onednn_matmul(const MatmulSpec& s) try {
  const Desc a({s.m, s.k}, type_of(s.type), s.transpose_a ? Tag::ba : Tag::ab);
  const Desc plain({s.k, s.n}, type_of(s.weights), s.transpose_b ? Tag::ba : Tag::ab);
  const Desc weights = s.packed ? Desc({s.k, s.n}, type_of(s.weights), Tag::any) : plain;
  const Desc y({s.m, s.n}, type_of(s.out), Tag::ab);
  const Desc bias = s.bias ? Desc({1, s.n}, Type::f32, Tag::ab) : Desc();
  const dnnl::matmul::desc desc = s.bias ? dnnl::matmul::desc(a, weights, bias, y) : dnnl::matmul::desc(a, weights, y);
  const dnnl::matmul::primitive_desc chosen(desc, own_scratch(), engine());
  if (is_slow(chosen.impl_info_str())) return nullptr;
  return std::make_unique<PreparedProduct<dnnl::matmul>>(chosen, plain, s.bias);
} catch (const dnnl::error&) {
  return nullptr;
}

bool onednn_has_bf16() {
  static const bool has = [] {
    MatmulSpec spec{DType::kBF16, DType::kBF16, DType::kF32, 16, 16, 16};
    return dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core_bf16 && onednn_matmul(spec) != nullptr;
  }();
  return has;
}

namespace {

// Full-range operands, and k long enough for sums that an f32 could not hold.
bool exact_product(DType type, int64_t m, int64_t n, int64_t k) {
  MatmulSpec spec{type, DType::kI8, DType::kI32, m, n, k};
  const auto product = onednn_matmul(spec);
  if (!product) return false;
  std::minstd_rand random(static_cast<uint32_t>(m * n + k));
  auto byte = [&](int extreme) {
    const uint32_t drawn = static_cast<uint32_t>(random());
    return static_cast<uint8_t>(drawn % 4 != 0 ? static_cast<uint32_t>(extreme) : drawn / 4 % 256);
  };
  std::vector<uint8_t> x(static_cast<size_t>(m * k)), w(static_cast<size_t>(k * n));
  for (auto& value : x) value = byte(type == DType::kU8 ? 255 : 128);
  for (auto& value : w) value = byte(128);
  Packed packed(product->packed_bytes());
  product->pack(w.data(), packed.data());
  std::vector<int32_t> got(static_cast<size_t>(m * n));
  product->run(x.data(), packed.data(), nullptr, got.data());
  std::vector<int32_t> sums(static_cast<size_t>(n));
  for (int64_t i = 0; i < m; ++i) {
    std::fill(sums.begin(), sums.end(), 0);
    for (int64_t p = 0; p < k; ++p) {
      const uint8_t stored = x[static_cast<size_t>(i * k + p)];
      const int value = type == DType::kU8 ? stored : static_cast<int8_t>(stored);
      const uint8_t* row = w.data() + p * n;
      for (int64_t j = 0; j < n; ++j) sums[static_cast<size_t>(j)] += value * static_cast<int8_t>(row[j]);
    }
    if (!std::equal(sums.begin(), sums.end(), got.begin() + i * n)) return false;
  }
  return true;
}

}  // namespace

bool onednn_integers_exact() {
  static const bool exact = [] {
    for (DType type : {DType::kI8, DType::kU8}) {
      for (int64_t k : {3, 64, 1500}) {
        if (!exact_product(type, 5, 33, k) || !exact_product(type, 64, 64, k)) return false;
      }
    }
    return true;
  }();
  return exact;
}

const char* onednn_description() {
  static const std::string text = [] {
    const dnnl_version_t* version = dnnl_version();
    return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
           std::to_string(version->patch);
  }();
  return text.c_str();
}

}  // namespace systole::cpu
