// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/harness/build.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "rtl/harness/config_package.h"
#include "rtl/harness/toolchain.h"

namespace systole::rtl {
namespace {

namespace fs = std::filesystem;

// Packages in the order in which they need each other; modules in any.
constexpr const char* kPackages[] = {"generated/npu_contract_pkg.sv",
                                     "generated/npu_functions_pkg.sv",
                                     "npu_types_pkg.sv",
                                     "npu_float_pkg.sv",
                                     "npu_check_pkg.sv",
                                     "npu_function_pkg.sv",
                                     "npu_vector_pkg.sv",
                                     "npu_array_pkg.sv"};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

uint64_t fnv(const std::string& text, uint64_t hash) {
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3u;
  return hash;
}

std::string quoted(const fs::path& path) {
  std::string text = "'";
  for (char c : path.string()) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// First line of what the command prints; "" where it fails.
std::string first_line(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (!pipe) return "";
  std::array<char, 256> line{};
  const bool got = std::fgets(line.data(), line.size(), pipe) != nullptr;
  while (std::fgetc(pipe) != EOF) {
  }
  return pclose(pipe) == 0 && got ? line.data() : "";
}

fs::path default_cache() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value ? value : "");
  };
  if (const fs::path chosen = variable("SYSTOLE_RTL_CACHE"); !chosen.empty()) return chosen;
  if (const fs::path xdg = variable("XDG_CACHE_HOME"); !xdg.empty()) return xdg / "systole" / "rtl";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache" / "systole" / "rtl";
  return fs::temp_directory_path() / "systole-rtl";
}

// What is Verilated, and the C++ that goes beside it.
struct Design {
  std::string top;
  std::vector<fs::path> files;
  fs::path shim, pins;
};

Design design_of(const BuildRequest& r) {
  const fs::path folder = r.sources;
  Design design{"npu_top", {}, folder / "harness" / "shim.cpp", folder / "harness" / "pins.h"};
  for (const char* package : kPackages) design.files.push_back(folder / package);
  if (!r.array_file.empty()) {
    design.top = r.array_top;
    design.files.push_back(folder / "npu_pe.sv");
    design.files.push_back(r.array_file);
    design.shim = folder / "cosim" / "array_shim.cpp", design.pins = folder / "cosim" / "array_pins.h";
    return design;
  }
  std::vector<fs::path> modules;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".sv" && !name.ends_with("_pkg.sv")) modules.push_back(entry.path());
  }
  std::sort(modules.begin(), modules.end());
  design.files.insert(design.files.end(), modules.begin(), modules.end());
  return design;
}

std::string flags_of(const BuildRequest& r) {
  return std::string("--cc -O3 --unroll-count 4096 --x-assign fast --x-initial fast --noassert --prefix Vrtl") +
         " --output-split 20000" + (r.array_file.empty() ? " -Wall" : " -Wno-fatal -Wno-lint") +
         (r.waves ? " --trace-fst --trace-structs" : "") + (r.coverage ? " --coverage-line --coverage-toggle" : "");
}

struct Job {
  fs::path folder, library;
  std::string script;
};

Job job_of(const BuildRequest& r, const Design& design, const fs::path& folder) {
  const fs::path rtl = fs::absolute(r.sources), out = folder / "obj", config = folder / "npu_config_pkg.sv";
  std::ostringstream s;
  s << "set -e\nverilator " << flags_of(r) << " --top-module " << design.top << " --Mdir " << quoted(out) << " "
    << quoted(rtl / "waivers.vlt") << " " << quoted(config);
  for (const fs::path& file : design.files) s << " " << quoted(fs::absolute(file));
  // What is evaluated each cycle in two parts, what runs once in a third one that is not optimised, what
  // writes waves in one that is a little, with Verilator's own runtime: a compiler run for each of the many files would
  // read the same headers again and again.
  const char* runtime = r.waves ? "verilated verilated_threads verilated_fst_c" : "verilated verilated_threads";
  s << "\ncd " << quoted(out) << "\nroot=$(verilator --getenv VERILATOR_ROOT)\n"
    << "ccache=; command -v ccache >/dev/null && ccache=ccache\n"
    << "n=0; for f in $(ls -S Vrtl*.cpp | grep -v 'Slow\\|Trace'); do n=$((1 - n)); echo \"#include \\\"$f\\\"\" >> "
       "fast$n.cc; done\n"
    << "for f in Vrtl*Slow.cpp; do echo \"#include \\\"$f\\\"\"; done > slow.cc\n"
    << (r.waves ? "for f in $(ls Vrtl*Trace*.cpp | grep -v Slow); do echo \"#include \\\"$f\\\"\"; done > waves.cc\n"
                : "")
    << "compile() { $ccache g++ -fPIC -std=gnu++17 -I. -I\"$root/include\" -I\"$root/include/vltstd\" -I"
    << quoted(fs::absolute(design.pins).parent_path()) << " -DVM_TRACE_FST=" << r.waves << " -DVM_TRACE=" << r.waves
    << " -DVM_COVERAGE=" << r.coverage << " \"$@\"; }\n"
    << "compile -O2 -c fast0.cc & first=$!\n"
    << "compile -O2 -c fast1.cc\ncompile -O0 -c slow.cc\n"
    << (r.waves ? "compile -O1 -c waves.cc\n" : "") << "compile -O2 -c " << quoted(fs::absolute(design.shim))
    << "\nfor f in " << runtime << (r.coverage ? " verilated_cov" : "")
    << "; do compile -O2 -c \"$root/include/$f.cpp\"; done\nwait $first\n"
    << "g++ -shared -o " << quoted(folder / "rtl.so") << " *.o" << (r.waves ? " -lz" : "") << " -pthread\ncd /\nrm -rf "
    << quoted(out) << "\n";
  return {folder, folder / "rtl.so", s.str()};
}

