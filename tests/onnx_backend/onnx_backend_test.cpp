// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The matrix of ONNX's backend tests on ref, cpu, gpu and npu: checked in, and made anew here.
// test_onnx_backend --matrix FOLDER writes onnx_operators.md and onnx_operators.tsv there.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "devices/cpu/cpu_device.h"
#include "devices/gpu/gpu_device.h"
#include "devices/npu/npu_device.h"
#include "devices/ref/ref_device.h"
#include "hal/registry.h"
#include "tests/onnx_backend/verdict.h"

namespace systole::graph::testing {
namespace {

constexpr std::array kDevices = {"ref", "cpu", "gpu", "npu"};

struct Row {
  std::string op;
  std::array<Verdict, kDevices.size()> verdicts;
};
using Matrix = std::map<std::string, Row>;  // by test

const Registry& registry() {
  static const Registry all = [] {
    Registry made;
    for (const DriverInfo& driver : {ref_driver(), cpu_driver(), gpu_driver(), npu_driver()})
      EXPECT_TRUE(made.add(driver).ok());
    return made;
  }();
  return all;
}

Matrix run_all() {
  const auto ref = registry().open("ref").value(), cpu = registry().open("cpu?threads=1").value(),
             gpu = registry().open("gpu:opencl").value(), npu = registry().open("npu:edge-16x16").value();
  Matrix matrix;
  for (const std::string& folder : backend_test_folders()) {
    const BackendTest test = read_backend_test(folder);
    matrix[folder] = {test.op,
                      {run_backend_test(test, ref, nullptr, ref, true), run_backend_test(test, cpu, nullptr, ref, true),
                       run_backend_test(test, gpu, nullptr, ref, true), run_backend_test(test, npu, cpu, ref, false)}};
  }
  return matrix;
}

std::string details(const Matrix& matrix) {
  std::ostringstream out;
  out << "test\toperator";
  for (const char* device : kDevices) out << '\t' << device << '\t' << device << " detail";
  out << '\n';
  for (const auto& [name, row] : matrix) {
    out << name << '\t' << row.op;
    for (const Verdict& v : row.verdicts) out << '\t' << verdict_name(v.kind) << '\t' << v.detail;
    out << '\n';
  }
  return out.str();
}

std::string summary(const Matrix& matrix) {
  using Counts = std::array<std::array<int, 4>, kDevices.size()>;
  std::map<std::string, Counts> by_op;
  Counts total{};
  for (const auto& [name, row] : matrix) {
    for (size_t d = 0; d < kDevices.size(); ++d) {
      ++by_op[row.op][d][static_cast<size_t>(row.verdicts[d].kind)];
      ++total[d][static_cast<size_t>(row.verdicts[d].kind)];
    }
  }
  std::ostringstream out;
  out << "# ONNX operators: its own backend tests\n\n"
      << "Printed by `test_onnx_backend --matrix docs`: " << matrix.size()
      << " tests of Debian's libonnx-testdata (folders node, simple, pytorch-converted, pytorch-operator), through "
         "graph/ and the HAL.\n"
      << "A cell: passed on the device / passed with a named fallback (a host operator, or the cpu beside the npu) / "
         "unsupported with a\n"
      << "reason / failed. Names and reasons, test by test: [onnx_operators.tsv](onnx_operators.tsv). ref, cpu and gpu "
         "(gpu:opencl on PoCL) are "
         "held against the stored\n"
      << "outputs; the npu (edge-16x16, bf16) node by node against ref within `graph/tolerance.h`.\n\n| operator | ref "
         "| cpu | gpu | npu |\n|---|---|---|---|---|\n";
  const auto cells = [&](const Counts& counts) {
    for (const auto& c : counts) out << ' ' << c[0] << " / " << c[1] << " / " << c[2] << " / " << c[3] << " |";
    out << '\n';
  };
  out << "| **all** |";
  cells(total);
  for (const auto& [op, counts] : by_op) {
    out << "| " << op << " |";
    cells(counts);
  }
  return out.str();
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(OnnxBackend, TheMatrixIsTheOneCheckedIn) {
  if (!std::filesystem::exists(kTestData)) GTEST_SKIP() << "libonnx-testdata is not installed";
  if (const Status gpu = registry().open("gpu:opencl").status(); gpu.code() == Code::kUnavailable)
    GTEST_SKIP() << gpu.message();
  const Matrix matrix = run_all();
  for (const auto& [name, row] : matrix)
    for (size_t d = 0; d < kDevices.size(); ++d)
      EXPECT_NE(row.verdicts[d].kind, Verdict::kFailed)
          << name << " on " << kDevices[d] << ": " << row.verdicts[d].detail;
  std::istringstream want(file_text(std::string(SYSTOLE_SOURCE_DIR) + "/docs/onnx_operators.tsv")),
      got(details(matrix));
  std::map<std::string, std::string> lines;
  for (std::string line; std::getline(want, line);) lines[line.substr(0, line.find('\t'))] = line;
  for (std::string line; std::getline(got, line);)
    EXPECT_EQ(line, lines[line.substr(0, line.find('\t'))]) << "regenerate with test_onnx_backend --matrix docs";
  EXPECT_EQ(file_text(std::string(SYSTOLE_SOURCE_DIR) + "/docs/onnx_operators.md"), summary(matrix));
}

}  // namespace
}  // namespace systole::graph::testing

int main(int argc, char** argv) {
  using namespace systole::graph::testing;
  if (argc == 3 && std::string(argv[1]) == "--matrix") {
    const Matrix matrix = run_all();
    std::ofstream(std::string(argv[2]) + "/onnx_operators.tsv") << details(matrix);
    std::ofstream(std::string(argv[2]) + "/onnx_operators.md") << summary(matrix);
    std::cout << summary(matrix).substr(0, 1200) << '\n';
    return 0;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
