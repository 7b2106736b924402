// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu_cuda/block_double.h"

#include <ucontext.h>

#include <memory>
#include <vector>

namespace {

constexpr size_t kStackBytes = 256 * 1024;

// Threads of a block as fibers.
class Block {
 public:
  Block(const DoubleKernel& kernel, void** arguments, DoubleThread& thread)
      : kernel_(kernel), arguments_(arguments), thread_(thread) {}

  void run(unsigned threads) {
    while (fibers_.size() < threads) {
      fibers_.push_back(std::make_unique<Fiber>());
      fibers_.back()->stack.reset(new char[kStackBytes]);
    }
    running_ = this;
    for (unsigned i = 0; i < threads; ++i) start(*fibers_[i]);
    for (bool any = true; any;) {
      any = false;
      for (unsigned i = 0; i < threads; ++i) {
        Fiber& fiber = *fibers_[i];
        if (fiber.ended) continue;
        any = true;
        now_ = &fiber;
        const DoubleIndex size = thread_.block_size;
        thread_.thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
        swapcontext(&main_, &fiber.context);
      }
    }
  }

  static void barrier() { swapcontext(&running_->now_->context, &running_->main_); }

 private:
  struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    bool ended = false;
  };

  void start(Fiber& fiber) {
    fiber.ended = false;
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackBytes;
    fiber.context.uc_link = &main_;
    makecontext(&fiber.context, body, 0);
  }

  static void body() {
    running_->kernel_.run(running_->arguments_);
    running_->now_->ended = true;
  }

  static inline Block* running_ = nullptr;  // the driver's lock is held
  const DoubleKernel& kernel_;
  void** arguments_;
  DoubleThread& thread_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  ucontext_t main_;
  Fiber* now_ = nullptr;
};

}  // namespace

void run_grid(const DoubleKernel& kernel, const DoubleThread& grid, void** arguments, DoubleThread& thread,
              bool has_barrier) {
  thread = grid;
  thread.barrier = Block::barrier;
  Block fibers(kernel, arguments, thread);
  const DoubleIndex size = grid.block_size;
  for (unsigned z = 0; z < grid.grid.z; ++z)
    for (unsigned y = 0; y < grid.grid.y; ++y)
      for (unsigned x = 0; x < grid.grid.x; ++x) {
        thread.block = {x, y, z};
        if (has_barrier) {
          fibers.run(size.x * size.y * size.z);
          continue;
        }
        for (unsigned i = 0; i < size.x * size.y * size.z; ++i) {
          thread.thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
          kernel.run(arguments);
        }
      }
}
