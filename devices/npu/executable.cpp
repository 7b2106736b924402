// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/executable.h"

#include <cstring>

#include "devices/npu/op_profile.h"
#include "devices/npu/program_image.h"

namespace systole::npu {
namespace {

// A core's program and what it has in device memory.
struct Placed {
  Program program;
  DeviceBlock constants = {}, scratch = {}, records = {};
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
  Status check_buffers(const Program& program) const;
  Status place(Placed& core);
  Result<uint64_t> base_of(const Placed& core, const Relocation& relocation, const Bindings* bindings) const;
  Status patch(Placed& core, const Bindings* bindings);
  void patch_fences();
  Status execute();

  std::weak_ptr<Device> device_;  // only compared: lists and queues keep the device
  std::shared_ptr<Hardware> hardware_;
  std::vector<Placed> cores_;
  std::vector<Actions> actions_;  // by op, of all cores; empty where the hardware has no energy table
  int64_t prepared_bytes_ = 0;
};

Status NpuExecutable::check_buffers(const Program& program) const {
  const auto device = device_.lock();
  for (const Relocation& relocation : program.relocations) {
    if (relocation.target != Target::kBuffer) continue;
    const Buffer& buffer = *program.buffers[static_cast<size_t>(relocation.index)];
    if (buffer.device() == device.get()) continue;
    return Status(Code::kUnsupported, "buffer '" + buffer.params().name + "' is not memory of " + device->info().uri +
                                          ": copy it there first (constants are packed only where they are frozen)");
  }
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
  SYSTOLE_RETURN_IF_ERROR(check_buffers(program));
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
  return patch(core, nullptr);
}

Result<uint64_t> NpuExecutable::base_of(const Placed& core, const Relocation& relocation,
                                        const Bindings* bindings) const {
  const auto index = static_cast<size_t>(relocation.index);
  switch (relocation.target) {
    case Target::kBuffer:
      return core.program.buffers[index]->device_address();
    case Target::kConstants:
      return core.constants.address();
    case Target::kScratch:
      return core.scratch.address();
    case Target::kRecords:
      return core.records.address();
    case Target::kOnChip:  // has no relocation
    case Target::kSlot:
      break;
  }
  const TensorView& bound = bindings->slots[index];
  const auto device = device_.lock();
  if (bound.buffer->device() != device.get()) {
    return Status(Code::kUnsupported, "slot " + std::to_string(index) + " is bound to buffer '" +
                                          bound.buffer->params().name + "', which is not memory of this NPU");
  }
  return bound.buffer->device_address() + static_cast<uint64_t>(bound.offset);
}

// Slots alone with bindings, everything else without.
Status NpuExecutable::patch(Placed& core, const Bindings* bindings) {
  for (const Relocation& relocation : core.program.relocations) {
    if ((relocation.target == Target::kSlot) != (bindings != nullptr)) continue;
    SYSTOLE_ASSIGN_OR_RETURN(const uint64_t base, base_of(core, relocation, bindings));
    patch_address(core.program.descriptors[relocation.descriptor], base + static_cast<uint64_t>(relocation.offset));
  }
  return {};
}

// Sequences count on from what was submitted before; the first core's last op alone interrupts, which all have ended
// by then.
void NpuExecutable::patch_fences() {
  const uint64_t first = hardware_->fences + 1;
  for (Placed& core : cores_) {
    Program& program = core.program;
    for (size_t i = 0; i < ops(); ++i) {
      patch_fence(program.descriptors[program.ops[i].last], first + i, &core == &cores_[0] && i + 1 == ops());
    }
  }
  hardware_->fences += ops();
}

Status NpuExecutable::execute() {
  Driver& driver = hardware_->driver;
  std::vector<Driver::Descriptors> lists;
  for (const Placed& core : cores_) lists.emplace_back(core.program.descriptors);
  SYSTOLE_RETURN_IF_ERROR(driver.submit_to_cores(std::move(lists)));
  return driver.wait_fence(hardware_->fences);
}

Result<std::vector<std::byte>> NpuExecutable::save(const CommandList& list) const {
  std::lock_guard lock(hardware_->mutex);
  if (cores_.size() > 1)
    return Status(Code::kUnsupported,
                  "compiled commands are saved for one core, this NPU has " + std::to_string(cores_.size()));
  Program whole = cores_[0].program;  // its addresses are filled in, and will be again
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
  for (Placed& core : cores_) SYSTOLE_RETURN_IF_ERROR(patch(core, &bindings));
  patch_fences();
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
