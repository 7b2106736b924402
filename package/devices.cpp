// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "package/devices.h"

#include <cstdlib>

#include "devices/cpu/cpu_device.h"
#include "devices/gpu/gpu_device.h"
#include "devices/npu/npu_device.h"
#include "devices/null/null_device.h"
#include "devices/ref/ref_device.h"

namespace systole {

const Registry& all_devices() {
  static const Registry registry = [] {
    Registry all;
    for (const DriverInfo& driver : {cpu_driver(), gpu_driver(), npu_driver(), ref_driver(), null_driver()}) {
      if (!all.add(driver).ok()) std::abort();
    }
    return all;
  }();
  return registry;
}

Result<std::shared_ptr<Device>> open_device(const std::string& uri) { return all_devices().open(uri); }

}  // namespace systole
