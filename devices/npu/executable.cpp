// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/executable.h"

#include <cstring>

#include "devices/npu/op_profile.h"
#include "devices/npu/program_image.h"

namespace systole::npu {
namespace {

class NpuExecutable final : public Executable {
 public:
  NpuExecutable(std::shared_ptr<Device> device, std::shared_ptr<Hardware> hardware, Program program)
      : device_(device), hardware_(std::move(hardware)), program_(std::move(program)) {}
  ~NpuExecutable() override { hardware_->prepared_bytes -= prepared_bytes_; }

  Status place();
  Status run(const Bindings& bindings, Profile* profile) override;
  Result<std::vector<std::byte>> save(const CommandList& list) const override;

 private:
  Status check_buffers() const;
  Result<uint64_t> base_of(const Relocation& relocation, const Bindings* bindings) const;
  Status patch(const Bindings* bindings);
  void patch_fences();
  Status execute();

  std::weak_ptr<Device> device_;  // only compared: lists and queues keep the device
  std::shared_ptr<Hardware> hardware_;
  Program program_;
  std::vector<Actions> actions_;  // by op; empty where the hardware has no energy table
  DeviceBlock constants_, scratch_, records_;
  int64_t prepared_bytes_ = 0;
};

Status NpuExecutable::check_buffers() const {
  const auto device = device_.lock();
  for (const Relocation& relocation : program_.relocations) {
    if (relocation.target != Target::kBuffer) continue;
    const Buffer& buffer = *program_.buffers[static_cast<size_t>(relocation.index)];
    if (buffer.device() == device.get()) continue;
    return Status(Code::kUnsupported, "buffer '" + buffer.params().name + "' is not memory of " + device->info().uri +
                                          ": copy it there first (constants are packed only where they are frozen)");
  }
  return {};
}

Status NpuExecutable::place() {
  SYSTOLE_RETURN_IF_ERROR(check_buffers());
  const auto constant_bytes = program_.constant_bytes;
  const auto record_bytes = static_cast<int64_t>(program_.ops.size() * kRecordBytes);
  SYSTOLE_ASSIGN_OR_RETURN(constants_,
                           DeviceBlock::allocate(hardware_, constant_bytes, kConstantAlignment, "packed constants"));
  SYSTOLE_ASSIGN_OR_RETURN(scratch_,
                           DeviceBlock::allocate(hardware_, program_.scratch_bytes, kConstantAlignment, "scratch"));
  SYSTOLE_ASSIGN_OR_RETURN(records_, DeviceBlock::allocate(hardware_, record_bytes, kRecordBytes, "fence records"));
  if (!program_.constants.empty() && hardware_->functional) {
    std::memcpy(constants_.bytes(), program_.constants.data(), program_.constants.size());
  }
  std::vector<std::byte>().swap(program_.constants);
  prepared_bytes_ = constant_bytes;
  hardware_->prepared_bytes += constant_bytes;
  if (!hardware_->spec.energy.table.empty()) {
    for (const OpRange& op : program_.ops)
      actions_.push_back(count_actions(std::span(program_.descriptors).subspan(op.first, op.last - op.first)));
  }
  return patch(nullptr);
}

Result<uint64_t> NpuExecutable::base_of(const Relocation& relocation, const Bindings* bindings) const {
  const auto index = static_cast<size_t>(relocation.index);
  switch (relocation.target) {
    case Target::kBuffer:
      return program_.buffers[index]->device_address();
    case Target::kConstants:
      return constants_.address();
    case Target::kScratch:
      return scratch_.address();
    case Target::kRecords:
      return records_.address();
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
Status NpuExecutable::patch(const Bindings* bindings) {
  for (const Relocation& relocation : program_.relocations) {
    if ((relocation.target == Target::kSlot) != (bindings != nullptr)) continue;
    SYSTOLE_ASSIGN_OR_RETURN(const uint64_t base, base_of(relocation, bindings));
    patch_address(program_.descriptors[relocation.descriptor], base + static_cast<uint64_t>(relocation.offset));
  }
  return {};
}

// Sequences count on from what was submitted before; the last op alone interrupts.
void NpuExecutable::patch_fences() {
  const uint64_t first = hardware_->fences + 1;
  for (size_t i = 0; i < program_.ops.size(); ++i) {
    patch_fence(program_.descriptors[program_.ops[i].last], first + i, i + 1 == program_.ops.size());
  }
  hardware_->fences += program_.ops.size();
}

Status NpuExecutable::execute() {
  Driver& driver = hardware_->driver;
  SYSTOLE_RETURN_IF_ERROR(driver.submit(program_.descriptors));
  return driver.wait_fence(hardware_->fences);
}

Result<std::vector<std::byte>> NpuExecutable::save(const CommandList& list) const {
  std::lock_guard lock(hardware_->mutex);
  Program whole = program_;  // its addresses are filled in, and will be again
  if (prepared_bytes_ > 0 && !hardware_->functional)
    return Status(Code::kFailedPrecondition, "functional=off keeps no packed constants to save");
  if (prepared_bytes_ > 0) whole.constants.assign(constants_.bytes(), constants_.bytes() + prepared_bytes_);
  for (const Relocation& relocation : whole.relocations) patch_address(whole.descriptors[relocation.descriptor], 0);
  for (const OpRange& op : whole.ops) patch_fence(whole.descriptors[op.last], 0, false);
  return write_image(whole, list, hardware_->spec);
}

Status NpuExecutable::run(const Bindings& bindings, Profile* profile) {
  if (program_.ops.empty()) return {};
  std::lock_guard lock(hardware_->mutex);
  Driver& driver = hardware_->driver;
  if (driver.failed()) SYSTOLE_RETURN_IF_ERROR(driver.reset());
  SYSTOLE_RETURN_IF_ERROR(patch(&bindings));
  patch_fences();
  SYSTOLE_ASSIGN_OR_RETURN(PerfCounters start, driver.counters());
  CountersByTag before;
  if (profile) before = driver.transport().counters_by_tag();
  const Status status = execute();
  if (profile && status.ok()) {
    SYSTOLE_ASSIGN_OR_RETURN(start.cycles, driver.start_cycles());
    append_records(*profile, program_.ops, actions_, records_.bytes(), start, *hardware_, before);
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
                                                    Program program) {
  auto executable = std::make_shared<NpuExecutable>(std::move(device), std::move(hardware), std::move(program));
  SYSTOLE_RETURN_IF_ERROR(executable->place());
  return std::shared_ptr<Executable>(std::move(executable));
}

}  // namespace systole::npu
