// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The real program, run in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace systole::cli_tests {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string out, err;
};

inline std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A config.json of two layers and 512 positions.
inline std::string llama(int width, int wide, int heads, int kv_heads, int vocabulary) {
  return R"({"model_type": "llama", "num_hidden_layers": 2, "max_position_embeddings": 512, "hidden_size": )" +
         std::to_string(width) + R"(, "intermediate_size": )" + std::to_string(wide) + R"(, "num_attention_heads": )" +
         std::to_string(heads) + R"(, "num_key_value_heads": )" + std::to_string(kv_heads) + R"(, "vocab_size": )" +
         std::to_string(vocabulary) + "}";
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("systole_cli_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Outcome systole(const std::string& arguments) {
    const std::string command =
        "cd '" + folder_.string() + "' && '" SYSTOLE_BINARY "' " + arguments + " >out.txt 2>err.txt </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder_ / "out.txt"), content(folder_ / "err.txt")};
  }
  void fails(const std::string& arguments, int code, const std::vector<std::string>& words) {
    const Outcome outcome = systole(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.err;
    for (const std::string& word : words) {
      EXPECT_NE(outcome.err.find(word), std::string::npos) << arguments << ": no '" << word << "' in: " << outcome.err;
    }
    EXPECT_EQ(outcome.out, "") << arguments << ": results of a failed call";
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  fs::path folder_;
};

}  // namespace systole::cli_tests
