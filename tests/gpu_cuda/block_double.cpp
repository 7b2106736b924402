// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#undef _FORTIFY_SOURCE  // whose longjmp() knows of one stack only
#include "tests/gpu_cuda/block_double.h"

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

constexpr size_t kStackBytes = 256 * 1024;
constexpr unsigned kWarp = 32;
using Act = void (*)(void* const* lanes);

// Threads of a block as fibers: contexts where they begin, jumps from then on, which ask nothing of the system.
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
    threads_ = threads;
    warps_.assign((threads + kWarp - 1) / kWarp, {});
    for (unsigned i = 0; i < threads; ++i) start(*fibers_[i]);
    while (round()) {
    }
  }

  static void barrier() { running_->leave(State::kAtBarrier); }

  static void together(Act act, void* mine) {
    Block& block = *running_;
    Warp& warp = block.warps_[block.now_ / kWarp];
    if (warp.count > 0 && warp.act != act) wrong("the lanes of a warp come to different instructions");
    warp.act = act;
    warp.lanes[block.now_ % kWarp] = mine;
    if (++warp.count < kWarp) {
      block.leave(State::kInWarp);
      return;
    }
    act(warp.lanes);
    warp = {};
    const unsigned first = block.now_ / kWarp * kWarp;
    for (unsigned i = first; i < first + kWarp; ++i) block.fibers_[i]->state = State::kReady;
  }

 private:
  enum class State { kReady, kAtBarrier, kInWarp, kEnded };
  struct Fiber {
    ucontext_t context;
    jmp_buf place;
    bool begun = false;
    std::unique_ptr<char[]> stack;
    State state = State::kReady;
  };
  struct Warp {
    Act act = nullptr;
    unsigned count = 0;
    void* lanes[kWarp] = {};
  };

  [[noreturn]] static void wrong(const char* what) {
    std::fprintf(stderr, "CUDA's double: %s\n", what);
    std::abort();
  }

  // Every thread that can, up to where it waits; false at the end of all.
  bool round() {
    bool any = false;
    for (now_ = 0; now_ < threads_; ++now_) {
      if (fibers_[now_]->state != State::kReady) continue;
      any = true;
      const DoubleIndex size = thread_.block_size;
      thread_.thread = {now_ % size.x, now_ / size.x % size.y, now_ / size.x / size.y};
      resume(*fibers_[now_]);
    }
    if (any) return true;
    bool waits = false;
    for (unsigned i = 0; i < threads_; ++i) {
      if (fibers_[i]->state == State::kInWarp) wrong("a lane of a warp waits for one that does not come");
      if (fibers_[i]->state != State::kAtBarrier) continue;
      waits = true;
      fibers_[i]->state = State::kReady;
    }
    return waits;
  }

  void resume(Fiber& fiber) {
    if (_setjmp(main_) != 0) return;
    if (fiber.begun) _longjmp(fiber.place, 1);
    fiber.begun = true;
    setcontext(&fiber.context);
  }

  void leave(State state) {
    Fiber& fiber = *fibers_[now_];
    fiber.state = state;
    if (_setjmp(fiber.place) == 0) _longjmp(main_, 1);
  }

  void start(Fiber& fiber) {
    fiber.state = State::kReady;
    fiber.begun = false;
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackBytes;
    makecontext(&fiber.context, body, 0);
  }

  static void body() {
    running_->kernel_.run(running_->arguments_);
    running_->leave(State::kEnded);
  }

  static inline Block* running_ = nullptr;  // the driver's lock is held
  const DoubleKernel& kernel_;
  void** arguments_;
  DoubleThread& thread_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Warp> warps_;
  jmp_buf main_;
  unsigned threads_ = 0, now_ = 0;
};

}  // namespace

void run_grid(const DoubleKernel& kernel, const DoubleThread& grid, void** arguments, DoubleThread& thread,
              bool has_barrier) {
  thread = grid;
  thread.barrier = Block::barrier;
  thread.together = Block::together;
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
