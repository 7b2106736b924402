// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// In place of the rest of this folder where OpenCL's headers were missing when this was built.
#include "devices/gpu/opencl/opencl.h"

namespace systole::gpu {
namespace {

Status absent() {
  return {Code::kUnavailable, "this build has no OpenCL: install opencl-c-headers, then configure and build again"};
}

}  // namespace

Result<std::vector<Facts>> opencl_devices() { return absent(); }
Result<std::shared_ptr<Provider>> make_opencl_provider(int) { return absent(); }

}  // namespace systole::gpu