BuildResult failed(BuildStatus status, std::string message) { return {status, "", std::move(message)}; }

}  // namespace

BuildResult can_build(const BuildRequest& request) {
  const bool whole = request.array_file.empty();
  if (std::string why = whole ? check(request.spec) : check_array(request.spec); !why.empty())
    return failed(BuildStatus::kUnsupported, request.spec.name + ": " + why);
  std::error_code ignored;
  if (!fs::exists(fs::path(request.sources) / "npu_top.sv", ignored))
    return failed(BuildStatus::kFailed, "no RTL in " + request.sources + ": expected npu_top.sv");
  if (std::string missing = missing_tools(); !missing.empty()) return failed(BuildStatus::kNoVerilator, missing);
  return {BuildStatus::kOk, "", ""};
}

BuildResult build(const BuildRequest& asked) {
  BuildRequest request = asked;
  if (std::getenv("SYSTOLE_RTL_COVERAGE")) request.coverage = true;
  const bool whole = request.array_file.empty();
  if (BuildResult can = can_build(request); can.status != BuildStatus::kOk) return can;
  const std::string version = first_line("verilator --version");
  if (version.empty()) return failed(BuildStatus::kFailed, "verilator --version fails");
  const Design design = design_of(request);
  const std::string config = config_package(request.spec);
  uint64_t hash = fnv(version + config + flags_of(request) + design.top, 0xcbf29ce484222325u);
  for (const fs::path& file : design.files) hash = fnv(read(file), hash);
  for (const fs::path& file : {fs::path(request.sources) / "waivers.vlt", design.shim, design.pins})
    hash = fnv(read(file), hash);
  std::ostringstream name;
  name << request.spec.name << (whole ? "-" : "-array-") << std::hex << hash;

  const fs::path cache = fs::absolute(request.cache.empty() ? default_cache() : fs::path(request.cache));
  const fs::path place = cache / name.str();
  std::error_code error;
  if (fs::exists(place / "rtl.so", error)) return {BuildStatus::kOk, (place / "rtl.so").string(), ""};

  const fs::path work = cache / (name.str() + "." + std::to_string(getpid()));
  fs::create_directories(work, error);
  if (error) return failed(BuildStatus::kFailed, "can't make " + work.string() + ": " + error.message());
  const Job job = job_of(request, design, work);
  std::ofstream(work / "npu_config_pkg.sv") << config;
  std::ofstream(work / "build.sh") << job.script;
  const std::string command =
      "bash " + quoted(work / "build.sh") + " >" + quoted(work / "build.log") + " 2>&1 </dev/null";
  const int status = std::system(command.c_str());
  if (status != 0) {
    const fs::path log = cache / (name.str() + ".log");
    fs::rename(work / "build.log", log, error);
    fs::remove_all(work, error);
    return failed(BuildStatus::kFailed,
                  "Verilating " + (whole ? request.spec.name : request.array_file + ", module " + design.top) +
                      " failed; see " + log.string());
  }
  fs::rename(work, place, error);  // another process may have been first: its library is the same
  if (error) fs::remove_all(work, error);
  return {BuildStatus::kOk, (place / "rtl.so").string(), ""};
}

}  // namespace systole::rtl
