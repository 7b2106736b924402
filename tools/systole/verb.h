// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A verb of the command line, and its strict option parsing.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace systole::cli {

namespace po = boost::program_options;
using Arguments = std::vector<std::string>;

struct Verb {
  std::string name;
  std::string summary;  // one line of `systole --help`
  int (*run)(const Arguments& arguments);
};
const std::vector<Verb>& verbs();

// One verb's options. parse() says whether to go on; where not, `exit_code` is the verb's result (help was printed, or
// the error was).
class Options {
 public:
  // `usage` follows "systole "; `text` is what --help says below it, with examples.
  Options(std::string verb, std::string usage, std::string text);

  po::options_description_easy_init add() { return visible_.add_options(); }
  // A positional argument; a required one that is missing is a usage error.
  void positional(const char* name, bool required);
  // All that is left, any number.
  void remaining(const char* name);
  bool parse(const Arguments& arguments);

  bool has(const char* name) const { return values_.count(name) != 0; }
  bool given(const char* name) const { return has(name) && !values_[name].defaulted(); }  // by the caller
  std::string text(const char* name) const { return has(name) ? values_[name].as<std::string>() : ""; }
  std::vector<std::string> list(const char* name) const;
  const po::variable_value& operator[](const char* name) const { return values_[name]; }
  bool json() const { return has("json"); }
  int exit_code = 0;

 private:
  bool reject(const std::string& message);

  std::string verb_, usage_, text_;
  po::options_description visible_{"Options"};
  po::options_description hidden_;
  po::positional_options_description positions_;
  std::vector<std::string> required_;
  po::variables_map values_;
};

int run_devices(const Arguments& arguments);
int run_npu(const Arguments& arguments);
int run_bench(const Arguments& arguments);
int run_compile(const Arguments& arguments);
int run_dram(const Arguments& arguments);
int run_links(const Arguments& arguments);
int run_scaling(const Arguments& arguments);
int run_serve(const Arguments& arguments);
int run_diff(const Arguments& arguments);
int run_check(const Arguments& arguments);
int run_diff_rtl(const Arguments& arguments);
int run_completion(const Arguments& arguments);
int run_peaks(const Arguments& arguments);
int run_man(const Arguments& arguments);
int run_llm(const Arguments& arguments);
int run_inspect(const Arguments& arguments);
int run_run(const Arguments& arguments);
int run_validate(const Arguments& arguments);
int run_models(const Arguments& arguments);

}  // namespace systole::cli
