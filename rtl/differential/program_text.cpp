// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Programs as text.
#include <charconv>
#include <sstream>

#include "rtl/differential/program.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::FieldInfo;

std::string hex(uint64_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

// A whole number, decimal or 0x..., with a sign where it may have one.
bool number(std::string_view text, int64_t& value) {
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, is_hex ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return false;
  value = static_cast<int64_t>(minus ? 0 - size : size);
  return true;
}

bool fits(const FieldInfo& field, int64_t value) {
  if (field.bits > 32) return true;
  const int64_t range = int64_t{1} << field.bits;
  return field.is_signed ? value >= -range / 2 && value < range / 2 : value >= 0 && value < range;
}

const FieldInfo* find_field(const contract::CommandInfo& command, std::string_view name) {
  for (const auto& fields : {std::span<const FieldInfo>(contract::kFieldsOfHeader), command.fields})
    for (const FieldInfo& field : fields)
      if (name == field.name && name != "opcode") return &field;
  return nullptr;
}

struct Reader {
  Program& program;
  std::string problem;  // "expected ..., got ..."

  bool expected(const std::string& what, const std::string& got) {
    problem = "expected " + what + ", got '" + got + "'";
    return false;
  }

  bool command(const contract::CommandInfo& info, const std::vector<std::string>& words) {
    Descriptor d;
    d.words[0] = static_cast<uint32_t>(info.opcode);
    for (size_t i = 1; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      if (equals == std::string::npos) return expected("FIELD=NUMBER", words[i]);
      const FieldInfo* field = find_field(info, std::string_view(words[i]).substr(0, equals));
      if (!field) return expected(std::string("a field of ") + info.name, words[i].substr(0, equals));
      int64_t value = 0;
      if (!number(std::string_view(words[i]).substr(equals + 1), value) || !fits(*field, value))
        return expected(
            "a number of " + std::to_string(field->bits) + (field->is_signed ? " bits and a sign" : " bits"), words[i]);
      if (contract::get_bits(d.words.data(), field->word, field->lsb, field->bits))
        return expected("each field once", words[i]);
      contract::put_bits(d.words.data(), field->word, field->lsb, field->bits,
                         static_cast<uint64_t>(value) & contract::low_mask(field->bits));
    }
    program.commands.push_back(d);
    return true;
  }

  bool raw(const std::vector<std::string>& words) {
    Descriptor d;
    if (words.size() > 1 + d.words.size()) return expected("at most 32 words", std::to_string(words.size() - 1));
    for (size_t i = 1; i < words.size(); ++i) {
      int64_t value = 0;
      if (!number(words[i], value) || value < 0 || value > UINT32_MAX) return expected("a 32-bit word", words[i]);
      d.words[i - 1] = static_cast<uint32_t>(value);
    }
    program.commands.push_back(d);
    return true;
  }

  bool fill(const std::vector<std::string>& words) {
    if (words.size() != 5) return expected("fill ADDRESS BYTES KIND SEED", std::to_string(words.size()) + " words");
    Fill f;
    int64_t value[3];
    for (int i : {0, 1, 2}) {
      const std::string& text = words[i == 2 ? 4 : static_cast<size_t>(i) + 1];
      if (!number(text, value[i])) return expected("a number", text);
    }
    f.address = static_cast<uint64_t>(value[0]), f.bytes = static_cast<uint64_t>(value[1]);
    f.seed = static_cast<uint64_t>(value[2]);
    if (f.address < kRecords || f.bytes > kDramBytes || f.address > kDramBytes - f.bytes)
      return expected("bytes from " + hex(kRecords) + " to " + hex(kDramBytes), words[1] + " " + words[2]);
    for (int kind = 0; kind <= static_cast<int>(Values::kShift); ++kind) {
      if (words[3] != name(static_cast<Values>(kind))) continue;
      f.kind = static_cast<Values>(kind);
      program.fills.push_back(f);
      return true;
    }
    return expected("bytes, i32, f32, bf16, scale or shift", words[3]);
  }

  bool line(const std::vector<std::string>& words) {
    const std::string& first = words[0];
    if (first == "fill") return fill(words);
    if (first == "raw") return raw(words);
    if (first == "expects_error" && words.size() == 1) return program.expects_error = true;
    for (const contract::CommandInfo& info : contract::kCommands)
      if (first == info.name) return command(info, words);
    if (first != "npu" && first != "set" && first != "watchdog")
      return expected("npu, set, watchdog, expects_error, fill, raw or a command", first);
    if (words.size() != 2) return expected(first + " and one word", std::to_string(words.size() - 1) + " words");
    if (first == "npu") return program.npu = words[1], true;
    if (first == "set") return program.settings.push_back(words[1]), true;
    int64_t cycles = 0;
    if (!number(words[1], cycles) || cycles < 0 || cycles > INT32_MAX) return expected("cycles", words[1]);
    program.watchdog = static_cast<uint32_t>(cycles);
    return true;
  }
};

}  // namespace

