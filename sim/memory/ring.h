// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A queue in one array, a power of two long, that grows and never shrinks: what bursts and commands wait in. Plain
// data.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace systole::memory {

template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return slots_[(first_ + i) & mask_]; }  // i-th from the front
  const T& operator[](size_t i) const { return slots_[(first_ + i) & mask_]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void push_back(const T& value) {  // of another ring, or none
    if (size_ == room_) grow();
    slots_[(first_ + size_++) & mask_] = value;
  }
  // A plain struct, made where it stays: a copy of one just made would wait for its stores.
  template <typename... Fields>
  void emplace_back(Fields... fields) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (size_ == room_) grow();
    ::new (&slots_[(first_ + size_++) & mask_]) T{fields...};
  }
  void pop_front() {  // the slot keeps its value until it is taken again
    ++first_;
    --size_;
  }
  void pop_front(size_t n) {
    first_ += n;
    size_ -= n;
  }
  void clear() { first_ = size_ = 0; }

  // Elements have numbers, from 0 since the ring was last cleared: the front's is popped(), the next one's pushed().
  size_t popped() const { return first_; }
  size_t pushed() const { return first_ + size_; }
  T& numbered(size_t n) { return slots_[n & mask_]; }

 private:
  void grow() {
    std::vector<T> wider(slots_.empty() ? 8 : 2 * slots_.size());
    for (size_t n = popped(); n < pushed(); ++n) wider[n & (wider.size() - 1)] = std::move(numbered(n));
    slots_ = std::move(wider);
    room_ = slots_.size();
    mask_ = room_ - 1;
  }
  std::vector<T> slots_;
  size_t first_ = 0, size_ = 0, room_ = 0, mask_ = 0;  // room_: slots; mask_: less one
};

}  // namespace systole::memory
