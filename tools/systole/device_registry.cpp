// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/device_registry.h"

#include "package/devices.h"

namespace systole::cli {

const Registry& devices() { return all_devices(); }

Result<std::shared_ptr<Device>> open_device(const std::string& uri,
                                            const std::vector<std::pair<std::string, std::string>>& options) {
  std::string full = uri;
  for (const auto& [key, value] : options)
    full += (full.find('?') == std::string::npos ? "?" : "&") + key + "=" + value;
  return all_devices().open(full);
}

}  // namespace systole::cli
