// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/registry.h"

#include <algorithm>

#include "hal/guard.h"

namespace systole {
namespace {

std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& known) {
  std::string near = nearest_name(wanted, known.data(), known.size());
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

Status bad_uri(const std::string& text, const std::string& why) {
  return {Code::kInvalidArgument,
          "device '" + text + "': " + why + "; expected scheme[:name][?key=value[&key=value]...]"};
}

Status parse_options(const std::string& text, const std::string& query, DeviceUri& uri) {
  for (size_t begin = 0; begin <= query.size();) {
    size_t end = std::min(query.find('&', begin), query.size());
    std::string pair = query.substr(begin, end - begin);
    size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) return bad_uri(text, "option '" + pair + "' is not key=value");
    if (!uri.options.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) {
      return bad_uri(text, "option '" + pair.substr(0, equals) + "' is given twice");
    }
    begin = end + 1;
  }
  return {};
}

}  // namespace

std::string DeviceUri::to_string() const {
  std::string text = scheme;
  if (!name.empty()) text += ":" + name;
  char separator = '?';
  for (const auto& [key, value] : options) {
    text += separator + key + "=" + value;
    separator = '&';
  }
  return text;
}

Result<DeviceUri> parse_device_uri(const std::string& text) {
  DeviceUri uri;
  size_t question = text.find('?');
  std::string head = text.substr(0, question);
  size_t colon = head.find(':');
  uri.scheme = head.substr(0, colon);
  if (uri.scheme.empty()) return bad_uri(text, "the scheme is missing");
  if (colon != std::string::npos) {
    uri.name = head.substr(colon + 1);
    if (uri.name.empty()) return bad_uri(text, "the name after ':' is missing");
  }
  if (question != std::string::npos) SYSTOLE_RETURN_IF_ERROR(parse_options(text, text.substr(question + 1), uri));
  return uri;
}

Status Registry::add(DriverInfo driver) {
  for (const DriverInfo& known : drivers_) {
    if (known.scheme == driver.scheme) {
      return {Code::kInvalidArgument, "driver scheme '" + driver.scheme + "' is registered already"};
    }
  }
  drivers_.push_back(std::move(driver));
  return {};
}

Result<std::shared_ptr<Device>> Registry::open(const std::string& text) const {
  return guarded(text, [&]() -> Result<std::shared_ptr<Device>> {
    SYSTOLE_ASSIGN_OR_RETURN(DeviceUri uri, parse_device_uri(text));
    std::vector<std::string> schemes;
    for (const DriverInfo& driver : drivers_) {
      schemes.push_back(driver.scheme);
      if (driver.scheme != uri.scheme) continue;
      for (const auto& option : uri.options) {
        const auto& known = driver.option_names;
        if (std::find(known.begin(), known.end(), option.first) != known.end()) continue;
        return Status(Code::kInvalidArgument, "device '" + text + "': '" + driver.scheme + "' has no option '" +
                                                  option.first + "'" + did_you_mean(option.first, known) +
                                                  " (options: " + listed(known) + ")");
      }
      if (driver.availability) SYSTOLE_RETURN_IF_ERROR(driver.availability());
      return driver.open(uri);
    }
    return Status(Code::kNotFound, "device '" + text + "': no driver '" + uri.scheme + "'" +
                                       did_you_mean(uri.scheme, schemes) + " (drivers: " + listed(schemes) + ")");
  });
}

}  // namespace systole
