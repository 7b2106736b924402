// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/tuner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "devices/gpu/compile_note.h"

namespace systole::gpu {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kNames = {"small", "large", "wide"};

struct Hardware : Facts {
  Hardware() { provider = "double", name = "a device", driver = "1"; }
};

// Answers with these times and counts the questions; below zero: it fails.
struct Clock {
  std::vector<double> times;
  int asked = 0;
  Tuner::Timing timing() {
    return [this](size_t i) -> Result<double> {
      ++asked;
      if (times[i] < 0) return Status(Code::kOutOfMemory, "no memory");
      return times[i];
    };
  }
};

DiskCache fresh_cache(const std::string& name) {
  const std::string path = testing::TempDir() + "systole_tuner_" + name;
  fs::remove_all(path);
  return DiskCache(path);
}

size_t choice(Tuner& tuner, Clock& clock, const std::string& what = "matmul", const Facts& facts = Hardware(),
              std::span<const std::string> names = kNames) {
  const auto chosen = tuner.choose(facts, what, names, clock.timing());
  EXPECT_TRUE(chosen.ok()) << chosen.status().to_string();
  return chosen.ok() ? *chosen : 99;
}

TEST(Tuner, TakesTheFastestAndAsksOnce) {
  Tuner tuner{DiskCache("")};
  Clock clock{{3, 1, 2}};
  EXPECT_EQ(choice(tuner, clock), 1u);
  EXPECT_EQ(choice(tuner, clock), 1u);
  EXPECT_EQ(clock.asked, 3);
  clock.times = {1, 2, 3};
  EXPECT_EQ(choice(tuner, clock, "conv2d"), 0u);
  EXPECT_EQ(tuner.counts().timed, 2);
}

TEST(Tuner, OneCandidateIsNotTimed) {
  Tuner tuner{DiskCache("")};
  Clock clock{{1}};
  EXPECT_EQ(choice(tuner, clock, "matmul", Hardware(), std::span(kNames).first(1)), 0u);
  EXPECT_EQ(clock.asked, 0);
}

TEST(Tuner, WhatComesAfterLongOnesIsLeftOut) {
  Tuner tuner{DiskCache("")};
  Clock clock{{0.9 * Tuner::kMostNs, 0.6 * Tuner::kMostNs, 1}};
  EXPECT_EQ(choice(tuner, clock), 1u);
  EXPECT_EQ(clock.asked, 2);
}

TEST(Tuner, WhatFailsIsLeftOut) {
  const DiskCache cache = fresh_cache("failures");
  Tuner tuner(cache);
  Clock clock{{-1, 5, 4}};
  EXPECT_EQ(choice(tuner, clock), 2u);
  Clock none{{-1, -1, -1}};
  EXPECT_EQ(choice(tuner, none, "conv2d"), 0u);
  EXPECT_FALSE(cache.load(Tuner::key_of(Hardware(), "conv2d", kNames)).has_value()) << "no choice was made";
  Clock now{{3, 2, 9}};
  EXPECT_EQ(choice(tuner, now, "conv2d"), 1u) << "asked again";
}

TEST(Tuner, ALostDeviceIsSaid) {
  Tuner tuner{DiskCache("")};
  const auto chosen = tuner.choose(Hardware(), "matmul", kNames,
                                   [](size_t) -> Result<double> { return Status(Code::kDeviceLost, "gone"); });
  EXPECT_EQ(chosen.status().code(), Code::kDeviceLost);
}

TEST(Tuner, ALaterProcessFindsTheChoice) {
  const DiskCache cache = fresh_cache("later");
  Clock clock{{3, 2, 1}};
  Tuner first(cache), second(cache);
  EXPECT_EQ(choice(first, clock), 2u);
  EXPECT_EQ(choice(second, clock), 2u);
  EXPECT_EQ(clock.asked, 3);
  EXPECT_EQ(second.counts().from_disk, 1);
}

TEST(Tuner, OtherHardwareDriversAndCandidatesAreTimedAnew) {
  const DiskCache cache = fresh_cache("other");
  Clock clock{{3, 2, 1}};
  Tuner first(cache);
  choice(first, clock);
  Hardware driver, device, provider;
  driver.driver = "2";
  device.name = "another";
  provider.provider = "opencl";
  for (const Facts& facts : {Facts(driver), Facts(device), Facts(provider)}) {
    Tuner tuner(cache);
    Clock other{{1, 2, 3}};
    EXPECT_EQ(choice(tuner, other, "matmul", facts), 0u);
    EXPECT_EQ(other.asked, 3);
  }
  Tuner tuner(cache);
  Clock other{{1, 2}};
  EXPECT_EQ(choice(tuner, other, "matmul", Hardware(), std::span(kNames).first(2)), 0u);
}

TEST(Tuner, ADamagedChoiceIsMadeAnewAndReplaced) {
  const DiskCache cache = fresh_cache("damage");
  const std::string key = Tuner::key_of(Hardware(), "matmul", kNames);
  Clock clock{{3, 2, 1}};
  Tuner first(cache);
  choice(first, clock);
  const std::string path = cache.path_of(key);
  std::ifstream in(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const bool cut : {false, true}) {
      std::string bad = cut ? whole.substr(0, i) : whole;
      if (!cut) bad[i] = static_cast<char>(bad[i] ^ 0x10);
      std::ofstream(path, std::ios::binary) << bad;
      Tuner tuner(cache);
      Clock again{{3, 1, 2}};
      EXPECT_EQ(choice(tuner, again), 1u) << "byte " << i;
      EXPECT_EQ(again.asked, 3) << "byte " << i;
      Tuner next(cache);
      EXPECT_EQ(choice(next, again), 1u) << "replaced";
      EXPECT_EQ(again.asked, 3);
    }
  }
  const std::string unknown = "of another version";
  ASSERT_TRUE(cache.store(key, std::as_bytes(std::span(unknown))));
  Tuner tuner(cache);
  Clock again{{1, 2, 3}};
  EXPECT_EQ(choice(tuner, again), 0u) << "a name that is no candidate's";
}

TEST(Tuner, TwoWritersDoNotDisturbEachOther) {
  const DiskCache cache = fresh_cache("writers");
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer)
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 50; ++i) {
        Tuner tuner(cache);
        Clock clock{writer == 0 ? std::vector<double>{1, 2, 3} : std::vector<double>{3, 2, 1}};
        const size_t chosen = choice(tuner, clock, "matmul " + std::to_string(i));
        EXPECT_TRUE(chosen == 0 || chosen == 2) << chosen;
      }
    });
  for (std::thread& each : writers) each.join();
  Tuner tuner(cache);
  Clock clock{{9, 9, 9}};
  for (int i = 0; i < 50; ++i) EXPECT_NE(choice(tuner, clock, "matmul " + std::to_string(i)), 1u);
  EXPECT_EQ(clock.asked, 0) << "every choice is whole on the disk";
}

TEST(Tuner, SaysThatItTimes) {
  std::vector<std::string> said;
  set_compile_listener([&](const CompileNote& note) {
    if (note.work == CompileNote::Work::kTuning) said.push_back(note.what + " on " + note.device);
  });
  Tuner tuner{DiskCache("")};
  Clock clock{{1, 2, 3}};
  choice(tuner, clock);
  choice(tuner, clock);
  set_compile_listener(nullptr);
  EXPECT_EQ(said, std::vector<std::string>{"matmul on a device"});
}

}  // namespace
}  // namespace systole::gpu
