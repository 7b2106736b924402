// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "hal/status.h"
#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

constexpr int kNoGuessing = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

std::string nearest_option(const std::string& wanted, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  return nearest_name(wanted, names.data(), names.size());
}

// Boost takes "-1" for 2^64 - 1, and "nan" and "inf" for numbers: what is wrong with such a value, or "".
std::string wrong_number(const po::option& given, const po::options_description& options) {
  const auto* option = options.find_nothrow(given.string_key, false);
  if (option == nullptr || given.value.empty()) return "";
  const std::string& text = given.value[0];
  const char* expected = nullptr;
  if (dynamic_cast<const po::typed_value<uint64_t>*>(option->semantic().get()) && text.starts_with('-'))
    expected = "0 or more";
  if (dynamic_cast<const po::typed_value<double>*>(option->semantic().get()) &&
      !std::isfinite(std::strtod(text.c_str(), nullptr)))
    expected = "a finite number";
  return expected ? "--" + given.string_key + ": expected " + expected + ", got '" + text + "'" : "";
}

}  // namespace

Options::Options(std::string verb, std::string usage, std::string text)
    : verb_(std::move(verb)), usage_(std::move(usage)), text_(std::move(text)) {
  add()("help,h", "this text")("json", "results as JSON on standard output");
}

void Options::positional(const char* name, bool required) {
  hidden_.add_options()(name, po::value<std::string>());
  positions_.add(name, 1);
  if (required) required_.push_back(name);
}

void Options::remaining(const char* name) {
  hidden_.add_options()(name, po::value<std::vector<std::string>>());
  positions_.add(name, -1);
}

bool Options::reject(const std::string& message) {
  exit_code = usage_error(message, verb_);
  return false;
}

bool Options::parse(const Arguments& arguments) {
  if (arguments == Arguments{"--list-options"}) {  // for completion
    for (const auto& option : visible_.options()) std::cout << "--" << option->long_name() << "\n";
    exit_code = kOk;
    return false;
  }
  po::options_description all;
  all.add(visible_).add(hidden_);
  try {
    const auto parsed = po::command_line_parser(arguments).options(all).positional(positions_).style(kNoGuessing).run();
    po::store(parsed, values_);
    po::notify(values_);
    for (const po::option& given : parsed.options)
      if (const std::string wrong = wrong_number(given, all); !wrong.empty()) return reject(wrong);
  } catch (const po::unknown_option& error) {
    const std::string near = nearest_option(error.get_option_name(), visible_);
    return reject("unknown option '" + error.get_option_name() + "'" +
                  (near.empty() ? "" : "; did you mean '" + near + "'?"));
  } catch (const po::too_many_positional_options_error&) {
    return reject("too many arguments; usage: systole " + usage_);
  } catch (const po::error& error) {
    return reject(error.what());
  }
  if (has("help")) {
    std::cout << "Usage: systole " << usage_ << "\n\n" << text_ << "\n\n" << visible_;
    exit_code = kOk;
    return false;
  }
  for (const std::string& name : required_) {
    if (!has(name.c_str())) return reject("missing " + name + "; usage: systole " + usage_);
  }
  return true;
}

std::vector<std::string> Options::list(const char* name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace systole::cli
