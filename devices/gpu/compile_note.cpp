// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/compile_note.h"

#include <array>
#include <mutex>

namespace systole::gpu {
namespace {

struct Listener {
  std::mutex mutex;
  std::function<void(const CompileNote&)> call;
  std::array<int, 2> done{};  // by Work
};

Listener& listener() {
  static Listener instance;
  return instance;
}

}  // namespace

void set_compile_listener(std::function<void(const CompileNote&)> call) {
  std::lock_guard lock(listener().mutex);
  listener().call = std::move(call);
}

void note_work(CompileNote::Work work, const std::string& what, const std::string& device) {
  Listener& known = listener();
  std::lock_guard lock(known.mutex);
  int& done = known.done[static_cast<size_t>(work)];
  if (known.call) known.call({work, what, device, done});
  ++done;
}

}  // namespace systole::gpu