std::string to_text(const Descriptor& d) {
  const contract::CommandInfo* info = contract::find_command(contract::opcode(d));
  std::ostringstream out;
  if (!info || !contract::reserved_bits_clear(d)) {
    size_t last = d.words.size();
    while (last > 1 && d.words[last - 1] == 0) --last;
    out << "raw";
    for (size_t i = 0; i < last; ++i) out << ' ' << hex(d.words[i]);
    return out.str();
  }
  out << info->name;
  for (const auto& fields : {std::span<const FieldInfo>(contract::kFieldsOfHeader), info->fields}) {
    for (const FieldInfo& f : fields) {
      const uint64_t bits = contract::get_bits(d.words.data(), f.word, f.lsb, f.bits);
      if (!bits || std::string_view(f.name) == "opcode") continue;
      out << ' ' << f.name << '=';
      if (std::string_view(f.name).ends_with("addr"))
        out << hex(bits);
      else if (f.is_signed)
        out << contract::get_signed(d.words.data(), f.word, f.lsb, f.bits);
      else
        out << bits;
    }
  }
  return out.str();
}

std::string to_text(const Program& program) {
  std::ostringstream out;
  out << "systole-program 1\n";
  if (!program.npu.empty()) out << "npu " << program.npu << "\n";
  for (const std::string& setting : program.settings) out << "set " << setting << "\n";
  out << "watchdog " << program.watchdog << "\n";
  if (program.expects_error) out << "expects_error\n";
  for (const Fill& f : program.fills)
    out << "fill " << hex(f.address) << ' ' << f.bytes << ' ' << name(f.kind) << ' ' << f.seed << "\n";
  for (const Descriptor& d : program.commands) out << to_text(d) << "\n";
  return out.str();
}

bool from_text(const std::string& text, const std::string& name, Program& program, std::string& error) {
  program = {};
  std::istringstream in(text);
  std::string line;
  int count = 0;
  bool begun = false;
  const auto wrong = [&](const std::string& problem) {
    error = name + ":" + std::to_string(count) + ": " + problem;
    return false;
  };
  while (std::getline(in, line)) {
    ++count;
    std::istringstream split(line.substr(0, line.find('#')));
    std::vector<std::string> words;
    for (std::string word; split >> word;) words.push_back(word);
    if (words.empty()) continue;
    if (!begun) {
      if (words != std::vector<std::string>{"systole-program", "1"})
        return wrong("expected 'systole-program 1', got '" + words[0] + "'");
      begun = true;
      continue;
    }
    Reader reader{program, ""};
    if (!reader.line(words)) return wrong(reader.problem);
    if (program.commands.size() > kRingDescriptors)
      return wrong("expected at most " + std::to_string(kRingDescriptors) + " commands");
  }
  ++count;
  if (!begun) return wrong("expected 'systole-program 1', got the end of the file");
  return program.commands.empty() ? wrong("expected a command, got the end of the file") : true;
}

}  // namespace systole::differential
