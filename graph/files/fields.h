// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Structs as JSON, both ways from one list of fields: `archive("name", field)`. Reading checks presence, type and
// range, and keeps the first complaint with the path of its key.
#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "hal/status.h"

namespace systole::graph {

using Json = nlohmann::ordered_json;

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// An enum and its last enumerator, in a field list: archive("kind", Enum{op.kind, PoolKind::kAverage}).
template <typename E>
struct Enum {
  E& value;
  E last;
};
template <typename E>
Enum(E&, E) -> Enum<E>;

class FieldWriter {
 public:
  static constexpr bool kReading = false;

  template <typename T>
  void operator()(const char* key, T&& field) {
    json_[key] = value(field);
  }
  const Json& json() const { return json_; }

  template <typename T>
  static Json value(const T& field) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isfinite(field)) return static_cast<double>(field);
      return std::isnan(field) ? "nan" : field > 0 ? "inf" : "-inf";
    } else if constexpr (requires { field.last; }) {
      return static_cast<int>(field.value);
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      return field;
    } else if constexpr (requires { typename T::mapped_type; }) {
      Json object = Json::object();
      for (const auto& [name, each] : field) object[name] = value(each);
      return object;
    } else if constexpr (kIsVector<T>) {
      Json array = Json::array();
      for (const auto& each : field) array.push_back(value(each));
      return array;
    } else {
      FieldWriter inner;
      fields(inner, const_cast<T&>(field));
      return inner.json();
    }
  }

 private:
  Json json_ = Json::object();
};

class FieldReader {
 public:
  static constexpr bool kReading = true;

  FieldReader(const Json& json, std::string path, Status& status)
      : json_(json), path_(std::move(path)), status_(status) {
    if (!json_.is_object()) complain(path_, "expected an object");
  }

  template <typename T>
  void operator()(const char* key, T&& field) {
    if (!status_.ok()) return;
    const auto found = json_.find(key);
    if (found == json_.end()) return complain(path_ + "." + key, "missing");
    read(*found, path_ + "." + key, field);
  }
  void complain(const std::string& path, const std::string& what) {
    if (status_.ok()) status_ = Status(Code::kDataLoss, path + ": " + what);
  }
  Status& status() { return status_; }

 private:
  template <typename T>
  void read(const Json& j, const std::string& path, T&& field) {
    using Plain = std::remove_cvref_t<T>;
    if (!status_.ok()) return;
    if constexpr (std::is_same_v<Plain, bool>) {
      if (!j.is_boolean()) return complain(path, "expected true or false");
      field = j.template get<bool>();
    } else if constexpr (requires { field.last; }) {
      int number = -1;
      read(j, path, number);
      if (number < 0 || number > static_cast<int>(field.last)) return complain(path, "no such kind");
      field.value = static_cast<std::remove_cvref_t<decltype(field.value)>>(number);
    } else if constexpr (std::is_integral_v<Plain>) {
      if (!j.is_number_integer()) return complain(path, "expected a whole number");
      if (j.is_number_unsigned() && j.template get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
        return complain(path, "too large");
      const int64_t number = j.template get<int64_t>();
      if (number < static_cast<int64_t>(std::numeric_limits<Plain>::min()) ||
          (sizeof(Plain) < 8 && number > static_cast<int64_t>(std::numeric_limits<Plain>::max())))
        return complain(path, "out of range");
      field = static_cast<Plain>(number);
    } else if constexpr (std::is_floating_point_v<Plain>) {
      if (j.is_string() && (j == "inf" || j == "-inf" || j == "nan")) {
        field = j == "nan" ? std::numeric_limits<Plain>::quiet_NaN() : std::numeric_limits<Plain>::infinity();
        if (j == "-inf") field = -field;
        return;
      }
      if (!j.is_number()) return complain(path, "expected a number");
      field = static_cast<Plain>(j.template get<double>());
    } else if constexpr (std::is_same_v<Plain, std::string>) {
      if (!j.is_string()) return complain(path, "expected a text");
      field = j.template get<std::string>();
    } else if constexpr (requires { typename Plain::mapped_type; }) {
      if (!j.is_object()) return complain(path, "expected an object");
      for (const auto& [name, each] : j.items()) read(each, path + "." + name, field[name]);
    } else if constexpr (kIsVector<Plain>) {
      if (!j.is_array()) return complain(path, "expected a list");
      field.clear();
      for (const Json& each : j) {
        typename Plain::value_type element{};
        read(each, path + "[" + std::to_string(field.size()) + "]", element);
        if (!status_.ok()) return;
        field.push_back(std::move(element));
      }
    } else {
      FieldReader inner(j, path, status_);
      if (status_.ok()) fields(inner, field);
    }
  }

  const Json& json_;
  std::string path_;
  Status& status_;
};

}  // namespace systole::graph
