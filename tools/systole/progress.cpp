// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "devices/gpu/compile_note.h"

namespace systole::cli {
namespace {

Progress* shown = nullptr;  // the one whose line is on the terminal; of the main thread

bool on_a_terminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) && term != nullptr && std::strcmp(term, "dumb") != 0;
}

}  // namespace

size_t terminal_columns() {
  winsize size{};
  return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void show_kernel_compilation() {
  if (!on_a_terminal()) return;
  gpu::set_compile_listener([](const gpu::CompileNote& note) {
    const bool compiling = note.work == gpu::CompileNote::Work::kCompiling;
    if (note.done == 0)
      tell_on_terminal((compiling ? "compiling kernels for " : "choosing kernels by their times for ") + note.device +
                       "; later runs find them " + (compiling ? "compiled" : "chosen"));
    std::fprintf(stderr, "\r\033[K%s %d: %.60s\r", compiling ? "kernel program" : "choice", note.done + 1,
                 note.what.c_str());
    std::fflush(stderr);
  });
}

void tell_on_terminal(const std::string& text) {
  if (on_a_terminal()) std::fprintf(stderr, "\r\033[Ksystole: %s\n", text.c_str());
}

Progress::Progress(std::string what) : what_(std::move(what)) {
  if (shown != nullptr || !on_a_terminal()) return;
  shown = this;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stop_.wait_for(lock, std::chrono::milliseconds(200), [this] { return stopped_; })) {
      std::fprintf(stderr, "\r\033[K%s ... %.1f s", what_.c_str(), seconds());
      std::fflush(stderr);
    }
    std::fprintf(stderr, "\r\033[K");
  });
}

void end_progress() {
  if (shown != nullptr) shown->end();
}

Progress::~Progress() { end(); }

void Progress::end() {
  if (!thread_.joinable()) return;
  shown = nullptr;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Progress::tell(std::string what) {
  std::lock_guard lock(mutex_);
  what_ = std::move(what);
}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace systole::cli
