// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "tools/contract/contract.h"

namespace systole::contract_gen {
namespace {

std::string cpp_type(const Field& f) {
  if (!f.enum_name.empty()) return type_name(f.enum_name);
  return std::string(f.is_signed ? "int" : "uint") + (f.bits > 32 ? "64_t" : "32_t");
}

std::string position(const Field& f) {
  return std::to_string(f.word) + ", " + std::to_string(f.lsb) + ", " + std::to_string(f.bits);
}

void write_preamble(std::ostream& out, const Contract& c) {
  out << "// SPDX-FileCopyrightText: 2026 The Systole authors\n// SPDX-License-Identifier: Apache-2.0\n"
      << "// GENERATED from " << kSource << " - do not edit. Regenerate: " << kRegenerate << "\n"
      << "// Contract hash: " << hex(c.hash, 16) << "\n"
      << "#pragma once\n\n#include <array>\n#include <cstdint>\n#include <span>\n#include <utility>\n\n"
      << "#include \"configs/contract/bits.h\"\n\nnamespace systole::contract {\n\n"
      << "inline constexpr uint64_t kHash = " << hex(c.hash, 16) << "ull;\n"
      << "inline constexpr uint32_t kVersion = " << c.version << ";\n"
      << "inline constexpr int kDescriptorWords = " << c.descriptor_words << ";\n"
      << "inline constexpr int kDescriptorBytes = " << c.descriptor_words * 4 << ";\n\n";
}

void write_enums(std::ostream& out, const Contract& c) {
  for (const Enum& e : c.enums) {
    const std::string type = type_name(e.name);
    out << "enum class " << type << " : uint8_t {\n";
    for (const EnumValue& v : e.values) out << "  k" << upper_camel(v.name) << " = " << v.value << ",\n";
    out << "};\n// The contract's name of a value; \"?\" where it has none.\n"
        << "constexpr const char* name(" << type << " value) {\n  switch (value) {\n";
    for (const EnumValue& v : e.values) {
      out << "    case " << type << "::k" << upper_camel(v.name) << ": return \"" << v.name << "\";\n";
    }
    out << "  }\n  return \"?\";\n}\n"
        << "constexpr bool is_valid(" << type << " value) { return name(value)[0] != '?'; }\n\n";
  }
}

void write_register_constants(std::ostream& out, const Contract& c) {
  out << "// Byte offsets in BAR0; per register with fields, a namespace of lsb and mask (in place) of "
         "each.\nnamespace reg {\n";
  for (const Register& r : c.registers) {
    out << "inline constexpr uint32_t k" << upper_camel(r.name) << " = " << hex(r.offset, 3) << ";\n";
  }
  for (const Register& r : c.registers) {
    if (r.fields.empty()) continue;
    out << "namespace " << r.name << " {\n";
    for (const Field& f : r.fields) {
      const uint64_t mask = ((1ull << f.bits) - 1) << f.lsb;
      out << "inline constexpr int k" << upper_camel(f.name) << "Lsb = " << f.lsb << ";\n"
          << "inline constexpr uint32_t k" << upper_camel(f.name) << "Mask = " << hex(mask, 8) << ";\n";
    }
    out << "}  // namespace " << r.name << "\n";
  }
  out << "}  // namespace reg\n\n";
}

void write_register_table(std::ostream& out, const Contract& c) {
  out << R"(struct FieldInfo {
  const char* name;
  int word, lsb, bits;
  bool is_signed;
};
enum class Access : uint8_t { kReadOnly, kReadWrite, kWriteOneToClear, kWriteOnly };
struct RegisterInfo {
  const char* name;
  uint32_t offset;
  Access access;
  bool has_reset;  // false: the instance decides (capabilities, counters)
  uint32_t reset;
  uint32_t mask;   // bits that exist; the others read as zero and ignore writes
  std::span<const FieldInfo> fields;
};

)";
  for (const Register& r : c.registers) {
    if (r.fields.empty()) continue;
    out << "inline constexpr FieldInfo kFieldsOf" << upper_camel(r.name) << "Register[] = {";
    for (const Field& f : r.fields) out << "{\"" << f.name << "\", " << position(f) << ", false}, ";
    out << "};\n";
  }
  out << "inline constexpr RegisterInfo kRegisters[] = {\n";
  for (const Register& r : c.registers) {
    const char* access = r.access == "ro"    ? "kReadOnly"
                         : r.access == "rw"  ? "kReadWrite"
                         : r.access == "w1c" ? "kWriteOneToClear"
                                             : "kWriteOnly";
    uint64_t mask = r.fields.empty() ? 0xffffffff : 0;
    for (const Field& f : r.fields) mask |= ((1ull << f.bits) - 1) << f.lsb;
    out << "    {\"" << r.name << "\", " << hex(r.offset, 3) << ", Access::" << access << ", "
        << (r.reset ? "true" : "false") << ", " << hex(r.reset.value_or(0), 8) << ", " << hex(mask, 8) << ", "
        << (r.fields.empty() ? "{}" : "kFieldsOf" + upper_camel(r.name) + "Register") << "},\n";
  }
  out << "};\n\n";
}

