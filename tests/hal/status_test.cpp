// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/status.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

TEST(Status, OkCarriesNothing) {
  Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.to_string(), "ok");
  EXPECT_EQ(status.with_origin("npu").origin(), "");
}

TEST(Status, TextHasCodeMessageAndOrigin) {
  Status status = Status(Code::kOutOfMemory, "2 bytes asked for, 1 available").with_origin("npu queue 0, sequence 3");
  EXPECT_EQ(status.to_string(), "out_of_memory: 2 bytes asked for, 1 available (at npu queue 0, sequence 3)");
}

TEST(Status, FirstOriginIsKept) {
  Status status = Status(Code::kInternal, "x").with_origin("first").with_origin("second");
  EXPECT_EQ(status.origin(), "first");
}

TEST(Status, FaultReportTravelsWithCopies) {
  FaultReport report;
  report.kind = FaultReport::Kind::kDmaFault;
  report.address = 0x1000;
  Status copy = Status(Code::kDeviceFault, "fault").with_fault(report);
  ASSERT_NE(copy.fault(), nullptr);
  EXPECT_EQ(copy.fault()->address, 0x1000u);
  EXPECT_EQ(copy.with_origin("q").fault(), copy.fault());
}

TEST(Status, NearestName) {
  const std::string known[] = {"memory", "threads", "fidelity"};
  EXPECT_EQ(nearest_name("memry", known, 3), "memory");
  EXPECT_EQ(nearest_name("thread", known, 3), "threads");
  EXPECT_EQ(nearest_name("zzzzzz", known, 3), "");
  EXPECT_EQ(nearest_name("x", known, 0), "");
}

Result<int> half(int value) {
  if (value % 2 != 0) return Status(Code::kInvalidArgument, "odd");
  return value / 2;
}
Result<int> quarter(int value) {
  SYSTOLE_ASSIGN_OR_RETURN(int once, half(value));
  SYSTOLE_ASSIGN_OR_RETURN(int twice, half(once));
  return twice;
}

TEST(Result, MacrosPassTheErrorOn) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).status().message(), "odd");
}

TEST(ResultDeathTest, AnOkStatusIsNoResult) { EXPECT_DEATH(Result<int>{Status()}, ""); }

}  // namespace
}  // namespace systole
