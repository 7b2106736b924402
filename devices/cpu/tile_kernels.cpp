// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/tile.h"

namespace systole::cpu {

#if defined(__x86_64__)
extern const TileKernels kTileAvx512, kTileAvx2;
#endif

const std::vector<const TileKernels*>& all_tile_kernels() {
  static const std::vector<const TileKernels*> all = [] {
    std::vector<const TileKernels*> found;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) found.push_back(&kTileAvx512);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&kTileAvx2);
#endif
    return found;
  }();
  return all;
}

}  // namespace systole::cpu
