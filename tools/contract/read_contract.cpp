// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <stdexcept>

#include "tools/contract/contract.h"

namespace systole::contract_gen {
namespace {

struct Rejected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}
  Contract read(const YAML::Node& root);

 private:
  using Keys = std::initializer_list<const char*>;
  [[noreturn]] void reject(const YAML::Node& at, const std::string& what) const {
    throw Rejected(file_ + ":" + std::to_string(at.Mark().line + 1) + ": " + what);
  }
  void check_map(const YAML::Node& node, const std::string& what, Keys required, Keys optional) const;
  void check_unique_keys(const YAML::Node& node, const std::string& what) const;
  YAML::Node list(const YAML::Node& node, const std::string& what) const;
  std::string text(const YAML::Node& node, const std::string& what) const;
  std::string identifier(const YAML::Node& node, const std::string& what) const;
  uint64_t number(const YAML::Node& node, const std::string& what, uint64_t least, uint64_t most) const;
  bool boolean(const YAML::Node& node, const std::string& what) const;

  void read_enums(const YAML::Node& node);
  void read_registers(const YAML::Node& node);
  std::vector<Field> read_register_fields(const YAML::Node& node, const std::string& owner) const;
  std::vector<Field> read_fields(const YAML::Node& node, const std::string& owner,
                                 const std::vector<Field>& taken) const;
  Field read_field(const YAML::Node& node, const std::string& owner) const;
  void read_commands(const YAML::Node& node);

  std::string file_;
  Contract contract_;
};

void Reader::check_unique_keys(const YAML::Node& node, const std::string& what) const {
  if (!node.IsMap()) reject(node, what + ": expected a map");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    if (!seen.insert(key).second) reject(entry.first, what + ": duplicate key '" + key + "'");
  }
}

void Reader::check_map(const YAML::Node& node, const std::string& what, Keys required, Keys optional) const {
  check_unique_keys(node, what);
  std::set<std::string> known(required.begin(), required.end());
  known.insert(optional.begin(), optional.end());
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    if (!known.count(key)) reject(entry.first, what + ": unknown key '" + key + "'");
  }
  for (const char* key : required) {
    if (!node[key]) reject(node, what + ": missing key '" + key + "'");
  }
}

YAML::Node Reader::list(const YAML::Node& node, const std::string& what) const {
  if (!node.IsSequence()) reject(node, what + ": expected a list");
  return node;
}

std::string Reader::text(const YAML::Node& node, const std::string& what) const {
  if (!node.IsScalar()) reject(node, what + ": expected a string");
  return node.Scalar();
}

std::string Reader::identifier(const YAML::Node& node, const std::string& what) const {
  const std::string name = text(node, what);
  const bool good = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                    name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!good) reject(node, what + ": expected a snake_case name, got '" + name + "'");
  return name;
}

uint64_t Reader::number(const YAML::Node& node, const std::string& what, uint64_t least, uint64_t most) const {
  const std::string word = text(node, what);
  const bool is_hex = word.rfind("0x", 0) == 0;
  const std::string digits = is_hex ? word.substr(2) : word;
  const char* legal = is_hex ? "0123456789abcdefABCDEF" : "0123456789";
  const bool plain = !digits.empty() && digits.size() <= 16 && digits.find_first_not_of(legal) == std::string::npos &&
                     (is_hex || digits.size() == 1 || digits[0] != '0');
  if (!plain) reject(node, what + ": expected a whole number, decimal or 0x, got '" + word + "'");
  const uint64_t value = std::stoull(digits, nullptr, is_hex ? 16 : 10);
  if (value < least || value > most) {
    reject(node, what + ": expected " + std::to_string(least) + " to " + std::to_string(most) + ", got " + word);
  }
  return value;
}

bool Reader::boolean(const YAML::Node& node, const std::string& what) const {
  const std::string word = text(node, what);
  if (word != "true" && word != "false") reject(node, what + ": expected true or false, got '" + word + "'");
  return word == "true";
}

