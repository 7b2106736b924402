// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "tools/contract/contract.h"

namespace systole::contract_gen {
namespace {

std::string bit_range(const Field& f) {
  if (f.bits > 32) return "63:0";
  if (f.bits == 1) return std::to_string(f.lsb);
  return std::to_string(f.lsb + f.bits - 1) + ":" + std::to_string(f.lsb);
}

void write_fields(std::ostream& out, const std::vector<Field>& fields) {
  out << "| word | bits | field | type | meaning |\n|---|---|---|---|---|\n";
  for (const Field& f : fields) {
    out << "| " << f.word << (f.bits > 32 ? "-" + std::to_string(f.word + 1) : "") << " | " << bit_range(f) << " | `"
        << f.name << "` | "
        << (!f.enum_name.empty() ? "`" + f.enum_name + "`"
            : f.is_signed        ? "signed"
                                 : "unsigned")
        << " | " << f.doc << " |\n";
  }
  out << "\n";
}

void write_registers(std::ostream& out, const Contract& c) {
  out << "## Registers\n\nBAR0, 32 bits each, byte offsets. ro: read only; rw: read and write; w1c: writing a one "
         "clears. "
         "A reset value \"-\" is the instance's.\n\n| offset | register | access | reset | meaning "
         "|\n|---|---|---|---|---|\n";
  for (const Register& r : c.registers) {
    out << "| `" << hex(r.offset, 3) << "` | `" << r.name << "` | " << r.access << " | "
        << (r.reset ? "`" + hex(*r.reset, 8) + "`" : "-") << " | " << r.doc << " |\n";
    for (const Field& f : r.fields) {
      out << "| | &nbsp;&nbsp;`" << f.name << "` | | | bits " << bit_range(f) << (f.doc.empty() ? "" : ": " + f.doc)
          << " |\n";
    }
  }
  out << "\n";
}

}  // namespace

std::string write_markdown(const Contract& c) {
  std::ostringstream out;
  out << "<!-- GENERATED from " << kSource << " - do not edit. Regenerate: " << kRegenerate << " -->\n"
      << "# Registers and commands of the NPU\n\nContract version " << c.version << ", hash `" << hex(c.hash, 16)
      << "` (read from `id` and `id_hi`). What a command does, step by step, is said beside it in [" << kSource
      << "](../" << kSource << "); when it happens, in [timing.md](timing.md).\n\n";
  write_registers(out, c);
  out << "## Enums\n\n| enum | values |\n|---|---|\n";
  for (const Enum& e : c.enums) {
    out << "| `" << e.name << "` |";
    for (const EnumValue& v : e.values) out << " " << v.value << " " << v.name << (&v == &e.values.back() ? "" : ",");
    out << " |\n";
  }
  out << "\n## Commands\n\nA descriptor is " << c.descriptor_words
      << " little-endian words of 32 bits. Bits that no field names are reserved: written as zero, checked as zero.\n\n"
      << "### Header of every command\n\n";
  write_fields(out, c.header);
  for (const Command& command : c.commands) {
    out << "### " << command.name << " (opcode " << command.opcode << ", " << command.engine << " engine)\n\n"
        << command.doc << "\n\n";
    if (command.fields.empty()) {
      out << "No fields beyond the header.\n\n";
    } else {
      write_fields(out, command.fields);
    }
  }
  std::string text = out.str();
  text.pop_back();
  return text;
}

}  // namespace systole::contract_gen
