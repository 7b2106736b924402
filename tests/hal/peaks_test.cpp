// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/peaks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace systole {
namespace {

const Peaks kPeaks = {
    {{DType::kF32, 1e11}, {DType::kI8, 4e11}},
    {{"read", 1 << 20, 8e10}, {"read", 1 << 26, 1.0 / 3 * 1e11}, {"stream", 1 << 26, 1.9e10}, {"copy", 1 << 26, 2e10}}};

TEST(Peaks, TheRoofIsTheLongerOfTheTwo) {
  const Roof product = roof_of(kPeaks, DType::kF32, 1'000'000'000, 1 << 20);
  EXPECT_DOUBLE_EQ(product.compute_s, 0.01);
  EXPECT_DOUBLE_EQ(product.memory_s, (1 << 20) / 8e10);
  EXPECT_DOUBLE_EQ(product.seconds(), 0.01);
  EXPECT_STREQ(product.bound(), "compute");
  const Roof move = roof_of(kPeaks, DType::kF32, 0, 1 << 21);
  EXPECT_DOUBLE_EQ(move.seconds(), (1 << 21) / (1.0 / 3 * 1e11)) << "the smallest footprint that holds it";
  EXPECT_STREQ(move.bound(), "memory");
  EXPECT_DOUBLE_EQ(kPeaks.bytes_per_s(int64_t{1} << 40), 1.0 / 3 * 1e11) << "the largest for what is larger";
  EXPECT_STREQ(roof_of({}, DType::kF32, 5, 5).bound(), "");
  EXPECT_DOUBLE_EQ(kPeaks.stream_over_copy(), 0.95);
  EXPECT_EQ(Peaks().stream_over_copy(), 0);
}

TEST(Peaks, TypesWithoutAFigureAreComputedAsAnother) {
  EXPECT_EQ(kPeaks.macs_per_s(DType::kBF16), 1e11);
  EXPECT_EQ(kPeaks.macs_per_s(DType::kU8), 4e11);
  EXPECT_EQ(kPeaks.macs_per_s(DType::kI4), 4e11);
  EXPECT_EQ(Peaks({{{DType::kF32, 7}}, {}}).macs_per_s(DType::kI8), 7);
  for (DType type : {DType::kF64, DType::kI32, DType::kI64, DType::kBool})
    EXPECT_EQ(kPeaks.macs_per_s(type), 0) << dtype_name(type);
}

TEST(Peaks, TextGivesThemBack) {
  const auto back = parse_peaks(peaks_text(kPeaks));
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(*back, kPeaks);
}

TEST(Peaks, AnyOtherTextIsRefusedByItsLine) {
  const auto refused = [](const std::string& text, const std::string& message) {
    const Status status = parse_peaks(text).status();
    EXPECT_EQ(status.code(), Code::kDataLoss) << text;
    EXPECT_NE(status.message().find(message), std::string::npos) << text << ": " << status.message();
  };
  const std::string title = "systole-peaks 1\n";
  refused("", "peaks:1: expected 'systole-peaks 1'");
  refused("systole-peaks 2\n", "peaks:1: expected 'systole-peaks 1'");
  refused(title + "compute f33 1", "peaks:2: expected a type");
  refused(title + "compute f32 1\ncompute f32 2", "peaks:3: expected a type, each once");
  for (const char* rate : {"0", "-1", "nan", "inf", "1e999", "1x", "0x1p3"})
    refused(title + "compute f32 " + rate, "expected a rate above 0");
  refused(title + "memory reed 1 1", "expected a probe, got 'reed'");
  refused(title + "memory read 1.5 1", "expected bytes above 0");
  refused(title + "memory read 8 1\nmemory read 8 1", "peaks:3: expected footprints");
  refused(title + "memory read 8", "expected 'compute TYPE RATE'");
}

// Gives another figure each time.
struct Source : PeakSource {
  std::string key = "a device";
  Status status;
  int measured = 0;
  std::string peaks_key() const override { return key; }
  Result<Peaks> measure_peaks() override {
    if (!status.ok()) return status;
    return Peaks{{{DType::kF32, 1.0 * ++measured}}, {}};
  }
};

TEST(CachedPeaks, AreMeasuredOnceAndAgainWhenAsked) {
  const std::string directory = testing::TempDir() + "systole_peaks_cache";
  std::filesystem::remove_all(directory);
  const DiskCache cache(directory);
  Source source;
  int told = 0;
  const auto figure = [&](bool again = false) {
    auto peaks = cached_peaks(source, cache, again, [&] { ++told; });
    EXPECT_TRUE(peaks.ok()) << peaks.status().to_string();
    return peaks.ok() ? peaks->macs_per_s(DType::kF32) : -1;
  };
  EXPECT_EQ(figure(), 1);
  EXPECT_EQ(figure(), 1) << "kept";
  EXPECT_EQ(told, 1) << "nobody is told of what is kept";
  EXPECT_EQ(figure(true), 2) << "measured again";
  EXPECT_EQ(figure(), 2) << "and replaced";
  source.key = "the device with another driver";
  EXPECT_EQ(figure(), 3);
  source.key = "a device";
  EXPECT_EQ(figure(), 2) << "each has its own";
  const std::string path = cache.path_of("systole-peaks 1\na device");
  ASSERT_TRUE(std::filesystem::exists(path));
  std::ofstream(path, std::ios::binary) << "damaged";
  EXPECT_EQ(figure(), 4) << "a damaged file counts as none";
  EXPECT_EQ(figure(), 4);
  const std::string wrong = "systole-peaks 1\ncompute f32 none\n";
  ASSERT_TRUE(cache.store("systole-peaks 1\na device", std::as_bytes(std::span(wrong))));
  EXPECT_EQ(figure(), 5) << "so does a whole file of figures that are none";
  EXPECT_EQ(told, 5);
}

TEST(CachedPeaks, AFailureIsNotKept) {
  const std::string directory = testing::TempDir() + "systole_peaks_failure";
  std::filesystem::remove_all(directory);
  Source source;
  source.status = Status(Code::kDeviceLost, "gone");
  EXPECT_EQ(cached_peaks(source, DiskCache(directory), false, [] {}).status().code(), Code::kDeviceLost);
  source.status = {};
  EXPECT_TRUE(cached_peaks(source, DiskCache(directory), false, [] {}).ok());
  EXPECT_TRUE(cached_peaks(source, DiskCache(""), false, [] {}).ok()) << "without a cache it is measured every time";
}

}  // namespace
}  // namespace systole
