// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From a URI to a device. Drivers register explicitly: nothing registers itself behind the reader's back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hal/device.h"
#include "hal/status.h"

namespace systole {

// scheme[:name][?key=value[&key=value]...]: "npu:edge-16x16?fidelity=model", "npu:my/chip.yaml", "cpu?threads=1".
struct DeviceUri {
  std::string scheme;
  std::string name;  // "" where absent
  std::map<std::string, std::string> options;
  std::string to_string() const;
};
Result<DeviceUri> parse_device_uri(const std::string& text);

// A value of an option that needs more than its device does.
struct OptionState {
  std::string option;  // "fidelity=rtl"
  Status state;        // Ok, kUnavailable with what to install, or kUnsupported with why this device can't
};

struct DriverInfo {
  std::string scheme;
  std::string description;                // one line for `systole devices`
  std::vector<std::string> option_names;  // anything else in a URI is an error naming the nearest
  // Names that can be opened ("" for a driver with a single device), each with a line of description.
  std::function<std::vector<std::pair<std::string, std::string>>()> enumerate;
  // Ok, or kUnavailable with what to install.
  std::function<Status()> availability;
  // Names that something is missing for here, kUnavailable with what to install. Null: none besides availability().
  std::function<std::vector<std::pair<std::string, Status>>()> missing;
  // Of one that can be opened. Null: every option is there where the device is.
  std::function<std::vector<OptionState>(const std::string& name)> option_states;
  std::function<Result<std::shared_ptr<Device>>(const DeviceUri&)> open;
};

// Not thread-safe while registering; open is thread-safe afterwards.
class Registry {
 public:
  Status add(DriverInfo driver);  // kInvalidArgument when the scheme is taken
  Result<std::shared_ptr<Device>> open(const std::string& uri) const;
  const std::vector<DriverInfo>& drivers() const { return drivers_; }

 private:
  std::vector<DriverInfo> drivers_;
};

}  // namespace systole