void write_struct_fields(std::ostream& out, const std::vector<Field>& fields) {
  for (const Field& f : fields) {
    out << "  " << cpp_type(f) << " " << f.name << "{};";
    if (!f.doc.empty()) out << "  // " << f.doc;
    out << "\n";
  }
}

void write_put(std::ostream& out, const Field& f, const std::string& value) {
  const std::string number = f.enum_name.empty() ? value : "static_cast<uint64_t>(" + value + ")";
  out << "  " << (f.is_signed ? "put_signed" : "put_bits") << "(w, " << position(f) << ", " << number << ");\n";
}

void write_get(std::ostream& out, const Field& f, const std::string& target) {
  out << "  " << target << " = static_cast<" << cpp_type(f) << ">(" << (f.is_signed ? "get_signed" : "get_bits")
      << "(w, " << position(f) << "));\n";
}

void write_header_codec(std::ostream& out, const Contract& c) {
  out << "struct Descriptor {\n  std::array<uint32_t, kDescriptorWords> words{};\n"
      << "  bool operator==(const Descriptor&) const = default;\n};\n\n"
      << "struct Header {\n";
  write_struct_fields(out, c.header);
  out << "  bool operator==(const Header&) const = default;\n};\n\n"
      << "// As written, also where no command has this number: is_valid says so.\n"
      << "inline Opcode opcode(const Descriptor& d) { return static_cast<Opcode>(get_bits(d.words.data(), "
      << position(c.header[0]) << ")); }\n\n"
      << "inline void put_header(Descriptor& d, const Header& header, Opcode code) {\n  uint32_t* w = "
         "d.words.data();\n";
  for (const Field& f : c.header) write_put(out, f, f.name == "opcode" ? "code" : "header." + f.name);
  out << "}\n\ninline Header decode_header(const Descriptor& d) {\n  const uint32_t* w = d.words.data();\n  Header "
         "h;\n";
  for (const Field& f : c.header) write_get(out, f, "h." + f.name);
  out << "  return h;\n}\n\n";
}

void write_command(std::ostream& out, const Command& command) {
  const std::string type = upper_camel(command.name);
  out << "// " << command.doc << "\nstruct " << type << " {\n  Header header{.opcode = Opcode::k" << type << "};\n";
  write_struct_fields(out, command.fields);
  out << "  bool operator==(const " << type << "&) const = default;\n};\n"
      << "inline Descriptor encode(const " << type << "& v) {\n  Descriptor d;\n  put_header(d, v.header, Opcode::k"
      << type << ");\n";
  if (!command.fields.empty()) out << "  uint32_t* w = d.words.data();\n";
  for (const Field& f : command.fields) write_put(out, f, "v." + f.name);
  out << "  return d;\n}\n"
      << "inline " << type << " decode_" << command.name << "(const Descriptor& d) {\n  " << type
      << " v;\n  v.header = decode_header(d);\n";
  if (!command.fields.empty()) out << "  const uint32_t* w = d.words.data();\n";
  for (const Field& f : command.fields) write_get(out, f, "v." + f.name);
  out << "  return v;\n}\n\n";
}

