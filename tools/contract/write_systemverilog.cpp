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

void write_field(std::ostream& out, const std::string& prefix, const Field& f) {
  const std::string name = prefix + upper_camel(f.name);
  out << "  parameter logic [31:0] " << name << "Lsb = " << f.lsb << ";\n"
      << "  parameter logic [31:0] " << name << "Width = " << f.bits << ";\n";
}

std::string member(const std::string& name) {  // words of SystemVerilog, or of the C++ made of it, get an underscore
  return name == "function" || name == "sequence" || name == "far" ? name + "_" : name;
}

// A packed struct of bits [from, to) of a descriptor, on top of its header where from is not 0.
void write_struct(std::ostream& out, const std::string& name, std::vector<Field> fields, int from, int to) {
  const auto begin = [](const Field& f) { return f.word * 32 + f.lsb; };
  std::sort(fields.begin(), fields.end(), [&](const Field& a, const Field& b) { return begin(a) > begin(b); });
  int end = to, gaps = 0;
  const auto gap = [&](int above) {
    if (above < end) out << "    logic [" << end - above - 1 << ":0] reserved" << gaps++ << ";\n";
  };
  out << "  typedef struct packed {\n";
  for (const Field& f : fields) {
    gap(begin(f) + f.bits);
    out << "    logic " << (f.is_signed ? "signed " : "") << "[" << f.bits - 1 << ":0] " << member(f.name) << ";\n";
    end = begin(f);
  }
  gap(from);
  if (from) out << "    header_t header;\n";
  out << "  } " << name << "_t;\n";
}

// A one for every bit of a descriptor that some field names.
std::string used_bits(const std::vector<const std::vector<Field>*>& parts, int words) {
  std::vector<uint32_t> used(static_cast<size_t>(words));
  for (const auto* fields : parts)
    for (const Field& f : *fields)
      for (int bit = f.lsb; bit < f.lsb + f.bits; ++bit)
        used[static_cast<size_t>(f.word + bit / 32)] |= uint32_t{1} << bit % 32;
  std::string text;
  for (size_t word = used.size(); word-- > 0;) text += hex(used[word], 8).substr(2) + (word ? "_" : "");
  return std::to_string(words * 32) + "'h" + text;
}

}  // namespace

std::string write_systemverilog(const Contract& c) {
  std::ostringstream out;
  out << "// SPDX-FileCopyrightText: 2026 The Systole authors\n// SPDX-License-Identifier: Apache-2.0\n"
      << "// GENERATED from " << kSource << " - do not edit. Regenerate: " << kRegenerate << "\n"
      << "// Contract hash: " << hex(c.hash, 16) << "\n"
      << "// Registers: offset in bytes, lsb and width of fields. Commands: a packed struct of the whole descriptor, "
         "and a "
         "mask of\n// the bits that are not reserved.\n"
      << "// verilator lint_off UNUSEDPARAM\n"
      << "package npu_contract_pkg;\n\n"
      << "  parameter logic [63:0] ContractHash = " << sv_hex(c.hash, 64) << ";\n"
      << "  parameter logic [31:0] ContractVersion = " << sv_hex(c.version, 32) << ";\n"
      << "  parameter logic [31:0] DescriptorWords = " << c.descriptor_words << ";\n\n";
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
    for (const Field& f : r.fields) write_field(out, name, f);
  }
  const int bits = c.descriptor_words * 32;
  out << "\n  typedef logic [" << bits - 1 << ":0] descriptor_t;\n\n  // Header of every command\n";
  int body = 0;  // first bit behind the header
  for (const Field& f : c.header) body = std::max(body, (f.word + 1) * 32);
  write_struct(out, "header", c.header, 0, body);
  for (const Command& command : c.commands) {
    out << "\n  // " << command.name << " (" << command.engine << " engine): " << command.doc << "\n";
    write_struct(out, command.name, command.fields, body, bits);
    out << "  parameter descriptor_t " << upper_camel(command.name)
        << "Used = " << used_bits({&c.header, &command.fields}, c.descriptor_words) << ";\n";
  }
  out << "\nendpackage\n// verilator lint_on UNUSEDPARAM\n";
  return out.str();
}

}  // namespace systole::contract_gen
