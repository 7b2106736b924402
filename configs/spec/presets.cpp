// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "configs/spec/dram_keys.h"
#include "configs/spec/energy_keys.h"
#include "configs/spec/folders.h"
#include "configs/spec/link_keys.h"
#include "configs/spec/load.h"
#include "configs/spec/npu_keys.h"
#include "hal/guard.h"

namespace systole::spec {
namespace {

namespace fs = std::filesystem;

fs::path executable() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

// The file that this code was loaded from: the shared library, or the program it is linked into.
fs::path own_file() {
  Dl_info info{};
  if (!dladdr(reinterpret_cast<const void*>(&executable), &info) || !info.dli_fname) return {};
  std::error_code ignored;
  return fs::canonical(info.dli_fname, ignored);
}

// share/systole/configs of the prefix that `file` is installed in (as PREFIX/bin/systole, PREFIX/lib/libsystole.so,
// PREFIX/lib/ARCHITECTURE/libsystole.so); "" where there is none.
fs::path installed_beside(const fs::path& file) {
  std::error_code ignored;
  fs::path prefix = file.parent_path().parent_path();
  for (int level = 0; level < 2 && !prefix.empty(); ++level, prefix = prefix.parent_path()) {
    const fs::path configs = prefix / SYSTOLE_CONFIGS_UNDER_PREFIX;
    if (fs::is_directory(configs / "npu", ignored)) return configs;
  }
  return {};
}

}  // namespace

fs::path configs_directory() {
  if (const char* chosen = std::getenv("SYSTOLE_CONFIGS"); chosen && *chosen) return chosen;
  for (const fs::path& file : {own_file(), executable()}) {
    if (fs::path found = installed_beside(file); !found.empty()) return found;
  }
  std::error_code ignored;
  const fs::path source = SYSTOLE_SOURCE_CONFIGS;
  return fs::is_directory(source / "npu", ignored) ? source : fs::path(SYSTOLE_INSTALLED_CONFIGS);
}

namespace {

fs::path rtl_sources() {
  for (const fs::path& file : {own_file(), executable()}) {
    if (fs::path found = installed_beside(file); !found.empty()) return found.parent_path() / "rtl";
  }
  std::error_code ignored;
  const fs::path source = fs::path(SYSTOLE_SOURCE_CONFIGS).parent_path() / "rtl";
  return fs::is_directory(source, ignored) ? source : fs::path(SYSTOLE_INSTALLED_CONFIGS).parent_path() / "rtl";
}

template <auto resolve>
auto load_file(const std::string& path) -> decltype(resolve(YamlDocument())) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, read_yaml_file(path));
  return resolve(document);
}
constexpr auto load_npu_file = load_file<resolve_npu_spec>;
constexpr auto load_dram_file = load_file<resolve_dram_device>;
constexpr auto load_link_file = load_file<resolve_link_spec>;
constexpr auto load_energy_file = load_file<resolve_energy_table>;

// The files of one folder, each as `load` takes it.
template <class Load>
std::vector<Preset> presets_of(const char* folder, Load load) {
  std::vector<Preset> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(configs_directory() / folder, error)) {
    if (entry.path().extension() != ".yaml") continue;
    Preset preset{entry.path().stem().string(), entry.path().string(), "", false, ""};
    const auto spec = load(preset.path);
    preset.valid = spec.ok();
    preset.description = spec.ok() ? spec->description : spec.status().message();
    if constexpr (requires { spec->structure; })
      if (spec.ok()) preset.structure = spec->structure;
    found.push_back(std::move(preset));
  }
  std::sort(found.begin(), found.end(), [](const Preset& a, const Preset& b) { return a.name < b.name; });
  return found;
}

// `kind` is what people call it.
template <class Load>
auto load_preset(const char* folder, const char* kind, const std::string& preset_or_path, Load load) {
  return guarded(preset_or_path, [&]() -> decltype(load(preset_or_path)) {
    if (preset_or_path.find('/') != std::string::npos || preset_or_path.ends_with(".yaml")) return load(preset_or_path);
    const fs::path directory = configs_directory() / folder, path = directory / (preset_or_path + ".yaml");
    std::error_code error;
    if (!preset_or_path.empty() && fs::is_regular_file(path, error)) return load(path.string());
    std::vector<std::string> names;
    std::string all;
    for (const Preset& preset : presets_of(folder, load)) {
      names.push_back(preset.name);
      all += (all.empty() ? "" : ", ") + preset.name;
    }
    const std::string near = nearest_name(preset_or_path, names.data(), names.size());
    return Status(Code::kNotFound, std::string("no ") + kind + " preset '" + preset_or_path + "'" +
                                       (near.empty() ? "" : "; did you mean '" + near + "'?") + " (presets in " +
                                       directory.string() + ": " + (all.empty() ? "none" : all) + ")");
  });
}

}  // namespace

std::string rtl_directory() { return rtl_sources().string(); }

std::vector<Preset> npu_presets() { return presets_of("npu", load_npu_file); }
std::vector<Preset> dram_presets() { return presets_of("dram", load_dram_file); }
std::vector<Preset> link_presets() { return presets_of("links", load_link_file); }
std::vector<Preset> energy_presets() { return presets_of("energy", load_energy_file); }

Result<NpuSpec> load_npu_spec(const std::string& preset_or_path) {
  return load_preset("npu", "NPU", preset_or_path, load_npu_file);
}
Result<DramDevice> load_dram_device(const std::string& preset_or_path) {
  return load_preset("dram", "DRAM", preset_or_path, load_dram_file);
}
Result<LinkSpec> load_link_spec(const std::string& preset_or_path) {
  return load_preset("links", "link", preset_or_path, load_link_file);
}
Result<EnergyTable> load_energy_table(const std::string& preset_or_path) {
  return load_preset("energy", "energy table", preset_or_path, load_energy_file);
}

}  // namespace systole::spec
