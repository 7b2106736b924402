// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "configs/contract/generated/npu_contract.h"
#include "tools/contract/contract.h"

namespace systole::contract_gen {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(SYSTOLE_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr const char* kSmall = R"(name: npu
version: 1
descriptor_words: 4
enums:
  opcode: {nop: 0, go: 1}
  engine: {control: 0}
  kind: {a: 0, b: 3}
registers:
  - {name: id, offset: 0x0, access: ro, doc: ""}
  - {name: ctrl, offset: 0x4, access: rw, reset: 0, doc: "", fields: [{name: on, lsb: 0, bits: 1}, {name: off, lsb: 1, bits: 1}]}
header:
  - {name: opcode, word: 0, lsb: 0, bits: 8}
commands:
  nop: {engine: control, doc: "", fields: []}
  go: {engine: control, doc: "", fields: [{name: x, word: 1, lsb: 0, bits: 16}, {name: y, word: 2, lsb: 0, bits: 64}, {name: k, word: 1, lsb: 16, bits: 2, enum: kind}]}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Generator, CheckedInOutputsAreWhatTheSourceGivesNow) {
  const auto contract = read_contract(file_text(kSource), kSource);
  ASSERT_TRUE(contract.ok()) << contract.status().message();
  for (const Output& output : write_all(contract.value())) {
    EXPECT_TRUE(file_text(output.path) == output.text) << output.path << " is stale; regenerate: " << kRegenerate;
  }
  EXPECT_EQ(contract->hash, contract::kHash);
}

TEST(Generator, HashIgnoresCommentsAndOrderAndSeesValues) {
  const auto hash = [](const std::string& text) {
    const auto contract = read_contract(text, "t.yaml");
    EXPECT_TRUE(contract.ok()) << contract.status().message();
    return contract.ok() ? contract->hash : 0;
  };
  const uint64_t base = hash(kSmall);
  EXPECT_EQ(hash("# a comment\n" + std::string(kSmall)), base);
  EXPECT_EQ(hash(replaced(kSmall, "{a: 0, b: 3}", "{b: 3, a: 0}")), base);
  EXPECT_EQ(hash(replaced(kSmall, "access: ro, doc: \"\"", "access: ro, doc: \"new words\"")), base);
  EXPECT_NE(hash(replaced(kSmall, "b: 3", "b: 2")), base);
  EXPECT_NE(hash(replaced(kSmall, "lsb: 0, bits: 16", "lsb: 0, bits: 15")), base);
  EXPECT_NE(hash(replaced(kSmall, "access: rw", "access: w1c")), base);
}

struct Bad {
  const char* from;
  const char* to;
  const char* message;
};

TEST(Generator, BadContractsAreRefusedWithTheirLine) {
  const Bad cases[] = {
      {"version: 1", "version: 1\nverson: 2", "t.yaml:3: contract: unknown key 'verson'"},
      {"version: 1", "version: 1\nversion: 1", "t.yaml:3: contract: duplicate key 'version'"},
      {"version: 1\n", "", "missing key 'version'"},
      {"version: 1", "version: 010", "t.yaml:2: version: expected a whole number, decimal or 0x, got '010'"},
      {"descriptor_words: 4", "descriptor_words: 33", "t.yaml:3: descriptor_words: expected 1 to 32, got 33"},
      {"b: 3", "b: 0", "t.yaml:7: kind: b and a have the same value 0"},
      {"b: 3", "b: 4", "too narrow for kind.b"},
      {"b: 3", "a: 3", "t.yaml:7: kind: duplicate key 'a'"},
      {"offset: 0x4", "offset: 0x0", "t.yaml:10: ctrl and id have the same offset 0x000"},
      {"offset: 0x4", "offset: 0x6", "t.yaml:10: ctrl: offset is not a multiple of 4"},
      {"name: ctrl", "name: id", "t.yaml:10: duplicate register 'id'"},
      {"access: rw", "access: wr", "expected access ro, rw, w1c or wo, got 'wr'"},
      {"reset: 0, ", "", "needs a reset value"},
      {"name: off, lsb: 1", "name: off, lsb: 0", "t.yaml:10: ctrl.off: overlaps on"},
      {"name: off, lsb: 1", "name: on, lsb: 1", "ctrl: duplicate field 'on'"},
      {"word: 1, lsb: 0, bits: 16", "word: 1, lsb: 0, bits: 17", "t.yaml:15: go.k: overlaps x"},
      {"word: 1, lsb: 0, bits: 16", "word: 0, lsb: 4, bits: 16", "t.yaml:15: go.x: overlaps opcode"},
      {"word: 2", "word: 3", "t.yaml:15: go.y: beyond the 4 words of a descriptor"},
      {"lsb: 0, bits: 64", "lsb: 0, bits: 40", "a field over 32 bits has 64"},
      {"lsb: 16, bits: 2", "lsb: 31, bits: 2", "go.k: beyond bit 31"},
      {"name: y", "name: x", "go: duplicate field 'x'"},
      {"name: y", "name: opcode", "go: duplicate field 'opcode'"},
      {"enum: kind", "enum: kinds", "unknown enum 'kinds'"},
      {"name: y,", "name: y, sign: true,", "t.yaml:15: go: unknown key 'sign'"},
      {"  go: {engine: control", "  go: {engine: turbo", "go: unknown engine 'turbo'"},
      {"  go: {", "  gone: {", "gone: no opcode of this name"},
      {"nop: 0, go: 1", "nop: 0, go: 1, halt: 2", "opcode halt has no command"},
      {"enums:", "enums: [", "t.yaml:"},
  };
  for (const Bad& bad : cases) {
    const auto contract = read_contract(replaced(kSmall, bad.from, bad.to), "t.yaml");
    ASSERT_FALSE(contract.ok()) << bad.to;
    EXPECT_NE(contract.status().message().find(bad.message), std::string::npos)
        << "wanted: " << bad.message << "\ngot: " << contract.status().message();
  }
}

}  // namespace
}  // namespace systole::contract_gen
