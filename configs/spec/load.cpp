// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/load.h"

#include <algorithm>

#include "configs/spec/dram_keys.h"
#include "configs/spec/energy_keys.h"
#include "configs/spec/link_keys.h"
#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

Status wrong(const std::string& message) { return Status(Code::kInvalidArgument, message); }

// check: what is wrong with the changed spec.
template <class Spec, class Check>
Status override_key(Keys keys, Spec& spec, const std::string& assignment, Check check) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) return wrong("'" + assignment + "': expected key=value");
  const std::string path = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const KeyInfo* key = find_key(keys, path);
  if (!key) return wrong(path + ": " + unknown_key(keys, path));
  Spec changed = spec;
  const Status status = assign_text(*key, &changed, text);
  if (!status.ok()) return wrong(path + ": " + status.message());
  for (const Complaint& complaint : check(changed)) {
    return Status(complaint.code, "'" + assignment + "': " + complaint.key + ": " + complaint.message);
  }
  spec = std::move(changed);
  return {};
}

template <class Spec>
Result<Spec> parsed(Result<Spec> (*resolve)(const YamlDocument&), const std::string& text, const std::string& file) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, parse_yaml(text, file));
  return resolve(document);
}

}  // namespace

Result<NpuSpec> resolve_npu_spec(const YamlDocument& document) {
  return resolve<NpuSpec>(npu_keys(), document, [](NpuSpec& spec) { return settle(spec); });
}

Result<NpuSpec> parse_npu_spec(const std::string& text, const std::string& file) {
  return parsed(resolve_npu_spec, text, file);
}
Result<DramDevice> parse_dram_device(const std::string& text, const std::string& file) {
  return parsed(resolve_dram_device, text, file);
}
Result<LinkSpec> parse_link_spec(const std::string& text, const std::string& file) {
  return parsed(resolve_link_spec, text, file);
}
Result<EnergyTable> parse_energy_table(const std::string& text, const std::string& file) {
  return parsed(resolve_energy_table, text, file);
}

Status apply_override(NpuSpec& spec, const std::string& assignment) {
  return override_key(npu_keys(), spec, assignment, [](NpuSpec& changed) { return settle(changed); });
}

Status apply_overrides(NpuSpec& spec, const std::string& assignments) {
  for (size_t begin = 0; begin <= assignments.size();) {
    const size_t end = std::min(assignments.find(',', begin), assignments.size());
    std::string assignment = assignments.substr(begin, end - begin);
    const size_t colon = assignment.find(':');
    if (colon == std::string::npos) return wrong("expected key:value, got '" + assignment + "'");
    assignment[colon] = '=';
    SYSTOLE_RETURN_IF_ERROR(apply_override(spec, assignment));
    begin = end + 1;
  }
  return {};
}

Status apply_override(DramDevice& device, const std::string& assignment) {
  return override_key(dram_keys(), device, assignment, [](DramDevice& changed) { return settle(changed); });
}

Status apply_override(LinkSpec& spec, const std::string& assignment) {
  return override_key(link_keys(), spec, assignment, [](const LinkSpec& changed) { return settle(changed); });
}

}  // namespace systole::spec
