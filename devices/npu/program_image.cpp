// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/program_image.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "configs/spec/load.h"
#include "hal/fnv1a.h"

namespace systole::npu {
namespace {

constexpr uint32_t kMagic = 0x4d50504e;  // "NPPM"
constexpr int64_t kMostBytes = int64_t{1} << 48;

uint64_t hash_of(const spec::NpuSpec& spec) {  // of every resolved value
  uint64_t hash = fnv1a("");
  for (const spec::Setting& setting : spec::resolved_settings(spec))
    if (setting.key != "name" && setting.key != "description")
      hash = fnv1a(setting.key + "=" + setting.value + setting.unit + ";", hash);
  return hash;
}

std::string hex(uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof(text), "0x%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::vector<std::shared_ptr<Buffer>> buffers_of(const CommandList& list) {
  std::vector<std::shared_ptr<Buffer>> found;
  const auto add = [&](const TensorView& view) {
    if (view.buffer && std::find(found.begin(), found.end(), view.buffer) == found.end()) found.push_back(view.buffer);
  };
  for (const Command& command : list.commands()) {
    if (const auto* call = std::get_if<OpCall>(&command)) {
      for (const TensorView& view : call->inputs) add(view);
      for (const TensorView& view : call->outputs) add(view);
    } else if (const auto* copy = std::get_if<CopyBytes>(&command)) {
      add(copy->source), add(copy->target);
    } else if (const auto* fill = std::get_if<FillBytes>(&command)) {
      add(fill->target);
    }
  }
  return found;
}

class Writer {
 public:
  template <typename T>
  void number(T value) {
    const auto* from = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), from, from + sizeof(value));
  }
  void text(const std::string& value) {
    number(static_cast<uint32_t>(value.size()));
    raw(value.data(), value.size());
  }
  void raw(const void* data, size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), from, from + size);
  }
  std::vector<std::byte> bytes;
};

// Reads past the end give zeros and are remembered.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}
  template <typename T>
  T number() {
    T value{};
    raw(&value, sizeof(value));
    return value;
  }
  std::string text() {
    std::string value(std::min<size_t>(number<uint32_t>(), left_.size()), '\0');
    raw(value.data(), value.size());
    return value;
  }
  void raw(void* data, size_t size) {
    if (size > left_.size()) {
      short_ = true;
      left_ = {};
      return;
    }
    if (size) std::memcpy(data, left_.data(), size);
    left_ = left_.subspan(size);
  }
  // How many things of `size` bytes follow; no more than there are bytes for.
  size_t count(size_t size) {
    const auto wanted = number<uint64_t>();
    if (wanted > left_.size() / size) short_ = true;
    return short_ ? 0 : static_cast<size_t>(wanted);
  }
  bool cut_short() const { return short_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
  bool short_ = false;
};

constexpr size_t kRelocationBytes = 4 + 1 + 4 + 8, kLeastOpBytes = 4 + 4 + 2 + 3 * 4 + 7 * 8;

Status damaged(const std::string& what) { return Status(Code::kDataLoss, "compiled commands: " + what); }

bool takes_address(contract::Opcode opcode) {
  return opcode == contract::Opcode::kLoad || opcode == contract::Opcode::kStore || opcode == contract::Opcode::kFence;
}

Status check(const Program& program, const CommandList& list) {
  uint64_t next = 0;
  for (const Relocation& r : program.relocations) {
    if (r.descriptor < next || r.descriptor >= program.descriptors.size() ||
        !takes_address(contract::opcode(program.descriptors[r.descriptor])))
      return damaged("an address of command " + std::to_string(r.descriptor) + " of " +
                     std::to_string(program.descriptors.size()) + ", which has none");
    next = uint64_t{r.descriptor} + 1;
    const size_t targets = r.target == Target::kBuffer ? program.buffers.size()
                           : r.target == Target::kSlot ? list.slots().size()
                                                       : 1;
    if (r.index < 0 || static_cast<size_t>(r.index) >= targets || r.target == Target::kOnChip || r.offset < 0 ||
        r.offset > kMostBytes)
      return damaged("command " + std::to_string(r.descriptor) + " addresses nothing that the list has");
  }
  uint64_t first = 0;
  for (const OpRange& op : program.ops) {
    if (op.first != first || op.last < op.first || op.last >= program.descriptors.size() ||
        contract::opcode(program.descriptors[op.last]) != contract::Opcode::kFence)
      return damaged("'" + op.name + "' does not end in a fence");
    first = uint64_t{op.last} + 1;
  }
  if (first != program.descriptors.size()) return damaged("commands of no op");
  if (program.scratch_bytes < 0 || program.scratch_bytes > kMostBytes) return damaged("scratch of no sensible size");
  return {};
}

}  // namespace

