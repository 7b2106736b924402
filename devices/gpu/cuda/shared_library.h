// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Functions of a library that is opened when it is asked for, and then stays open.
#pragma once

#include <dlfcn.h>

namespace systole::gpu::cuda {

class SharedLibrary {
 public:
  explicit SharedLibrary(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)), whole_(handle_ != nullptr) {}
  template <typename Function>
  void load(Function*& function, const char* symbol) {
    function = handle_ != nullptr ? reinterpret_cast<Function*>(dlsym(handle_, symbol)) : nullptr;
    whole_ = whole_ && function != nullptr;
  }
  bool whole() const { return whole_; }  // it is there, and had all that was loaded

 private:
  void* handle_;
  bool whole_;
};

}  // namespace systole::gpu::cuda
