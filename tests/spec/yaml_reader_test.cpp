// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/yaml_reader.h"

#include <gtest/gtest.h>

namespace systole::spec {
namespace {

std::string error_of(const std::string& text) {
  const auto document = parse_yaml(text, "f.yaml");
  return document.ok() ? "no error" : document.status().message();
}

TEST(YamlReader, KeepsTextAndPositions) {
  const auto document = parse_yaml("a: 010\nb:\n  c: on\n  d: \"7\"\ne: [x, 'y z']\nf:\n", "f.yaml");
  ASSERT_TRUE(document.ok()) << document.status().message();
  EXPECT_EQ(document->find("a")->text, "010");
  EXPECT_EQ(document->find("b")->kind, YamlValue::Kind::kMap);
  EXPECT_EQ(document->find("b.c")->text, "on");
  EXPECT_FALSE(document->find("b.c")->quoted);
  EXPECT_TRUE(document->find("b.d")->quoted);
  EXPECT_EQ(document->find("e")->items, (std::vector<std::string>{"x", "y z"}));
  EXPECT_EQ(document->find("f")->kind, YamlValue::Kind::kNull);
  EXPECT_EQ(document->find("nothing"), nullptr);
  EXPECT_EQ(document->at(*document->find("b.d"), "expected x, got y"), "f.yaml:4:3: b.d: expected x, got y");
}

TEST(YamlReader, RefusesWithPosition) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: a: expected each key once, got a duplicate");
  EXPECT_EQ(error_of("s:\n  x: 1\n  x: 2\n"), "f.yaml:3:3: s.x: expected each key once, got a duplicate");
  EXPECT_EQ(error_of("- 1\n"), "f.yaml:1:1: (top): expected a map of keys");
  EXPECT_EQ(error_of(""), "f.yaml:1:1: (top): expected a map of keys");
  EXPECT_EQ(error_of("a: [[1]]\n"), "f.yaml:1:5: a: expected a list of plain values, got a nested one");
  EXPECT_EQ(error_of("? [1]\n: 2\n"), "f.yaml:1:3: (top): expected a name as key");
  EXPECT_EQ(error_of("a: [1\n").rfind("f.yaml:2:1: (syntax): ", 0), 0u) << error_of("a: [1\n");
  EXPECT_EQ(error_of("a: *gone\n").rfind("f.yaml:1:", 0), 0u) << error_of("a: *gone\n");
}

TEST(YamlReader, AMissingFileIsNotFound) {
  const auto document = read_yaml_file("/nowhere/x.yaml");
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.status().code(), Code::kNotFound);
  EXPECT_EQ(document.status().message(), "/nowhere/x.yaml: can't be read");
}

}  // namespace
}  // namespace systole::spec
