// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/disk_cache.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "hal/fnv1a.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr std::array<char, 16> kMagic = {'s', 'y', 's', 't', 'o', 'l', 'e', '-', 'g', 'p', 'u', '-', '1', 0, 0, 0};
struct Head {
  std::array<char, 16> magic = kMagic;
  uint64_t key_bytes = 0, payload_bytes = 0, sum = 0;  // the sum is of key and payload
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string cache_directory(const char* variable, const std::string& folder) {
  const char* own = std::getenv(variable);
  if (own != nullptr && own[0] != '\0') return own;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/')
    return std::string(cache) + "/systole/" + folder;  // relative ones don't count
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.cache/systole/" + folder : "";
}

std::string DiskCache::path_of(const std::string& key) const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (uint64_t hash = fnv1a(key); name.size() < 16; hash >>= 4) name += kDigits[hash & 15];
  return directory_ + "/" + name + ".bin";
}

std::optional<std::vector<std::byte>> DiskCache::load(const std::string& key) const {
  if (directory_.empty()) return std::nullopt;
  std::ifstream in(path_of(key), std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  Head head;
  if (file.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, file.data(), sizeof head);
  const std::string_view rest = std::string_view(file).substr(sizeof head);
  if (head.magic != kMagic || head.key_bytes != key.size() || rest.size() < key.size() ||
      head.payload_bytes != rest.size() - key.size() || rest.substr(0, key.size()) != key || head.sum != fnv1a(rest))
    return std::nullopt;
  const auto* first = reinterpret_cast<const std::byte*>(rest.data()) + key.size();
  return std::vector<std::byte>(first, first + head.payload_bytes);
}

bool DiskCache::store(const std::string& key, std::span<const std::byte> bytes) const {
  if (directory_.empty()) return false;
  std::error_code error;
  fs::create_directories(directory_, error);
  static std::atomic<uint64_t> next{0};
  const std::string path = path_of(key);
  const std::string temporary = path + "." + std::to_string(getpid()) + "." + std::to_string(next++);
  Head head;
  head.key_bytes = key.size();
  head.payload_bytes = bytes.size();
  head.sum = fnv1a(text_of(bytes), fnv1a(key));
  std::ofstream out(temporary, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&head), sizeof head);
  out << key << text_of(bytes);
  out.close();
  if (out) fs::rename(temporary, path, error);
  if (out && !error) return true;
  fs::remove(temporary, error);
  return false;
}

}  // namespace systole
