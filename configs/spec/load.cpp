// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/load.h"

#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

Status wrong(const std::string& message) { return Status(Code::kInvalidArgument, message); }

}  // namespace

Result<NpuSpec> parse_npu_spec(const std::string& text, const std::string& file) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, parse_yaml(text, file));
  return resolve_npu_spec(document);
}

Result<NpuSpec> resolve_npu_spec(const YamlDocument& document) {
  NpuSpec spec;
  spec.file = document.file;
  SYSTOLE_RETURN_IF_ERROR(fill(npu_keys(), &spec, document));
  for (const Complaint& complaint : inconsistencies(spec)) return status_of(complaint, document);
  return spec;
}

Status apply_override(NpuSpec& spec, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) return wrong("'" + assignment + "': expected key=value");
  const std::string path = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const KeyInfo* key = find_key(npu_keys(), path);
  if (!key) return wrong(path + ": " + unknown_key(npu_keys(), path));
  NpuSpec changed = spec;
  const Status status = assign_text(*key, &changed, text);
  if (!status.ok()) return wrong(path + ": " + status.message());
  for (const Complaint& complaint : inconsistencies(changed)) {
    return Status(complaint.code, "'" + assignment + "': " + complaint.key + ": " + complaint.message);
  }
  spec = std::move(changed);
  return {};
}

}  // namespace systole::spec
