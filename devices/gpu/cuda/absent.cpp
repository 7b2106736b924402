// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// In place of the rest of this folder where the driver's header was missing when this was built.
#include "devices/gpu/cuda/cuda.h"

namespace systole::gpu {
namespace {

Status absent() {
  return {Code::kUnavailable, "this build has no CUDA: install libffmpeg-nvenc-dev, then configure and build again"};
}

}  // namespace

Result<std::vector<Facts>> cuda_devices() { return absent(); }
Result<std::shared_ptr<Provider>> make_cuda_provider(int) { return absent(); }

}  // namespace systole::gpu
