// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The parsed contract: what configs/contract/npu.yaml says, checked, in the file's order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hal/status.h"

namespace systole::contract_gen {

struct EnumValue {
  std::string name;
  uint32_t value = 0;
};

struct Enum {
  std::string name;
  std::vector<EnumValue> values;
};

// A bit field of a register or of a descriptor; registers use word 0. Fields over 32 bits take word and word + 1.
struct Field {
  std::string name, doc;
  int word = 0, lsb = 0, bits = 0;
  bool is_signed = false;
  std::string enum_name;  // empty: a plain number
};

struct Register {
  std::string name, doc;
  uint32_t offset = 0;
  std::string access;             // ro, rw, w1c, wo
  std::optional<uint32_t> reset;  // absent where the instance decides (capabilities)
  std::vector<Field> fields;      // empty: one value of 32 bits
};

struct Command {
  std::string name, doc, engine;
  uint32_t opcode = 0;
  std::vector<Field> fields;  // without the header's
};

struct Contract {
  std::string name;
  uint32_t version = 0;
  int descriptor_words = 0;
  std::vector<Enum> enums;
  std::vector<Register> registers;
  std::vector<Field> header;
  std::vector<Command> commands;
  uint64_t hash = 0;

  const Enum* find_enum(const std::string& enum_name) const;
};

// `file` is only named in messages: "file:line: ...". Checks keys, types, overlaps, ranges and duplicates.
Result<Contract> read_contract(const std::string& text, const std::string& file);

// 64-bit FNV-1a over names, positions and values in a canonical order: comments, docs and order do not change it.
uint64_t contract_hash(const Contract& contract);

std::string write_cpp(const Contract& contract);
std::string write_systemverilog(const Contract& contract);
std::string write_markdown(const Contract& contract);
std::string write_functions_cpp();
std::string write_functions_systemverilog();

// One output of the generator: its path from the repository root and its text.
struct Output {
  std::string path, text;
};
std::vector<Output> write_all(const Contract& contract);

inline constexpr const char* kSource = "configs/contract/npu.yaml";
inline constexpr const char* kRegenerate = "contract_gen configs/contract/npu.yaml .";

std::string upper_camel(const std::string& snake);    // "ring_base_lo" -> "RingBaseLo"
std::string hex(uint64_t value, int digits);          // "0x00ff"
std::string type_name(const std::string& enum_name);  // "sem_op" -> "SemOp", "error" -> "ErrorCode"

}  // namespace systole::contract_gen
