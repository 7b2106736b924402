// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/disk_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace systole {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

std::string fresh_directory(const std::string& name) {
  const std::string path = testing::TempDir() + "systole_disk_cache_" + name;
  fs::remove_all(path);
  return path;
}

Bytes bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(first, first + text.size());
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST(DiskCache, GivesWhatWasStored) {
  const DiskCache cache(fresh_directory("store") + "/two/deep");
  EXPECT_FALSE(cache.load("a").has_value());
  ASSERT_TRUE(cache.store("a", bytes_of("first")));
  ASSERT_TRUE(cache.store("b", bytes_of("")));
  EXPECT_EQ(cache.load("a"), bytes_of("first"));
  EXPECT_EQ(cache.load("b"), bytes_of(""));
  ASSERT_TRUE(cache.store("a", bytes_of("second")));
  EXPECT_EQ(cache.load("a"), bytes_of("second"));
}

TEST(DiskCache, DamageCountsAsNone) {
  const DiskCache cache(fresh_directory("damage"));
  ASSERT_TRUE(cache.store("key", bytes_of("payload")));
  const std::string path = cache.path_of("key"), whole = read_file(path);
  for (size_t length = 0; length < whole.size(); ++length) {
    write_file(path, whole.substr(0, length));
    EXPECT_FALSE(cache.load("key").has_value()) << "cut to " << length << " bytes";
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write_file(path, bad);
    EXPECT_FALSE(cache.load("key").has_value()) << "byte " << i << " differs";
  }
  write_file(path, whole + "x");
  EXPECT_FALSE(cache.load("key").has_value()) << "longer";
  ASSERT_TRUE(cache.store("key", bytes_of("payload")));
  EXPECT_EQ(read_file(path), whole) << "replaced";
}

TEST(DiskCache, AFileOfAnotherKeyCountsAsNone) {
  const DiskCache cache(fresh_directory("other"));
  ASSERT_TRUE(cache.store("a", bytes_of("of a")));
  fs::copy_file(cache.path_of("a"), cache.path_of("b"));
  EXPECT_FALSE(cache.load("b").has_value());
}

TEST(DiskCache, WritersDoNotDisturbEachOther) {
  const DiskCache cache(fresh_directory("writers"));
  const Bytes contents[] = {bytes_of(std::string(100000, 'a')), bytes_of(std::string(70000, 'b'))};
  std::vector<std::thread> writers;
  int torn = 0;
  for (const Bytes& content : contents)
    writers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(cache.store("key", content));
    });
  for (int i = 0; i < 200; ++i) {
    const auto seen = cache.load("key");
    if (seen && *seen != contents[0] && *seen != contents[1]) ++torn;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(torn, 0);
  const auto last = cache.load("key");
  ASSERT_TRUE(last.has_value());
  EXPECT_TRUE(*last == contents[0] || *last == contents[1]);
  size_t files = 0;
  for ([[maybe_unused]] const auto& each : fs::directory_iterator(fs::path(cache.path_of("key")).parent_path()))
    ++files;
  EXPECT_EQ(files, 1u) << "no temporary is left";
}

TEST(DiskCache, WhereNothingCanBeWrittenNothingIsKept) {
  const std::string file = fresh_directory("file");
  write_file(file, "in the way");
  for (const std::string& directory : {file + "/under", std::string()}) {
    const DiskCache cache(directory);
    EXPECT_FALSE(cache.store("key", bytes_of("payload")));
    EXPECT_FALSE(cache.load("key").has_value());
  }
}

}  // namespace
}  // namespace systole
