// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/executable.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "devices/npu/op_profile.h"
#include "devices/npu/program_image.h"

namespace systole::npu {
namespace {

// Device addresses that relocations count from; of buffers and slots, those that any names.
struct Bases {
  std::vector<uint64_t> buffers, slots;
  uint64_t constants = 0, scratch = 0, records = 0;

  uint64_t address(const Relocation& relocation) const {
    return base(relocation.target, static_cast<size_t>(relocation.index)) + static_cast<uint64_t>(relocation.offset);
  }

 private:
  uint64_t base(Target target, size_t index) const {
    switch (target) {
      case Target::kBuffer:
        return buffers[index];
      case Target::kSlot:
        return slots[index];
      case Target::kConstants:
        return constants;
      case Target::kScratch:
        return scratch;
      case Target::kRecords:
        return records;
      case Target::kOnChip:  // has no relocation
        break;
    }
    return 0;
  }
};

// A core's program and what it has in device memory.
struct Placed {
  Program program;
  DeviceBlock constants = {}, scratch = {}, records = {};
  Bases bases = {};
  std::vector<size_t> slots = {};  // that its commands address
};

// What goes into a core's ring, op by op, with every address filled in. Fences' sequences count on from `first`; the
// last one interrupts, if any does.
class Commands {
 public:
  Commands(const Placed& core, uint64_t first, bool interrupts)
      : program_(core.program), bases_(core.bases), first_(first), interrupts_(interrupts) {}

  Driver::Descriptors next() {
    if (op_ == program_.ops.size()) return {};
    commands_.clear();
    relocations_.clear();
    expand(program_, op_, commands_, relocations_);
    for (const Relocation& each : relocations_) patch_address(commands_[each.descriptor], bases_.address(each));
    patch_fence(commands_.back(), first_ + op_, interrupts_ && op_ + 1 == program_.ops.size());
    ++op_;
    return commands_;
  }

 private:
  const Program& program_;
  const Bases& bases_;
  uint64_t first_;
  bool interrupts_;
  size_t op_ = 0;
  std::vector<contract::Descriptor> commands_;
  std::vector<Relocation> relocations_;
};

class NpuExecutable final : public Executable {
 public:
  NpuExecutable(std::shared_ptr<Device> device, std::shared_ptr<Hardware> hardware, std::vector<Program> programs)
      : device_(device), hardware_(std::move(hardware)) {
    for (Program& program : programs) cores_.push_back({std::move(program)});
  }
  ~NpuExecutable() override { hardware_->prepared_bytes -= prepared_bytes_; }

  Status place();
  Status run(const Bindings& bindings, Profile* profile) override;
  Result<std::vector<std::byte>> save(const CommandList& list) const override;

 private:
  size_t ops() const { return cores_[0].program.ops.size(); }
  Status place(Placed& core);
  Status find_bases(Placed& core) const;
  Status bind(Placed& core, const Bindings& bindings) const;
  Status execute();

