// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where GPUs' compiled programs are kept on disk.
#pragma once

#include "hal/disk_cache.h"

namespace systole::gpu {

using systole::DiskCache;

// $SYSTOLE_GPU_CACHE, else as cache_directory() says.
inline std::string default_cache_directory() { return cache_directory("SYSTOLE_GPU_CACHE", "gpu"); }

}  // namespace systole::gpu