void Reader::read_enums(const YAML::Node& node) {
  check_unique_keys(node, "enums");
  for (const auto& entry : node) {
    Enum result{identifier(entry.first, "enums"), {}};
    check_unique_keys(entry.second, result.name);
    std::map<uint32_t, std::string> by_value;
    for (const auto& value : entry.second) {
      const std::string name = identifier(value.first, result.name);
      const auto number_of = static_cast<uint32_t>(number(value.second, result.name + "." + name, 0, 255));
      const auto [where, fresh] = by_value.emplace(number_of, name);
      if (!fresh) {
        reject(value.first, result.name + ": " + name + " and " + where->second + " have the same value " +
                                std::to_string(number_of));
      }
      result.values.push_back({name, number_of});
    }
    contract_.enums.push_back(std::move(result));
  }
}

std::vector<Field> Reader::read_register_fields(const YAML::Node& node, const std::string& owner) const {
  std::vector<Field> fields;
  uint64_t used = 0;
  for (const auto& item : list(node, owner + ".fields")) {
    check_map(item, owner, {"name", "lsb", "bits"}, {"doc"});
    Field field;
    field.name = identifier(item["name"], owner);
    const std::string what = owner + "." + field.name;
    field.lsb = static_cast<int>(number(item["lsb"], what + ".lsb", 0, 31));
    field.bits = static_cast<int>(number(item["bits"], what + ".bits", 1, 32));
    if (item["doc"]) field.doc = text(item["doc"], what);
    if (field.lsb + field.bits > 32) reject(item, what + ": beyond bit 31");
    const uint64_t mask = ((1ull << field.bits) - 1) << field.lsb;
    for (const Field& other : fields) {
      if (other.name == field.name) reject(item, owner + ": duplicate field '" + field.name + "'");
      if (mask & (((1ull << other.bits) - 1) << other.lsb)) reject(item, what + ": overlaps " + other.name);
    }
    used |= mask;
    fields.push_back(std::move(field));
  }
  return fields;
}

void Reader::read_registers(const YAML::Node& node) {
  for (const auto& item : list(node, "registers")) {
    check_map(item, "register", {"name", "offset", "access", "doc"}, {"reset", "fields"});
    Register result;
    result.name = identifier(item["name"], "register");
    result.offset = static_cast<uint32_t>(number(item["offset"], result.name + ".offset", 0, 0xffffffff));
    if (result.offset % 4 != 0) reject(item, result.name + ": offset is not a multiple of 4");
    result.access = text(item["access"], result.name + ".access");
    const std::set<std::string> kinds = {"ro", "rw", "w1c", "wo"};
    if (!kinds.count(result.access)) {
      reject(item, result.name + ": expected access ro, rw, w1c or wo, got '" + result.access + "'");
    }
    result.doc = text(item["doc"], result.name);
    if (item["reset"])
      result.reset = static_cast<uint32_t>(number(item["reset"], result.name + ".reset", 0, 0xffffffff));
    if (!result.reset && result.access != "ro")
      reject(item, result.name + ": a register that can be written needs a reset value");
    if (item["fields"]) result.fields = read_register_fields(item["fields"], result.name);
    for (const Register& other : contract_.registers) {
      if (other.name == result.name) reject(item, "duplicate register '" + result.name + "'");
      if (other.offset == result.offset) {
        reject(item, result.name + " and " + other.name + " have the same offset " + hex(result.offset, 3));
      }
    }
    contract_.registers.push_back(std::move(result));
  }
}

Field Reader::read_field(const YAML::Node& item, const std::string& owner) const {
  check_map(item, owner, {"name", "word", "lsb", "bits"}, {"signed", "enum", "doc"});
  Field field;
  field.name = identifier(item["name"], owner);
  const std::string what = owner + "." + field.name;
  const int words = contract_.descriptor_words;
  field.word = static_cast<int>(number(item["word"], what + ".word", 0, 255));
  field.lsb = static_cast<int>(number(item["lsb"], what + ".lsb", 0, 31));
  field.bits = static_cast<int>(number(item["bits"], what + ".bits", 1, 64));
  if (item["signed"]) field.is_signed = boolean(item["signed"], what + ".signed");
  if (item["doc"]) field.doc = text(item["doc"], what);
  if (field.bits > 32 && (field.bits != 64 || field.lsb != 0))
    reject(item, what + ": a field over 32 bits has 64, from lsb 0");
  if (field.bits <= 32 && field.lsb + field.bits > 32) reject(item, what + ": beyond bit 31 of its word");
  if (field.word + (field.bits > 32 ? 2 : 1) > words) {
    reject(item, what + ": beyond the " + std::to_string(words) + " words of a descriptor");
  }
  if (item["enum"]) {
    field.enum_name = identifier(item["enum"], what);
    const Enum* values = contract_.find_enum(field.enum_name);
    if (!values) reject(item["enum"], what + ": unknown enum '" + field.enum_name + "'");
    for (const EnumValue& value : values->values) {
      if (field.bits < 8 && value.value >> field.bits)
        reject(item, what + ": too narrow for " + field.enum_name + "." + value.name);
    }
  }
  return field;
}

