// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Writes the descriptors that the compiler makes of small ops, a file an op: seeds for fuzz_commands. seed_commands
// FOLDER
#include <filesystem>
#include <fstream>
#include <iostream>

#include "devices/npu/compiler/compiler.h"
#include "devices/ref/ref_device.h"
#include "fuzz/small_npu.h"
#include "hal/command_list.h"
#include "hal/registry.h"

using namespace systole;

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: seed_commands FOLDER\n", 2;
  Registry registry;
  if (!registry.add(ref_driver()).ok()) return 1;
  const std::shared_ptr<Device> device = registry.open("ref").value();
  const auto bf16 = [](Shape shape) { return row_major(DType::kBF16, std::move(shape)); };
  const std::pair<const char*, OpDesc> ops[] = {
      {"matmul", {Matmul{}, {bf16({6, 10}), bf16({10, 7})}, {bf16({6, 7})}, ""}},
      {"conv",
       {Conv2d{},
        {channels_last(DType::kBF16, {1, 3, 6, 6}), bf16({5, 3, 3, 3})},
        {channels_last(DType::kBF16, {1, 5, 4, 4})},
        ""}},
      {"softmax", {Softmax{}, {bf16({5, 9})}, {bf16({5, 9})}, ""}},
      {"normalize", {Normalize{}, {bf16({4, 16})}, {bf16({4, 16})}, ""}},
      {"attention", {Attention{0.5f}, {bf16({2, 6, 8}), bf16({2, 9, 8}), bf16({2, 9, 4})}, {bf16({2, 6, 4})}, ""}},
      {"gelu", {Unary{UnaryKind::kGeluErf}, {bf16({40})}, {bf16({40})}, ""}}};
  std::filesystem::create_directories(argv[1]);
  for (const auto& [name, desc] : ops) {
    auto list = std::make_shared<CommandList>(device, name);
    OpCall call{desc.op, {}, {}, name};
    for (const auto* side : {&desc.inputs, &desc.outputs}) {
      for (const TensorDesc& operand : *side) {
        TensorView view;
        view.buffer = device->allocate({operand.span_bytes(), 0, MemoryKind::kDeviceLocal, name}).value();
        view.desc = operand;
        (side == &desc.inputs ? call.inputs : call.outputs).push_back(std::move(view));
      }
    }
    if (Status status = list->op(std::move(call)); !status.ok()) return std::cerr << status.message() << '\n', 1;
    Result<npu::Program> program = npu::Compiler(small_npu()).compile(*list);
    if (!program.ok()) return std::cerr << program.status().message() << '\n', 1;
    for (const npu::Relocation& r : program->relocations)
      npu::patch_address(program->descriptors[r.descriptor], 65536 + static_cast<uint64_t>(r.offset));
    std::ofstream out(std::filesystem::path(argv[1]) / name, std::ios::binary);
    for (const contract::Descriptor& d : program->descriptors)
      out.write(reinterpret_cast<const char*>(d.words.data()), contract::kDescriptorBytes);
    if (!out.flush()) return 1;
  }
  return 0;
}
