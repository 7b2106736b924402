// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/pack_cache.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "hal/buffer.h"
#include "hal/host_memory.h"

namespace systole::cpu {

namespace {

std::align_val_t alignment_of(size_t bytes) { return std::align_val_t{bytes >= kLargePage ? kLargePage : 64}; }

}  // namespace

Packed::Packed(size_t bytes)
    : bytes_(bytes), data_(static_cast<std::byte*>(::operator new(std::max<size_t>(bytes, 1), alignment_of(bytes)))) {
  prefer_large_pages(data_, bytes);
}
Packed::~Packed() { ::operator delete(data_, alignment_of(bytes_)); }

bool is_frozen(const TensorView& view) { return view.slot < 0 && view.buffer && view.buffer->frozen(); }

void PackCache::account(int64_t bytes, double milliseconds) {
  std::lock_guard lock(account_mutex_);
  if (account_) account_(bytes, milliseconds);
}

void PackCache::stop_accounting() {
  std::lock_guard lock(account_mutex_);
  account_ = nullptr;
}

std::shared_ptr<const Packed> PackCache::get(const TensorView& view, const std::string& form,
                                             const std::function<std::unique_ptr<Packed>()>& make) {
  std::string key = std::to_string(view.buffer->id()) + "+" + std::to_string(view.offset) + " " + form;
  for (int64_t stride : view.desc.strides) key += "," + std::to_string(stride);
  std::lock_guard lock(mutex_);
  if (auto kept = forms_[key].lock()) return kept;
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<Packed> made = make();
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  const auto bytes = static_cast<int64_t>(made->bytes());
  account(bytes, spent.count());
  auto give_back = [self = weak_from_this(), bytes](const Packed* packed) {
    delete packed;
    if (auto cache = self.lock()) cache->account(-bytes, 0);
  };
  std::shared_ptr<const Packed> shared(made.release(), give_back);
  forms_[key] = shared;
  return shared;
}

}  // namespace systole::cpu
