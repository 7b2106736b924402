// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "devices/ref/elements.h"
#include "devices/ref/kernels.h"

namespace systole::ref {
namespace {

// One query: its scores become probabilities.
template <typename T>
void soften(std::vector<T>& scores, int64_t seen) {
  if (seen <= 0) return;
  T largest = scores[0], sum = 0;
  for (int64_t t = 1; t < seen; ++t) largest = std::max(largest, scores[static_cast<size_t>(t)]);
  for (int64_t t = 0; t < seen; ++t) {
    T& p = scores[static_cast<size_t>(t)];
    p = std::exp(p - largest);
    sum += p;
  }
  for (int64_t t = 0; t < seen; ++t) scores[static_cast<size_t>(t)] /= sum;
}

// As numbers: integers times their scale.
template <typename T>
std::vector<T> spread(const HostTensor& tensor, Shape lead, int64_t rows, int64_t columns) {
  lead.push_back(rows);
  lead.push_back(columns);
  const TensorDesc desc = broadcast_to(*tensor.desc, lead);
  if (is_float(desc.dtype)) return gather<T>(tensor.data, desc);
  const std::vector<int32_t> stored = gather<int32_t>(tensor.data, desc);
  std::vector<T> numbers(stored.begin(), stored.end());
  for (T& number : numbers) number *= static_cast<T>(tensor.desc->tensor_scale());
  return numbers;
}

// Keys or values of every query's batch: as they lie, or page by page.
template <typename T>
std::vector<T> all_keys(const Attention& op, const HostTensor& tensor, Shape lead, int64_t keys) {
  const int64_t columns = tensor.desc->shape.back(), block = tensor.desc->shape[tensor.desc->shape.size() - 2];
  if (op.pages.empty()) return spread<T>(tensor, lead, keys, columns);
  const int64_t requests = lead[0], blocks = (keys + block - 1) / block;
  lead[0] = tensor.desc->shape[0];
  const std::vector<T> stored = spread<T>(tensor, lead, block, columns);
  const int64_t heads = element_count(Shape(lead.begin() + 1, lead.end()));
  std::vector<T> all;
  for (int64_t request = 0; request < requests; ++request)
    for (int64_t head = 0; head < heads; ++head)
      for (int64_t t = 0; t < keys; ++t) {
        const int64_t page = op.pages[static_cast<size_t>(request * blocks + t / block)];
        const T* row = stored.data() + ((page * heads + head) * block + t % block) * columns;
        all.insert(all.end(), row, row + columns);
      }
  return all;
}

template <typename T>
void attend(const Attention& op, Tensors inputs, const HostTensor& y) {
  const Shape& q_shape = inputs[0].desc->shape;
  const Shape lead(q_shape.begin(), q_shape.end() - 2);
  const int64_t queries = q_shape[q_shape.size() - 2], depth = q_shape.back(), keys = op.key_count(*inputs[1].desc),
                width = y.desc->shape.back();
  int64_t batches = 1;
  for (int64_t extent : lead) batches *= extent;
  const std::vector<T> q = gather<T>(inputs[0]), k = all_keys<T>(op, inputs[1], lead, keys),
                       v = all_keys<T>(op, inputs[2], lead, keys);
  const std::vector<T> mask = op.mask ? spread<T>(inputs[3], lead, queries, keys) : std::vector<T>();
  std::vector<T> out(static_cast<size_t>(batches * queries * width), T(0)), scores(static_cast<size_t>(keys));
  for (int64_t row = 0; row < batches * queries; ++row) {
    const int64_t batch = row / queries, s = row % queries;
    const int64_t seen = op.causal ? std::clamp<int64_t>(s + keys - queries + 1, 0, keys) : keys;
    for (int64_t t = 0; t < seen; ++t) {
      T sum = 0;
      for (int64_t d = 0; d < depth; ++d)
        sum += q[static_cast<size_t>(row * depth + d)] * k[static_cast<size_t>((batch * keys + t) * depth + d)];
      T& score = scores[static_cast<size_t>(t)];
      score = static_cast<T>(op.scale) * sum;
      if (op.mask) score += mask[static_cast<size_t>(row * keys + t)];
    }
    soften(scores, seen);
    for (int64_t t = 0; t < seen; ++t)
      for (int64_t e = 0; e < width; ++e)
        out[static_cast<size_t>(row * width + e)] +=
            scores[static_cast<size_t>(t)] * v[static_cast<size_t>((batch * keys + t) * width + e)];
  }
  scatter(y, out);
}

}  // namespace

void run(const Attention& op, Tensors inputs, const HostTensor& y) {
  if (inputs[0].desc->dtype == DType::kF64) return attend<double>(op, inputs, y);
  attend<float>(op, inputs, y);
}

}  // namespace systole::ref
