// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/contract/contract.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>

#include "hal/fnv1a.h"

namespace systole::contract_gen {
namespace {

template <typename T, typename Less>
std::vector<T> sorted(std::vector<T> items, Less less) {
  std::sort(items.begin(), items.end(), less);
  return items;
}

bool before(const Field& a, const Field& b) { return std::pair(a.word, a.lsb) < std::pair(b.word, b.lsb); }

void put_fields(std::ostream& out, const std::vector<Field>& fields) {
  for (const Field& f : sorted(fields, before)) {
    out << "  " << f.name << ' ' << f.word << ' ' << f.lsb << ' ' << f.bits << ' ' << f.is_signed << ' ' << f.enum_name
        << '\n';
  }
}

std::string canonical(const Contract& contract) {
  std::ostringstream out;
  out << contract.name << ' ' << contract.version << ' ' << contract.descriptor_words << '\n';
  for (const Enum& e : sorted(contract.enums, [](auto&a, auto&b) { return a.name < b.name; })) {
    out << "enum " << e.name << '\n';
    for (const EnumValue& v : sorted(e.values, [](auto&a, auto&b) { return a.value < b.value; })) {
      out << "  " << v.name << ' ' << v.value << '\n';
    }
  }
  const auto is_identity = [](const Register& r) { return r.name == "id" || r.name == "id_hi" || r.name == "version"; };
  for (const Register& r : sorted(contract.registers, [](auto&a, auto&b) { return a.offset < b.offset; })) {
    out << "register " << r.name << ' ' << r.offset << ' ' << r.access << ' ';
    out << (r.reset && !is_identity(r) ? std::to_string(*r.reset) : "-") << '\n';
    put_fields(out, r.fields);
  }
  out << "header\n";
  put_fields(out, contract.header);
  for (const Command& c : sorted(contract.commands, [](auto&a, auto&b) { return a.opcode < b.opcode; })) {
    out << "command " << c.name << ' ' << c.opcode << ' ' << c.engine << '\n';
    put_fields(out, c.fields);
  }
  return out.str();
}

}  // namespace

const Enum* Contract::find_enum(const std::string& enum_name) const {
  for (const Enum& e : enums) {
    if (e.name == enum_name) return &e;
  }
  return nullptr;
}

uint64_t contract_hash(const Contract& contract) { return fnv1a(canonical(contract)); }

std::string upper_camel(const std::string& snake) {
  std::string result;
  bool start = true;
  for (const char c : snake) {
    if (c != '_') result += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    start = c == '_';
  }
  return result;
}

std::string hex(uint64_t value, int digits) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "0x%0*llx", digits, static_cast<unsigned long long>(value));
  return buffer;
}

std::string type_name(const std::string& enum_name) {
  return enum_name == "error" ? "ErrorCode" : upper_camel(enum_name);
}

std::vector<Output> write_all(const Contract& contract) {
  return {{"configs/contract/generated/npu_contract.h", write_cpp(contract)},
          {"rtl/generated/npu_contract_pkg.sv", write_systemverilog(contract)},
          {"configs/contract/generated/npu_functions.h", write_functions_cpp()},
          {"rtl/generated/npu_functions_pkg.sv", write_functions_systemverilog()},
          {"docs/registers.md", write_markdown(contract)}};
}

}  // namespace systole::contract_gen
