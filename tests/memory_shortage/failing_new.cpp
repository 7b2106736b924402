// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/memory_shortage/failing_new.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> counting{false};
std::atomic<uint64_t> count{0}, fails_at{0};

void* take_or_null(std::size_t size, std::size_t alignment) noexcept {
  if (counting.load(std::memory_order_relaxed) && ++count == fails_at.load(std::memory_order_relaxed)) return nullptr;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  return alignment <= alignof(std::max_align_t) ? std::malloc(size ? size : 1)
                                                : std::aligned_alloc(alignment, rounded ? rounded : alignment);
}

void* take(std::size_t size, std::size_t alignment) {
  void* memory = take_or_null(size, alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return take(size, 1); }
void* operator new[](std::size_t size) { return take(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take_or_null(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take_or_null(size, 1); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// protobuf loses what it had taken when it can't take more, SystemC keeps its events; ours is looked at all the same.
extern "C" const char* __lsan_default_suppressions() { return "leak:google::protobuf\nleak:sc_core::\n"; }

namespace systole::testing {

void count_allocations(uint64_t at) {
  count = 0;
  fails_at = at;
  counting = true;
}

uint64_t stop_counting() {
  counting = false;
  return count;
}

}  // namespace systole::testing