std::vector<uint32_t> used_bits(const Contract& c, const Command& command) {
  std::vector<uint32_t> used(c.descriptor_words, 0);
  const auto add = [&](const Field& f) {
    if (f.bits > 32) {
      used[f.word] = used[f.word + 1] = 0xffffffff;
    } else {
      used[f.word] |= static_cast<uint32_t>(((1ull << f.bits) - 1) << f.lsb);
    }
  };
  for (const Field& f : c.header) add(f);
  for (const Field& f : command.fields) add(f);
  return used;
}

void write_field_table(std::ostream& out, const std::string& owner, const std::vector<Field>& fields) {
  if (fields.empty()) return;
  out << "inline constexpr FieldInfo kFieldsOf" << owner << "[] = {\n";
  for (const Field& f : fields) {
    out << "    {\"" << f.name << "\", " << position(f) << ", " << (f.is_signed ? "true" : "false") << "},\n";
  }
  out << "};\n";
}

void write_command_table(std::ostream& out, const Contract& c) {
  write_field_table(out, "Header", c.header);
  for (const Command& command : c.commands) write_field_table(out, upper_camel(command.name), command.fields);
  out << "struct CommandInfo {\n  const char* name;\n  Opcode opcode;\n  Engine engine;\n"
      << "  std::array<uint32_t, kDescriptorWords> used;  // bits that fields name, the header's among them\n"
      << "  std::span<const FieldInfo> fields;            // without the header's\n};\n"
      << "inline constexpr CommandInfo kCommands[] = {\n";
  for (const Command& command : c.commands) {
    const std::string type = upper_camel(command.name);
    out << "    {\"" << command.name << "\", Opcode::k" << type << ", Engine::k" << upper_camel(command.engine)
        << ",\n     {";
    int column = 0;
    for (const uint32_t word : used_bits(c, command))
      out << (column++ % 8 ? " " : column == 1 ? "" : "\n      ") << hex(word, 8) << ",";
    out << "},\n     " << (command.fields.empty() ? "{}" : "kFieldsOf" + type) << "},\n";
  }
  out << "};\n\n"
      << "// Null where no command has this opcode.\n"
      << "constexpr const CommandInfo* find_command(Opcode code) {\n"
      << "  for (const CommandInfo& command : kCommands) {\n    if (command.opcode == code) return &command;\n  }\n  "
         "return nullptr;\n}\n\n"
      << "constexpr Engine engine_of(Opcode code) {\n  const CommandInfo* command = find_command(code);\n"
      << "  return command ? command->engine : Engine::kControl;\n}\n\n"
      << "// By the descriptor's opcode; of an unknown opcode nothing is reserved.\n"
      << "inline bool reserved_bits_clear(const Descriptor& d) {\n  const CommandInfo* command = "
         "find_command(opcode(d));\n"
      << "  if (!command) return true;\n"
      << "  for (int i = 0; i < kDescriptorWords; ++i) {\n    if (d.words[i] & ~command->used[i]) return false;\n  }\n "
         " return true;\n}\n\n";
}

void write_visit(std::ostream& out, const Contract& c) {
  out << "// Calls f with the decoded command's struct; false, and no call, for an unknown opcode.\n"
      << "template <typename F>\nbool visit(const Descriptor& d, F&& f) {\n  switch (opcode(d)) {\n";
  for (const Command& command : c.commands) {
    out << "    case Opcode::k" << upper_camel(command.name) << ": std::forward<F>(f)(decode_" << command.name
        << "(d)); return true;\n";
  }
  out << "  }\n  return false;\n}\n\n}  // namespace systole::contract\n";
}

}  // namespace

std::string write_cpp(const Contract& contract) {
  std::ostringstream out;
  write_preamble(out, contract);
  write_enums(out, contract);
  write_register_constants(out, contract);
  write_register_table(out, contract);
  write_header_codec(out, contract);
  for (const Command& command : contract.commands) write_command(out, command);
  write_command_table(out, contract);
  write_visit(out, contract);
  return out.str();
}

}  // namespace systole::contract_gen
