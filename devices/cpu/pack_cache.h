// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Packed forms of frozen buffers, shared by every list of a device that uses a buffer in the same operand position.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hal/tensor.h"

namespace systole::cpu {

// 64-byte aligned, not initialised.
class Packed {
 public:
  explicit Packed(size_t bytes);
  ~Packed();
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
  std::byte* data_;
};

// Thread-safe. A form lives as long as a kernel that uses it.
class PackCache : public std::enable_shared_from_this<PackCache> {
 public:
  // `account(bytes, milliseconds)` is called when a form is made, and with negative bytes and 0 ms when it is freed.
  explicit PackCache(std::function<void(int64_t, double)> account) : account_(std::move(account)) {}

  // The form that `make` builds from the frozen view. `form` names everything about it but the content.
  std::shared_ptr<const Packed> get(const TensorView& view, const std::string& form,
                                    const std::function<std::unique_ptr<Packed>()>& make);

  // `account` is not called any more: forms may outlive their device with an executable.
  void stop_accounting();

 private:
  void account(int64_t bytes, double milliseconds);

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const Packed>> forms_;
  std::mutex account_mutex_;
  std::function<void(int64_t, double)> account_;
};

// A view whose content never changes.
bool is_frozen(const TensorView& view);

}  // namespace systole::cpu
