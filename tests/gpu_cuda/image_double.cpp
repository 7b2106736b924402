// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu_cuda/image_double.h"

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::string decoded(const char* digits) {
  std::string bytes;
  for (; digits[0] != '\0' && digits[1] != '\0'; digits += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(digits, 2), nullptr, 16)));
  return bytes;
}

// The section headers are its end.
std::string elf_at(const char* image) {
  Elf64_Ehdr head;
  std::memcpy(&head, image, sizeof head);
  return {image, head.e_shoff + size_t{head.e_shnum} * head.e_shentsize};
}

}  // namespace

void* load_image(const char* image) {
  const bool is_text = std::strncmp(image, "//", 2) == 0;
  if (!is_text && std::memcmp(image, ELFMAG, SELFMAG) != 0) return nullptr;
  const std::string code = is_text ? decoded(image + 2) : elf_at(image);
  // A name of its own: dlopen() takes a library that it has by that name.
  std::string name = "/tmp/systole_cuda_double_XXXXXX";
  const int file = mkstemp(name.data());
  if (file < 0) return nullptr;
  const bool written = write(file, code.data(), code.size()) == static_cast<ssize_t>(code.size());
  void* library = written ? dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  close(file);
  unlink(name.c_str());
  return library;
}
