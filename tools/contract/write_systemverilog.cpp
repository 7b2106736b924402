// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "tools/contract/contract.h"

namespace systole::contract_gen {
namespace {

std::string sv_hex(uint64_t value, int bits) {
  return std::to_string(bits) + "'h" + hex(value, (bits + 3) / 4).substr(2);
}

int enum_width(const Contract& c, const Enum& e) {
  uint32_t most = 1;
  for (const EnumValue& v : e.values) most = std::max(most, v.value);
  int bits = 0;
  while (most >> bits) ++bits;
  const auto look = [&](const std::vector<Field>& fields) {
    for (const Field& f : fields) {
      if (f.enum_name == e.name || f.name == e.name) bits = std::max(bits, f.bits);
    }
  };
  look(c.header);
  for (const Command& command : c.commands) look(command.fields);
  return bits;
}

void write_field(std::ostream& out, const std::string& prefix, const Field& f, bool with_word) {
  const std::string name = prefix + upper_camel(f.name);
  if (with_word) out << "  parameter int unsigned " << name << "Word = " << f.word << ";\n";
  out << "  parameter int unsigned " << name << "Lsb = " << f.lsb << ";\n"
      << "  parameter int unsigned " << name << "Width = " << f.bits << ";\n";
}

}  // namespace

std::string write_systemverilog(const Contract& c) {
  std::ostringstream out;
  out << "// SPDX-FileCopyrightText: 2026 The Systole authors\n// SPDX-License-Identifier: Apache-2.0\n"
      << "// GENERATED from " << kSource << " - do not edit. Regenerate: " << kRegenerate << "\n"
      << "// Contract hash: " << hex(c.hash, 16) << "\n"
      << "// Registers: offset in bytes, lsb and width of fields. Commands: word, lsb and width; 64-bit fields take "
         "two words.\n"
      << "// verilator lint_off UNUSEDPARAM\n"
      << "package npu_contract_pkg;\n\n"
      << "  parameter logic [63:0] ContractHash = " << sv_hex(c.hash, 64) << ";\n"
      << "  parameter logic [31:0] ContractVersion = " << sv_hex(c.version, 32) << ";\n"
      << "  parameter int unsigned DescriptorWords = " << c.descriptor_words << ";\n\n";
  for (const Enum& e : c.enums) {
    const int width = enum_width(c, e);
    out << "  typedef enum logic [" << width - 1 << ":0] {\n";
    for (size_t i = 0; i < e.values.size(); ++i) {
      const EnumValue& v = e.values[i];
      out << "    " << type_name(e.name) << upper_camel(v.name) << " = " << width << "'d" << v.value
          << (i + 1 < e.values.size() ? ",\n" : "\n");
    }
    out << "  } " << e.name << "_e;\n\n";
  }
  for (const Register& r : c.registers) {
    const std::string name = "Reg" + upper_camel(r.name);
    out << "  parameter logic [11:0] " << name << "Offset = " << sv_hex(r.offset, 12) << ";  // " << r.access;
    if (!r.doc.empty()) out << ", " << r.doc;
    out << "\n";
    if (r.reset) out << "  parameter logic [31:0] " << name << "Reset = " << sv_hex(*r.reset, 32) << ";\n";
    for (const Field& f : r.fields) write_field(out, name, f, false);
  }
  out << "\n  // Header of every command\n";
  for (const Field& f : c.header) write_field(out, "Header", f, true);
  for (const Command& command : c.commands) {
    out << "\n  // " << command.name << " (" << command.engine << " engine): " << command.doc << "\n";
    for (const Field& f : command.fields) write_field(out, upper_camel(command.name), f, true);
  }
  out << "\nendpackage\n// verilator lint_on UNUSEDPARAM\n";
  return out.str();
}

}  // namespace systole::contract_gen