  std::weak_ptr<Device> device_;  // only compared: lists and queues keep the device
  std::shared_ptr<Hardware> hardware_;
  std::vector<Placed> cores_;
  std::vector<Actions> actions_;  // by op, of all cores; empty where the hardware has no energy table
  int64_t prepared_bytes_ = 0;
};

// All but those of slots, and which slots there are.
Status NpuExecutable::find_bases(Placed& core) const {
  const auto device = device_.lock();
  const Program& program = core.program;
  core.bases.buffers.resize(program.buffers.size());
  for (const Relocation& relocation : program.relocations) {
    const auto index = static_cast<size_t>(relocation.index);
    if (relocation.target == Target::kSlot) core.slots.push_back(index);
    if (relocation.target != Target::kBuffer) continue;
    const Buffer& buffer = *program.buffers[index];
    if (buffer.device() != device.get())
      return Status(Code::kUnsupported, "buffer '" + buffer.params().name + "' is not memory of " + device->info().uri +
                                            ": copy it there first (constants are packed only where they are frozen)");
    core.bases.buffers[index] = buffer.device_address();
  }
  std::sort(core.slots.begin(), core.slots.end());
  core.slots.erase(std::unique(core.slots.begin(), core.slots.end()), core.slots.end());
  core.bases.slots.resize(core.slots.empty() ? 0 : core.slots.back() + 1);
  return {};
}

Status NpuExecutable::place() {
  for (Placed& core : cores_) SYSTOLE_RETURN_IF_ERROR(place(core));
  if (hardware_->spec.energy.table.empty()) return {};
  actions_.resize(ops());
  for (const Placed& core : cores_)
    for (size_t i = 0; i < ops(); ++i) {
      const OpRange& op = core.program.ops[i];
      actions_[i] += count_actions(std::span(core.program.descriptors).subspan(op.first, op.last - op.first));
    }
  return {};
}

Status NpuExecutable::place(Placed& core) {
  Program& program = core.program;
  SYSTOLE_RETURN_IF_ERROR(find_bases(core));
  const auto constant_bytes = program.constant_bytes;
  const auto record_bytes = static_cast<int64_t>(program.ops.size() * kRecordBytes);
  SYSTOLE_ASSIGN_OR_RETURN(core.constants,
                           DeviceBlock::allocate(hardware_, constant_bytes, kConstantAlignment, "packed constants"));
  SYSTOLE_ASSIGN_OR_RETURN(core.scratch,
                           DeviceBlock::allocate(hardware_, program.scratch_bytes, kConstantAlignment, "scratch"));
  SYSTOLE_ASSIGN_OR_RETURN(core.records, DeviceBlock::allocate(hardware_, record_bytes, kRecordBytes, "fence records"));
  if (!program.constants.empty() && hardware_->functional) {
    std::memcpy(core.constants.bytes(), program.constants.data(), program.constants.size());
  }
  std::vector<std::byte>().swap(program.constants);
  prepared_bytes_ += constant_bytes;
  hardware_->prepared_bytes += constant_bytes;
  core.bases.constants = core.constants.address();
  core.bases.scratch = core.scratch.address();
  core.bases.records = core.records.address();
  return {};
}

Status NpuExecutable::bind(Placed& core, const Bindings& bindings) const {
  const auto device = device_.lock();
  for (const size_t slot : core.slots) {
    const TensorView& bound = bindings.slots[slot];
    if (bound.buffer->device() != device.get())
      return Status(Code::kUnsupported, "slot " + std::to_string(slot) + " is bound to buffer '" +
                                            bound.buffer->params().name + "', which is not memory of this NPU");
    core.bases.slots[slot] = bound.buffer->device_address() + static_cast<uint64_t>(bound.offset);
  }
  return {};
}

// Sequences count on from what was submitted before; the first core's last op alone interrupts, which all have ended
// by then.
Status NpuExecutable::execute() {
  Driver& driver = hardware_->driver;
  std::deque<Commands> commands;
  std::vector<Driver::Source> sources;
  for (const Placed& core : cores_) {
    Commands& of_core = commands.emplace_back(core, hardware_->fences + 1, &core == &cores_[0]);
    sources.emplace_back([&of_core] { return of_core.next(); });
  }
  hardware_->fences += ops();
  SYSTOLE_RETURN_IF_ERROR(driver.submit_to_cores(sources));
  return driver.wait_fence(hardware_->fences);
}

Result<std::vector<std::byte>> NpuExecutable::save(const CommandList& list) const {
  std::lock_guard lock(hardware_->mutex);
  if (cores_.size() > 1)
    return Status(Code::kUnsupported,
                  "compiled commands are saved for one core, this NPU has " + std::to_string(cores_.size()));
  Program whole = flat(cores_[0].program);
  if (prepared_bytes_ > 0 && !hardware_->functional)
    return Status(Code::kFailedPrecondition, "functional=off keeps no packed constants to save");
  const std::byte* constants = cores_[0].constants.bytes();
  if (prepared_bytes_ > 0) whole.constants.assign(constants, constants + prepared_bytes_);
  for (const Relocation& relocation : whole.relocations) patch_address(whole.descriptors[relocation.descriptor], 0);
  for (const OpRange& op : whole.ops) patch_fence(whole.descriptors[op.last], 0, false);
  return write_image(whole, list, hardware_->spec);
}

Status NpuExecutable::run(const Bindings& bindings, Profile* profile) {
  if (ops() == 0) return {};
  std::lock_guard lock(hardware_->mutex);
  Driver& driver = hardware_->driver;
  if (driver.failed()) SYSTOLE_RETURN_IF_ERROR(driver.reset());
  for (Placed& core : cores_) SYSTOLE_RETURN_IF_ERROR(bind(core, bindings));
  SYSTOLE_ASSIGN_OR_RETURN(PerfCounters start, driver.counters());
  CountersByTag before;
  if (profile) before = driver.transport().counters_by_tag();
  const Status status = execute();
  if (profile && status.ok()) {
    SYSTOLE_ASSIGN_OR_RETURN(start.cycles, driver.start_cycles());
    std::vector<const std::byte*> records;
    for (const Placed& core : cores_) records.push_back(core.records.bytes());
    append_records(*profile, cores_[0].program.ops, actions_, records, start, *hardware_, before);
    if (hardware_->tracing) append_spans(*profile, *hardware_);
  }
  const auto races = driver.transport().take_race_reports();
  if (status.ok() && !races.empty()) {
    return Status(Code::kInternal,
                  "the program races (" + std::to_string(races.size()) + " reports): " + races.front());
  }
  return status;
}

}  // namespace

Result<std::shared_ptr<Executable>> make_executable(std::shared_ptr<Device> device, std::shared_ptr<Hardware> hardware,
                                                    std::vector<Program> programs) {
  auto executable = std::make_shared<NpuExecutable>(std::move(device), std::move(hardware), std::move(programs));
  SYSTOLE_RETURN_IF_ERROR(executable->place());
  return std::shared_ptr<Executable>(std::move(executable));
}

}  // namespace systole::npu
