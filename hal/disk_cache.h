// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What is worth keeping from one process to the next: a file a key, which holds the key whole, its bytes and a
// checksum. A file that is damaged, of another version or of another key with the same name counts as none, and the
// next store replaces it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace systole {

// The environment's `variable`, else $XDG_CACHE_HOME/systole/`folder`, else ~/.cache/systole/`folder`; "" where none is
// known.
std::string cache_directory(const char* variable, const std::string& folder);

// Any number of processes and threads may use one directory: files appear whole, by renaming.
class DiskCache {
 public:
  explicit DiskCache(std::string directory) : directory_(std::move(directory)) {}  // "": keeps nothing

  std::optional<std::vector<std::byte>> load(const std::string& key) const;
  // False where it can't be written: a cache that isn't there is no failure of who would use it.
  bool store(const std::string& key, std::span<const std::byte> bytes) const;
  std::string path_of(const std::string& key) const;

 private:
  std::string directory_;
};

}  // namespace systole
