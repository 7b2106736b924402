// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where no coverage-guided fuzzer is built in: runs the files of the given folders, then `--runs N` inputs changed at
// random from them, the same ones every time.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;
using Input = std::vector<uint8_t>;

void collect(const fs::path& path, std::vector<fs::path>& files) {
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file() && entry.file_size() <= 65536) files.push_back(entry.path());
  } else if (fs::is_regular_file(path)) {
    files.push_back(path);
  }
}

Input read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void change(Input& input, const Input& other, std::mt19937& random) {
  const auto at = [&](size_t size) { return size ? random() % size : 0; };
  for (uint32_t n = 1 + random() % 6; n > 0; --n) {
    switch (random() % 6) {
      case 0:
        if (!input.empty()) input[at(input.size())] ^= static_cast<uint8_t>(1u << (random() % 8));
        break;
      case 1:
        if (!input.empty()) input[at(input.size())] = static_cast<uint8_t>(random());
        break;
      case 2:  // a 32-bit word of interest
        if (input.size() >= 4) {
          const uint32_t words[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, static_cast<uint32_t>(random())};
          std::memcpy(&input[at(input.size() - 3)], &words[random() % 7], 4);
        }
        break;
      case 3:
        input.resize(at(input.size() + 1));
        break;
      case 4: {  // a piece again
        const size_t from = at(input.size()), count = at(std::min<size_t>(256, input.size() - from) + 1);
        const Input piece(input.begin() + static_cast<long>(from), input.begin() + static_cast<long>(from + count));
        input.insert(input.begin() + static_cast<long>(at(input.size() + 1)), piece.begin(), piece.end());
        break;
      }
      default: {  // a piece of another
        const size_t from = at(other.size()), count = at(std::min<size_t>(256, other.size() - from) + 1);
        input.insert(input.begin() + static_cast<long>(at(input.size() + 1)), other.begin() + static_cast<long>(from),
                     other.begin() + static_cast<long>(from + count));
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  long runs = 0;
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--runs" && i + 1 < argc)
      runs = std::atol(argv[++i]);
    else
      collect(argv[i], files);
  }
  std::sort(files.begin(), files.end());
  std::vector<Input> inputs;
  for (const fs::path& file : files) {
    inputs.push_back(read(file));
    LLVMFuzzerTestOneInput(inputs.back().data(), inputs.back().size());
  }
  if (inputs.empty()) inputs.emplace_back();
  std::mt19937 random(1);
  const char* failing =
      std::getenv("SYSTOLE_FUZZ_LAST");  // where the input at work is kept, to find the one that crashed
  for (long run = 0; run < runs; ++run) {
    Input input = inputs[random() % inputs.size()];
    change(input, inputs[random() % inputs.size()], random);
    if (failing) {
      std::ofstream out(failing, std::ios::binary | std::ios::trunc);
      out.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    }
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu files, %ld changed inputs\n", files.size(), runs);
  return 0;
}
