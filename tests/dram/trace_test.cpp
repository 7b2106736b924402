// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/trace.h"

#include <gtest/gtest.h>

namespace systole::dram_tests {
namespace {

using memory::dram::Access;
using memory::dram::parse_trace;

TEST(TraceFile, WrongLinesAreNamed) {
  const struct {
    const char *text, *message;
  } cases[] = {{"R 0x10\nX 0x20\n", "2: expected 'R 0xADDRESS' or 'W 0xADDRESS', got 'X 0x20'"},
               {"R 10\n", "1: expected 'R 0xADDRESS' or 'W 0xADDRESS', got 'R 10'"},
               {"R 0x\n", "got 'R 0x'"},
               {"R 0x10 \n", "got 'R 0x10 '"},
               {"r 0x10\n", "got 'r 0x10'"},
               {"W 0x10\r\n", "got 'W 0x10?'"},
               {"W 0x10\n\nR 0x20\n", "2: expected"},
               {"R 0x10000000000000000\n", "got 'R 0x10000000000000000'"},
               {"R 0x-1\n", "got 'R 0x-1'"},
               {"R 0xfg\n", "got 'R 0xfg'"}};
  for (const auto& each : cases) {
    std::vector<Access> trace;
    const std::string wrong = parse_trace(each.text, trace);
    EXPECT_NE(wrong.find(each.message), std::string::npos) << each.text << wrong;
  }
  std::vector<Access> trace;
  EXPECT_LT(parse_trace(std::string(1000, 'R'), trace).size(), 120u);
}

TEST(TraceFile, ReadsWhatIsThere) {
  std::vector<Access> trace;
  EXPECT_EQ(parse_trace("", trace), "");
  EXPECT_TRUE(trace.empty());
  EXPECT_EQ(parse_trace("R 0x10\nW 0xFFffffffffffffff", trace), "");  // the last line feed may be missing
  ASSERT_EQ(trace.size(), 2u);
  EXPECT_EQ(trace[0].address, 16u);
  EXPECT_FALSE(trace[0].write);
  EXPECT_EQ(trace[1].address, UINT64_MAX);
  EXPECT_TRUE(trace[1].write);
}

}  // namespace
}  // namespace systole::dram_tests
