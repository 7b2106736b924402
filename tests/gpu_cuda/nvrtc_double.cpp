// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// NVRTC by the compiler that built the tests: the text is preprocessed as under NVRTC, cuda_like.h put before it, and
// the shared library that comes of it is the machine code. With SYSTOLE_DOUBLE_ALSO=LIBRARY, a real NVRTC, every
// program must compile there too.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

enum { kSuccess = 0, kInvalidOption = 5, kCompilation = 6 };

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// A folder of its own, gone with it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "systole_nvrtc_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string of(const std::string& name) const { return path_ + "/" + name; }
  bool compiles(const std::string& options) const {
    const std::string command = std::string(SYSTOLE_DOUBLE_COMPILER) + " " + options + " 2>> " + of("log");
    return std::system(command.c_str()) == 0;
  }

 private:
  std::string path_;
};

}  // namespace

struct NvrtcProgram {
  std::string text, log, code;
};

namespace {

// Once a text.
bool compiles_here(NvrtcProgram& program) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  std::lock_guard lock(mutex);
  if (const auto found = known.find(program.text); found != known.end()) {
    program.code = found->second;
    return true;
  }
  const Folder folder;
  std::ofstream(folder.of("program.cu")) << program.text;
  const auto failed = [&] {
    program.log = content_of(folder.of("log"));
    return false;
  };
  if (!folder.compiles("-E -P -x c++ -D__CUDACC_RTC__ " + folder.of("program.cu") + " -o " + folder.of("program.ii")))
    return failed();
  const std::string text = content_of(folder.of("program.ii"));
  std::ofstream module(folder.of("module.cpp"));
  module << text;
  if (text.find("__syncthreads") != std::string::npos) module << "\nextern \"C\" { int double_has_barrier = 1; }";
  const std::regex kernel("extern \"C\" __global__ (?:__launch_bounds__\\(.*\\) )?void (\\w+)");
  for (std::sregex_iterator each(text.begin(), text.end(), kernel), end; each != end; ++each)
    module << "\nDOUBLE_EXPORT(" << (*each)[1] << ")";
  module << "\n";
  module.close();
  if (!folder.compiles(SYSTOLE_DOUBLE_FLAGS " -shared " + folder.of("module.cpp") + " -o " + folder.of("module.so")))
    return failed();
  program.code = known[program.text] = content_of(folder.of("module.so"));
  return true;
}

bool compiles_there(NvrtcProgram& program, int count, const char* const* options) {
  const char* name = std::getenv("SYSTOLE_DOUBLE_ALSO");
  if (name == nullptr) return true;
  static void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    program.log = std::string("no ") + name;
    return false;
  }
  const auto call = [&](const char* function, auto... arguments) {
    return reinterpret_cast<int (*)(decltype(arguments)...)>(dlsym(library, function))(arguments...);
  };
  NvrtcProgram* real = nullptr;
  call("nvrtcCreateProgram", &real, program.text.c_str(), "program.cu", 0, nullptr, nullptr);
  const bool compiles = call("nvrtcCompileProgram", real, count, options) == 0;
  size_t bytes = 0;
  call("nvrtcGetProgramLogSize", real, &bytes);
  program.log.resize(bytes);
  call("nvrtcGetProgramLog", real, program.log.data());
  call("nvrtcDestroyProgram", &real);
  return compiles;
}

}  // namespace

extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 4;
  return kSuccess;
}
int nvrtcGetNumSupportedArchs(int* count) {
  *count = 3;
  return kSuccess;
}
int nvrtcGetSupportedArchs(int* archs) {
  for (int arch : {80, 86, 90}) *archs++ = arch;
  return kSuccess;
}
const char* nvrtcGetErrorString(int result) {
  return result == kCompilation ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR";
}
int nvrtcCreateProgram(NvrtcProgram** program, const char* text, const char*, int, const char* const*,
                       const char* const*) {
  *program = new NvrtcProgram{text, "", ""};
  return kSuccess;
}
int nvrtcDestroyProgram(NvrtcProgram** program) {
  delete *program;
  *program = nullptr;
  return kSuccess;
}
int nvrtcCompileProgram(NvrtcProgram* program, int count, const char* const* options) {
  bool has_architecture = false;
  for (int i = 0; i < count; ++i)
    has_architecture =
        has_architecture || std::regex_match(options[i], std::regex("--gpu-architecture=(sm|compute)_\\d+"));
  if (!has_architecture) return kInvalidOption;
  return compiles_there(*program, count, options) && compiles_here(*program) ? kSuccess : kCompilation;
}
int nvrtcGetProgramLogSize(NvrtcProgram* program, size_t* bytes) {
  *bytes = program->log.size() + 1;
  return kSuccess;
}
int nvrtcGetProgramLog(NvrtcProgram* program, char* log) {
  std::memcpy(log, program->log.c_str(), program->log.size() + 1);
  return kSuccess;
}
int nvrtcGetCUBINSize(NvrtcProgram* program, size_t* bytes) {
  *bytes = program->code.size();
  return kSuccess;
}
int nvrtcGetCUBIN(NvrtcProgram* program, char* image) {
  std::memcpy(image, program->code.data(), program->code.size());
  return kSuccess;
}
// "//" and the machine code in hexadecimal.
int nvrtcGetPTXSize(NvrtcProgram* program, size_t* bytes) {
  *bytes = 2 + 2 * program->code.size() + 1;
  return kSuccess;
}
int nvrtcGetPTX(NvrtcProgram* program, char* text) {
  text += std::sprintf(text, "//");
  for (unsigned char each : program->code) text += std::sprintf(text, "%02x", each);
  return kSuccess;
}

}  // extern "C"
