// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Published figures as plain data: what one file of configs/validation says, and what an earlier `systole validate`
// found (configs/accuracy).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hal/status.h"

namespace systole::spec {

// A figure with its unit. Times and rates are of the whole case; `unit` is one of figure_units().
struct Figure {
  double value = 0;
  std::string unit;  // cycles, ns, us, ms, s, fps, TOPS, GB/s, %: of the array's peak
  bool operator==(const Figure&) const = default;
};
const std::vector<std::string>& figure_units();
// "9490 cycles", "25.2 us", "82.6 %". kInvalidArgument reads "expected ..., got ...".
Result<Figure> parse_figure(const std::string& text);

// One op several times: "matmul 512x512,512x512 bias=1 times=3". Each op's first input is what the one before it gave,
// where the shapes agree, and a tensor in device memory where not.
struct OpLine {
  std::string name, shapes;
  std::vector<std::string> attributes;  // "bias=1"
  int64_t times = 1;
  bool operator==(const OpLine&) const = default;
};
Result<OpLine> parse_op_line(const std::string& text);

struct ValidationCase {
  std::string name;
  std::string hardware;          // preset or FILE.yaml
  std::vector<std::string> set;  // overrides of it, "key=value"
  std::vector<OpLine> ops;       // these, or
  std::string model;             // a built-in network or a file
  std::string dtype = "bf16";    // of the ops' tensors
  int64_t batch = 1;             // inferences in the case: of a model, axis 0 of its inputs; of ops, what fps counts
  Figure published;
  double tolerance_percent = 0;  // 0: none
  std::string note;              // why the simulated figure is what it is
};

// One source: a paper's table, a data set.
struct ValidationFile {
  std::string name;   // of its file
  std::string title;  // what was measured
  std::string source;
  std::string trust;  // file: read in a repository's file; read: in the source itself; seen: quoted elsewhere;
                      // computed: from those; recalled: not opened
  std::string kind;   // silicon; simulator; formula; estimate: its maker's
  std::string note;   // what the errors come from
  std::string file;
  std::vector<ValidationCase> cases;
};

Result<ValidationFile> parse_validation(const std::string& text, const std::string& file);
Result<ValidationFile> load_validation(const std::string& path);
// The files of configs/validation, by name.
std::vector<std::string> validation_files();

// A table of products with times on a device: its first line "m,k,n,latency_us". A case per line, with its number as
// name. kInvalidArgument reads "file:line: expected ..., got ...".
Result<std::vector<ValidationCase>> parse_gemm_table(const std::string& text, const std::string& file);
Result<std::vector<ValidationCase>> load_gemm_table(const std::string& path);

// What `systole validate --write` found of one source on one preset without overrides.
struct KnownError {
  std::string source, hardware, structure, kind;
  int64_t cases = 0;
  double mean_percent = 0;   // of the absolute errors
  double worst_percent = 0;  // signed, of the case farthest off
  std::string worst_case;
};
// configs/accuracy/NAME.yaml: "published", by preset; "dram": of DRAM presets beside other simulators. Empty where
// there is no such file yet.
Result<std::vector<KnownError>> load_known_errors(const std::string& name);
Result<std::vector<KnownError>> load_known_errors_file(const std::string& path);
Result<std::vector<KnownError>> parse_known_errors(const std::string& text, const std::string& file);
std::string known_errors_path(const std::string& name);

}  // namespace systole::spec
