// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "configs/spec/load.h"
#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

namespace fs = std::filesystem;

fs::path preset_directory() {
  if (const char* chosen = std::getenv("SYSTOLE_CONFIGS"); chosen && *chosen) return fs::path(chosen) / "npu";
  std::error_code ignored;
  const fs::path source = fs::path(SYSTOLE_SOURCE_CONFIGS) / "npu";
  return fs::is_directory(source, ignored) ? source : fs::path(SYSTOLE_INSTALLED_CONFIGS) / "npu";
}

Result<NpuSpec> load_file(const std::string& path) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, read_yaml_file(path));
  return resolve_npu_spec(document);
}

}  // namespace

std::vector<Preset> npu_presets() {
  std::vector<Preset> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(preset_directory(), error)) {
    if (entry.path().extension() != ".yaml") continue;
    Preset preset{entry.path().stem().string(), entry.path().string(), "", false};
    const auto spec = load_file(preset.path);
    preset.valid = spec.ok();
    preset.description = spec.ok() ? spec->description : spec.status().message();
    found.push_back(std::move(preset));
  }
  std::sort(found.begin(), found.end(), [](const Preset& a, const Preset& b) { return a.name < b.name; });
  return found;
}

Result<NpuSpec> load_npu_spec(const std::string& preset_or_path) {
  if (preset_or_path.find('/') != std::string::npos || preset_or_path.ends_with(".yaml"))
    return load_file(preset_or_path);
  const fs::path path = preset_directory() / (preset_or_path + ".yaml");
  std::error_code error;
  if (!preset_or_path.empty() && fs::is_regular_file(path, error)) return load_file(path.string());
  std::vector<std::string> names;
  std::string all;
  for (const Preset& preset : npu_presets()) {
    names.push_back(preset.name);
    all += (all.empty() ? "" : ", ") + preset.name;
  }
  const std::string near = nearest_name(preset_or_path, names.data(), names.size());
  return Status(Code::kNotFound, "no NPU preset '" + preset_or_path + "'" +
                                     (near.empty() ? "" : "; did you mean '" + near + "'?") + " (presets in " +
                                     preset_directory().string() + ": " + (all.empty() ? "none" : all) + ")");
}

}  // namespace systole::spec
