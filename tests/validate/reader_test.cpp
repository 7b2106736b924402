// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Files of published cases, tables of products, and files of known errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "configs/spec/load.h"
#include "configs/spec/validation.h"
#include "tests/support/replaced.h"

namespace systole::spec {
namespace {

constexpr const char* kGood = R"(title: t
source: s
trust: read
kind: silicon
hardware: tiny-4x4
tolerance_percent: 20
cases:
  one:
    ops: ["matmul 8x8,8x8 bias=1 times=3", "relu 8x8"]
    published: 82.5 us
    note: n
  two:
    hardware: tiny-8x8
    set: [array.rows=4, array.cols=2]
    dtype: i8
    model: lenet5_int8
    batch: 2
    tolerance_percent: 5
    published: 9 fps
)";

std::string with(const std::string& from, const std::string& to) { return tests::replaced(kGood, from, to); }

void refused(const std::string& text, const std::string& message) {
  const auto file = parse_validation(text, "f.yaml");
  ASSERT_FALSE(file.ok()) << text;
  EXPECT_EQ(file.status().code(), Code::kInvalidArgument);
  EXPECT_NE(file.status().message().find(message), std::string::npos) << file.status().message();
}

TEST(Validation, WhatIsWrongIsToldWithItsPlace) {
  refused("cases: {}", "f.yaml:1:1: title: expected this key");
  refused(with("trust: read", "trust: told"), "f.yaml:3:1: trust: expected one of file, read, seen");
  refused(with("kind: silicon", "kind: guess"), "f.yaml:4:1: kind: expected one of silicon, simulator");
  refused(with("    note: n", "    nota: n"), "f.yaml:11:5: nota: expected a known key (nearest: note)");
  refused(with("82.5 us", "82.5 hours"), "f.yaml:10:5: published: expected a number above zero with one of the units");
  refused(with("82.5 us", "0 us"), "f.yaml:10:5: published: expected a number above zero");
  refused(with("82.5 us", "1e300 us"), "f.yaml:10:5: published: expected a number above zero");
  refused(with("times=3", "times=0"), "f.yaml:9:5: ops: expected times=1 to times=1000, got 'times=0'");
  refused(with("\"relu 8x8\"", "relu"), "f.yaml:9:5: ops: expected 'OP SHAPES [attribute=number]', got 'relu'");
  refused(with("    model: lenet5_int8\n", ""), "published: expected either ops or model beside it, got neither");
  refused(with("    model: lenet5_int8\n", "    model: lenet5\n    ops: [\"relu 8\"]\n"), "got both");
  refused(with("tolerance_percent: 20", "tolerance_percent: 0"), "f.yaml:6:1: tolerance_percent: expected 1 to 1000");
  refused(with("  one:\n", "  one: 3\n  three:\n"), "f.yaml:8:3: cases.one: expected a map of keys");
  refused(with("  one:\n", "  o.ne:\n"), "expected a case's name without a dot");
  refused(with("cases:", "cases: 3\ncasos:"), "cases: expected a map of cases");
  refused("title: t\nsource: s\ntrust: read\nkind: silicon\nhardware: x\n", "expected cases or a table");
  refused("title: t\nsource: s\ntrust: read\nkind: silicon\nhardware: x\ntable: a/b.csv\n",
          "f.yaml:6:1: table: expected a file beside this one, got 'a/b.csv'");
}

TEST(Validation, ACaseTakesWhatItsFileSharesAndOverridesIt) {
  const auto file = parse_validation(kGood, "dir/f.yaml");
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(file->name, "f");
  ASSERT_EQ(file->cases.size(), 2u);
  const ValidationCase &one = file->cases[0], &two = file->cases[1];
  EXPECT_EQ(one.hardware, "tiny-4x4");
  EXPECT_EQ(one.dtype, "bf16");
  EXPECT_EQ(one.tolerance_percent, 20);
  EXPECT_EQ(one.published, (Figure{82.5, "us"}));
  ASSERT_EQ(one.ops.size(), 2u);
  EXPECT_EQ(one.ops[0], (OpLine{"matmul", "8x8,8x8", {"bias=1"}, 3}));
  EXPECT_EQ(two.hardware, "tiny-8x8");
  EXPECT_EQ(two.set, (std::vector<std::string>{"array.rows=4", "array.cols=2"}));
  EXPECT_EQ(two.model, "lenet5_int8");
  EXPECT_EQ(two.batch, 2);
  EXPECT_EQ(two.tolerance_percent, 5);
}

TEST(Validation, TheFilesOfTheProjectAreValidAndNameTheirHardware) {
  std::set<std::string> names;
  for (const std::string& path : validation_files()) {
    const auto file = load_validation(path);
    ASSERT_TRUE(file.ok()) << file.status().message();
    names.insert(file->name);
    std::set<std::string> cases;
    for (const ValidationCase& one : file->cases) {
      EXPECT_TRUE(load_npu_spec(one.hardware).ok()) << path << ": " << one.hardware;
      EXPECT_TRUE(cases.insert(one.name + one.hardware).second) << path << ": " << one.name << " twice";
    }
  }
  EXPECT_GE(names.size(), 7u);
}

TEST(GemmTable, WhatIsWrongIsToldWithItsLine) {
  const auto refuses = [](const std::string& text, const std::string& message) {
    const auto table = parse_gemm_table(text, "g.csv");
    ASSERT_FALSE(table.ok()) << text;
    EXPECT_NE(table.status().message().find(message), std::string::npos) << table.status().message();
  };
  refuses("", "g.csv:1: expected 'm,k,n,latency_us' and a row at least, got none");
  refuses("m,n,k,latency_us\n", "g.csv:1: expected the header 'm,k,n,latency_us', got 'm,n,k,latency_us'");
  for (const char* row :
       {"1,2,3", "1,2,3,4,5", "0,2,3,4", "1,2,-3,4", "1,2,x,4", "1,2,3,0", "1,2,3,nan", "1,2,3,4us", "1,2,99999999,4"})
    refuses("m,k,n,latency_us\n1,1,1,1\n" + std::string(row) + "\n",
            "g.csv:3: expected extents m,k,n of at least 1 and a time in us, got '" + std::string(row) + "'");
  EXPECT_EQ(load_gemm_table("/nowhere.csv").status().code(), Code::kNotFound);
}

TEST(GemmTable, ARowIsAProduct) {
  const auto table = parse_gemm_table("m,k,n,latency_us\r\n1,384,1152,2.593\n\n32,8,16,4\n", "g.csv");
  ASSERT_TRUE(table.ok()) << table.status().message();
  ASSERT_EQ(table->size(), 2u);
  EXPECT_EQ((*table)[0].name, "1x384x1152");
  EXPECT_EQ((*table)[0].ops, (std::vector<OpLine>{{"matmul", "1x384,384x1152", {}, 1}}));
  EXPECT_EQ((*table)[0].published, (Figure{2.593, "us"}));
}

TEST(KnownErrors, AreReadStrictly) {
  const std::string entry =
      "src:\n  hw:\n    structure: exact\n    kind: silicon\n    cases: 2\n    mean_percent: \"1.5\"\n"
      "    worst_percent: \"-2.5\"\n    worst_case: \"c\"\n";
  const auto known = parse_known_errors(entry, "p.yaml");
  ASSERT_TRUE(known.ok()) << known.status().message();
  ASSERT_EQ(known->size(), 1u);
  EXPECT_EQ((*known)[0].source, "src");
  EXPECT_EQ((*known)[0].hardware, "hw");
  EXPECT_EQ((*known)[0].worst_percent, -2.5);
  const auto refuses = [](const std::string& text, const std::string& message) {
    const auto errors = parse_known_errors(text, "p.yaml");
    ASSERT_FALSE(errors.ok()) << text;
    EXPECT_NE(errors.status().message().find(message), std::string::npos) << errors.status().message();
  };
  refuses("src: 3\n", "p.yaml:1:1: src: expected a map");
  refuses("src:\n  hw:\n    structure: exact\n", "kind: expected this key");
  refuses(entry + "    more: 1\n", "p.yaml:9:5: more: expected");
  std::string bad = entry;
  refuses(bad.replace(bad.find("1.5"), 3, "x.5"), "p.yaml:6:5: mean_percent: expected a number, got 'x.5'");
}

TEST(KnownErrors, TheFilesOfTheProjectAreOfPresetsAndSourcesThatExist) {
  const auto published = load_known_errors("published"), dram = load_known_errors("dram");
  ASSERT_TRUE(published.ok()) << published.status().message();
  ASSERT_TRUE(dram.ok()) << dram.status().message();
  EXPECT_GE(published->size(), 5u);
  std::set<std::string> sources;
  for (const std::string& path : validation_files()) sources.insert(load_validation(path)->name);
  for (const KnownError& one : *published) {
    EXPECT_TRUE(sources.count(one.source)) << one.source;
    const auto spec = load_npu_spec(one.hardware);
    ASSERT_TRUE(spec.ok()) << spec.status().message();
    EXPECT_EQ(one.structure, spec->structure) << one.hardware;
  }
  for (const KnownError& one : *dram) EXPECT_TRUE(load_dram_device(one.hardware).ok()) << one.hardware;
}

// docs/accuracy.md is the output of `systole validate --markdown`: its summary has the same figures as the file that
// runs read.
TEST(KnownErrors, AreThoseOfTheAccuracyPage) {
  std::ifstream file(SYSTOLE_ACCURACY_PAGE);
  std::stringstream page;
  page << file.rdbuf();
  const auto published = load_known_errors("published");
  ASSERT_TRUE(published.ok()) << published.status().message();
  int compared = 0;
  for (const std::string& path : validation_files()) {
    const auto source = load_validation(path);
    const auto& cases = source->cases;
    if (std::any_of(cases.begin(), cases.end(),
                    [&](const ValidationCase& one) { return !one.set.empty() || one.hardware != cases[0].hardware; }))
      continue;  // the page has them together, the file by preset and without overrides
    for (const KnownError& one : *published) {
      if (one.source != source->name) continue;
      char row[256];
      std::snprintf(row, sizeof row, "| `%s` | %s | %s | %s | %d | %.1f %% | %+.1f %% (%s) |", one.source.c_str(),
                    one.kind.c_str(), one.hardware.c_str(), one.structure.c_str(), static_cast<int>(one.cases),
                    one.mean_percent, one.worst_percent, one.worst_case.c_str());
      EXPECT_NE(page.str().find(row), std::string::npos) << "docs/accuracy.md has no row " << row;
      EXPECT_EQ(one.cases, static_cast<int64_t>(cases.size()));
      ++compared;
    }
  }
  EXPECT_GE(compared, 5);
}

}  // namespace
}  // namespace systole::spec
