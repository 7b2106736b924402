// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What tiled products do to their operands before the loops: pack weights, lay out a bias, keep a residual from being
// overwritten.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "devices/cpu/kernels.h"
#include "devices/cpu/stage.h"

namespace systole::cpu {

// Not thread-safe: it owns what it packs.
class TileOperands {
 public:
  // Both data are where their views begin.
  using Pack = std::function<void(const float* weights, float* packed)>;

  // `form` names the packed layout; weights take `floats` in it. Frozen weights are packed here, others at each run.
  static Result<TileOperands> make(const Epilogue& epilogue, const OpCall& call, const Context& context,
                                   const std::string& form, int64_t floats, Pack pack);

  const float* weights(Tensors inputs);
  const float* bias(Tensors inputs);  // null where there is none
  // Null where there is none. `y` itself, or memory that does not overlap it.
  const float* residual(Tensors inputs, const HostTensor& y);

 private:
  Epilogue epilogue_;
  Workers workers_{1};
  Pack pack_;
  std::shared_ptr<const Packed> frozen_;
  std::unique_ptr<Packed> packed_, residual_;
  Stage bias_;
};

inline const float* floats(const std::byte* data) { return reinterpret_cast<const float*>(data); }
inline float* floats(std::byte* data) { return reinterpret_cast<float*>(data); }

// Every tensor of the call but a bias is f32, and this machine and context have tiles.
bool tiles_take(const Epilogue& epilogue, const OpCall& call, const Context& context);

// The kernels by tiles; null where the call's layouts do not suit them.
Kernel tile_conv(const Conv2d& op, const OpCall& call, const Context& context);
Kernel tile_depthwise(const Conv2d& op, const OpCall& call, const Context& context);
Kernel tile_matmul(const Matmul& op, const OpCall& call, const Context& context);
// Of any float type but f64, with tile_kernels(); never null.
Kernel tile_attention(const Attention& op, const OpCall& call, const Context& context);

}  // namespace systole::cpu