std::vector<std::byte> write_image(const Program& program, const CommandList& list, const spec::NpuSpec& spec) {
  const auto buffers = buffers_of(list);
  Writer out;
  out.number(kMagic);
  out.number(contract::kHash);
  out.number(hash_of(spec));
  out.number(static_cast<uint64_t>(program.descriptors.size()));
  for (const contract::Descriptor& d : program.descriptors) out.raw(d.words.data(), contract::kDescriptorBytes);
  out.number(static_cast<uint64_t>(program.relocations.size()));
  for (const Relocation& r : program.relocations) {
    int32_t index = r.index;
    if (r.target == Target::kBuffer) {
      const auto& buffer = program.buffers[static_cast<size_t>(r.index)];
      index = static_cast<int32_t>(std::find(buffers.begin(), buffers.end(), buffer) - buffers.begin());
    }
    out.number(r.descriptor), out.number(static_cast<uint8_t>(r.target)), out.number(index), out.number(r.offset);
  }
  out.number(static_cast<uint64_t>(program.constants.size()));
  out.raw(program.constants.data(), program.constants.size());
  out.number(program.scratch_bytes), out.number(program.scratchpad_high_water_bytes);
  out.number(program.accumulator_high_water_rows);
  out.number(static_cast<uint64_t>(program.ops.size()));
  for (const OpRange& op : program.ops) {
    out.number(op.first), out.number(op.last), out.number(op.tag);
    out.text(op.name), out.text(op.kind), out.text(op.plan);
    out.number(op.macs), out.number(op.dram_read_bytes), out.number(op.dram_write_bytes), out.number(op.on_chip_bytes);
    out.number(op.scratchpad_bytes), out.number(op.resident_bytes), out.number(op.accumulator_rows);
  }
  return std::move(out.bytes);
}

Result<Program> read_image(std::span<const std::byte> image, const CommandList& list, const spec::NpuSpec& spec) {
  Reader in(image);
  if (in.number<uint32_t>() != kMagic) return damaged("these bytes are none");
  const auto contract_hash = in.number<uint64_t>(), spec_hash = in.number<uint64_t>();
  if (contract_hash != contract::kHash)
    return Status(Code::kUnsupported, "compiled for contract " + hex(contract_hash) + ", this NPU has " +
                                          hex(contract::kHash) + ": compile again");
  if (spec_hash != hash_of(spec))
    return Status(Code::kUnsupported, "compiled for hardware " + hex(spec_hash) + ", " + spec.name + " is " +
                                          hex(hash_of(spec)) + ": compile again");
  Program program;
  program.buffers = buffers_of(list);
  program.descriptors.resize(in.count(contract::kDescriptorBytes));
  for (contract::Descriptor& d : program.descriptors) in.raw(d.words.data(), contract::kDescriptorBytes);
  program.relocations.resize(in.count(kRelocationBytes));
  for (Relocation& r : program.relocations) {
    r.descriptor = in.number<uint32_t>();
    const auto target = in.number<uint8_t>();
    if (target > static_cast<uint8_t>(Target::kRecords)) return damaged("an address in no kind of memory");
    r.target = static_cast<Target>(target);
    r.index = in.number<int32_t>();
    r.offset = in.number<int64_t>();
  }
  program.constants.resize(in.count(1));
  program.constant_bytes = static_cast<int64_t>(program.constants.size());
  in.raw(program.constants.data(), program.constants.size());
  program.scratch_bytes = in.number<int64_t>();
  program.scratchpad_high_water_bytes = in.number<int64_t>();
  program.accumulator_high_water_rows = in.number<int64_t>();
  program.ops.resize(in.count(kLeastOpBytes));
  for (OpRange& op : program.ops) {
    op.first = in.number<uint32_t>(), op.last = in.number<uint32_t>(), op.tag = in.number<uint16_t>();
    op.name = in.text(), op.kind = in.text(), op.plan = in.text();
    op.macs = in.number<int64_t>(), op.dram_read_bytes = in.number<int64_t>();
    op.dram_write_bytes = in.number<int64_t>(), op.on_chip_bytes = in.number<int64_t>();
    op.scratchpad_bytes = in.number<int64_t>(), op.resident_bytes = in.number<int64_t>();
    op.accumulator_rows = in.number<int64_t>();
  }
  if (in.cut_short() || !in.at_end()) return damaged("cut short, or more behind the end");
  SYSTOLE_RETURN_IF_ERROR(check(program, list));
  return program;
}

}  // namespace systole::npu