std::vector<Field> Reader::read_fields(const YAML::Node& node, const std::string& owner,
                                       const std::vector<Field>& taken) const {
  std::vector<Field> all = taken;
  for (const auto& item : list(node, owner + ".fields")) {
    Field field = read_field(item, owner);
    const int first = field.word * 32 + field.lsb;
    for (const Field& other : all) {
      if (other.name == field.name) reject(item, owner + ": duplicate field '" + field.name + "'");
      const int other_first = other.word * 32 + other.lsb;
      if (first < other_first + other.bits && other_first < first + field.bits) {
        reject(item, owner + "." + field.name + ": overlaps " + other.name);
      }
    }
    all.push_back(std::move(field));
  }
  return {all.begin() + static_cast<std::ptrdiff_t>(taken.size()), all.end()};
}

void Reader::read_commands(const YAML::Node& node) {
  check_unique_keys(node, "commands");
  const Enum* opcodes = contract_.find_enum("opcode");
  const Enum* engines = contract_.find_enum("engine");
  if (!opcodes || !engines) reject(node, "enums opcode and engine are needed by the commands");
  const auto value_of = [](const Enum& from, const std::string& name) {
    return std::find_if(from.values.begin(), from.values.end(), [&](const EnumValue& v) { return v.name == name; });
  };
  for (const auto& entry : node) {
    Command command;
    command.name = identifier(entry.first, "commands");
    check_map(entry.second, command.name, {"engine", "doc", "fields"}, {});
    const auto opcode = value_of(*opcodes, command.name);
    if (opcode == opcodes->values.end()) reject(entry.first, command.name + ": no opcode of this name");
    command.opcode = opcode->value;
    command.engine = identifier(entry.second["engine"], command.name);
    if (value_of(*engines, command.engine) == engines->values.end()) {
      reject(entry.second["engine"], command.name + ": unknown engine '" + command.engine + "'");
    }
    command.doc = text(entry.second["doc"], command.name);
    command.fields = read_fields(entry.second["fields"], command.name, contract_.header);
    contract_.commands.push_back(std::move(command));
  }
  for (const EnumValue& value : opcodes->values) {
    if (!node[value.name]) reject(node, "opcode " + value.name + " has no command");
  }
}

Contract Reader::read(const YAML::Node& root) {
  check_map(root, "contract", {"name", "version", "descriptor_words", "enums", "registers", "header", "commands"}, {});
  contract_.name = identifier(root["name"], "name");
  contract_.version = static_cast<uint32_t>(number(root["version"], "version", 1, 0xffffffff));
  contract_.descriptor_words = static_cast<int>(number(root["descriptor_words"], "descriptor_words", 1, 32));
  read_enums(root["enums"]);
  read_registers(root["registers"]);
  contract_.header = read_fields(root["header"], "header", {});
  if (contract_.header.empty() || contract_.header[0].name != "opcode")
    reject(root["header"], "header: the first field must be opcode");
  contract_.header[0].enum_name = "opcode";
  read_commands(root["commands"]);
  contract_.hash = contract_hash(contract_);
  for (Register& each : contract_.registers) {
    if (each.name == "id") each.reset = static_cast<uint32_t>(contract_.hash);
    if (each.name == "id_hi") each.reset = static_cast<uint32_t>(contract_.hash >> 32);
    if (each.name == "version") each.reset = contract_.version;
  }
  return contract_;
}

}  // namespace

Result<Contract> read_contract(const std::string& text, const std::string& file) {
  try {
    return Reader(file).read(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    return Status(Code::kInvalidArgument, file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
  } catch (const Rejected& error) {
    return Status(Code::kInvalidArgument, error.what());
  }
}

}  // namespace systole::contract_gen
