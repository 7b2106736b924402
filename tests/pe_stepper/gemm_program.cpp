// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/pe_stepper/gemm_program.h"

#include <algorithm>
#include <random>

namespace systole::tests {
namespace {

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t align(int64_t value, int64_t to) { return ceil_div(value, to) * to; }

// Every K tile of the vectors starts on a line of its own, so that no vector needs two lines.
int64_t vector_pitch(const GemmCase& gemm, const StepperConfig& config) {
  return ceil_div(gemm.k, config.rows) * align(config.rows, config.line_bytes);
}
int64_t weight_pitch(const StepperConfig& config) { return align(config.cols, config.line_bytes); }

}  // namespace

bool fits(const GemmCase& gemm, const StepperConfig& config) {
  const int64_t bank_bytes = config.scratchpad_bytes / config.banks;
  const int64_t tiles = ceil_div(gemm.k, config.rows) * ceil_div(gemm.n, config.cols);
  return tiles * config.rows * weight_pitch(config) <= bank_bytes &&
         vector_pitch(gemm, config) * gemm.m <= config.scratchpad_bytes - bank_bytes &&
         gemm.m * ceil_div(gemm.n, config.cols) <= config.accumulator_rows;
}

GemmProgram make_gemm(const GemmCase& gemm, const StepperConfig& config) {
  std::mt19937_64 random(gemm.seed);
  std::uniform_int_distribution<int> byte(-128, 127);
  GemmProgram program;
  program.scratchpad.assign(config.scratchpad_bytes, 0);
  program.expected.assign(static_cast<size_t>(config.accumulator_rows) * config.cols, 0);
  std::vector<int8_t> a(static_cast<size_t>(gemm.m) * gemm.k), w(static_cast<size_t>(gemm.k) * gemm.n);
  for (int8_t& value : a) value = static_cast<int8_t>(byte(random));
  for (int8_t& value : w) value = static_cast<int8_t>(byte(random));

  const int64_t bank_bytes = config.scratchpad_bytes / config.banks;
  const int64_t line_rows = align(config.rows, config.line_bytes);
  const int64_t pitch = vector_pitch(gemm, config);
  for (int i = 0; i < gemm.m; ++i) {
    for (int k = 0; k < gemm.k; ++k) {
      program.scratchpad[bank_bytes + i * pitch + k / config.rows * line_rows + k % config.rows] = a[i * gemm.k + k];
    }
  }
  int64_t weights = 0;
  for (int n0 = 0; n0 < gemm.n; n0 += config.cols) {
    const int cols = std::min(config.cols, gemm.n - n0);
    for (int k0 = 0; k0 < gemm.k; k0 += config.rows) {
      const int rows = std::min(config.rows, gemm.k - k0);
      StepCommand preload{
          StepCommand::Kind::kPreload, 0, weights, weight_pitch(config), rows, cols, 0, 0, false, true, {}};
      StepCommand compute{StepCommand::Kind::kCompute,
                          0,
                          bank_bytes + k0 / config.rows * line_rows,
                          pitch,
                          rows,
                          cols,
                          gemm.m,
                          n0 / config.cols * gemm.m,
                          k0 > 0,
                          true,
                          {}};
      for (int r = 0; r < rows; ++r) {
        for (int j = 0; j < cols; ++j) {
          program.scratchpad[weights + r * weight_pitch(config) + j] = w[(k0 + r) * gemm.n + n0 + j];
        }
      }
      weights += config.rows * weight_pitch(config);
      program.commands.push_back(preload);
      program.commands.push_back(compute);
    }
    for (int i = 0; i < gemm.m; ++i) {
      for (int j = 0; j < cols; ++j) {
        uint32_t sum = 0;
        for (int k = 0; k < gemm.k; ++k) sum += static_cast<uint32_t>(a[i * gemm.k + k] * w[k * gemm.n + n0 + j]);
        program.expected[static_cast<size_t>(n0 / config.cols * gemm.m + i) * config.cols + j] =
            static_cast<int32_t>(sum);
      }
    }
  }
  return program;
}

int64_t closed_form(const GemmCase& gemm, const StepperConfig& config) {
  const int64_t depth = config.read_latency + config.rows + config.cols + config.write_latency;
  const int64_t vectors = int64_t{gemm.m} * config.vector_interval;
  int64_t total = 0;
  bool first = true;
  for (int n0 = 0; n0 < gemm.n; n0 += config.cols) {
    for (int k0 = 0; k0 < gemm.k; k0 += config.rows) {
      const int64_t load = ceil_div(std::min(config.rows, gemm.k - k0), config.weight_rows_per_cycle);
      const int64_t hazard = k0 > 0 ? config.rmw_interval : 0;
      total += first ? load : std::max({vectors, load + config.vector_interval, hazard});
      first = false;
    }
  }
  return total + vectors - 1 + depth;
}

}  // namespace systole::tests
