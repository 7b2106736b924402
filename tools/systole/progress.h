// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The terminal: its width, and a line on it while something takes long; silent where standard error is no terminal, or
// a dumb one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

namespace systole::cli {

// Columns of the terminal that standard output is; 0 where it is none.
size_t terminal_columns();

// From now on says so on the terminal when a GPU's kernels have to be compiled first, and which.
void show_kernel_compilation();

// A line of its own on the terminal.
void tell_on_terminal(const std::string& text);

class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();  // wipes the line, as end() does
  void end();
  double seconds() const;
  void tell(std::string what);  // from now on; any thread

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;
  std::string what_;
  std::thread thread_;
};

// Ends what is shown, if anything: called before results or an error are printed, which would go on its line.
void end_progress();

}  // namespace systole::cli
