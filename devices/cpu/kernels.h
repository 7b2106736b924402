// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One kernel maker an op. The call has passed validate() and the device's `supports`.
#pragma once

#include <memory>

#include "devices/cpu/pack_cache.h"
#include "devices/cpu/workers.h"
#include "hal/host_device.h"

namespace systole::cpu {

// What kernels may use; they keep a copy.
struct Context {
  Workers workers;
  bool onednn = true;           // f32 products go to oneDNN
  bool onednn_bf16 = true;      // bf16 products too
  bool onednn_integers = true;  // 8-bit products too: its self-test passed
  std::shared_ptr<PackCache> packs;
};

using Kernel = Result<std::unique_ptr<OpKernel>>;
using Tensors = std::span<const HostTensor>;

Kernel make_kernel(const Matmul& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Conv2d& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Pool& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Unary& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Binary& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Select& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Reduce& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Softmax& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Normalize& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Attention& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Copy& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Fill& op, const OpCall& call, const Context& context);
Kernel make_kernel(const Cast& op, const OpCall& call, const Context& context);

// A kernel that is one function of its operands.
template <typename F>
Kernel as_kernel(F body) {
  class Function final : public OpKernel {
   public:
    explicit Function(F f) : body_(std::move(f)) {}
    Status run(Tensors inputs, Tensors outputs) override {
      body_(inputs, outputs[0]);
      return {};
    }

   private:
    F body_;
  };
  return std::unique_ptr<OpKernel>(std::make_unique<Function>(std::move(body)));
}

}  // namespace systole::cpu
