// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/npu_compiler/harness.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "configs/spec/load.h"
#include "devices/ref/ref_device.h"
#include "hal/numeric/bf16.h"
#include "hal/queue.h"
#include "hal/registry.h"
#include "rtl/interpreter/interpreter.h"

namespace systole::npu::testing {
namespace {

constexpr std::byte kUntouched{0xa5};

std::vector<std::byte> random_bytes(const TensorDesc& desc, std::mt19937& random) {
  std::vector<std::byte> bytes(static_cast<size_t>(std::max<int64_t>(1, desc.span_bytes())));
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto size = static_cast<size_t>(bytes_for(desc.dtype, 1));
  for (size_t at = 0; at + size <= bytes.size(); at += size) {
    if (desc.dtype == DType::kBF16) {
      const uint16_t v = numeric::to_bf16(uniform(random)).bits;
      std::memcpy(&bytes[at], &v, 2);
    } else if (desc.dtype == DType::kF32) {
      const float v = uniform(random);
      std::memcpy(&bytes[at], &v, 4);
    } else if (desc.dtype == DType::kI32) {
      const int32_t v = static_cast<int32_t>(random() % 20001) - 10000;
      std::memcpy(&bytes[at], &v, 4);
    } else {
      bytes[at] = static_cast<std::byte>(random() & 0xff);
      for (size_t b = 1; b < size; ++b) bytes[at + b] = static_cast<std::byte>(random() & 0xff);
    }
  }
  return bytes;
}

Result<TensorView> make_view(const std::shared_ptr<Device>& device, const TensorDesc& desc,
                             const std::vector<std::byte>& content, bool constant) {
  BufferParams params;
  params.size = static_cast<int64_t>(content.size());
  params.kind = constant ? MemoryKind::kConstant : MemoryKind::kHostVisible;
  std::shared_ptr<Buffer> buffer;
  if (constant) {
    SYSTOLE_ASSIGN_OR_RETURN(buffer, allocate_host(params));
  } else {
    SYSTOLE_ASSIGN_OR_RETURN(buffer, device->allocate(params));
  }
  SYSTOLE_ASSIGN_OR_RETURN(const std::span<std::byte> bytes, buffer->map(0, params.size, MapAccess::kWrite));
  std::memcpy(bytes.data(), content.data(), content.size());
  buffer->unmap();
  if (constant) buffer->freeze();
  TensorView view;
  view.buffer = buffer, view.desc = desc;
  return view;
}

std::vector<std::byte> content(Buffer& buffer) {
  auto bytes = buffer.map(0, buffer.size(), MapAccess::kRead);
  std::vector<std::byte> copy(bytes.value().begin(), bytes.value().end());
  buffer.unmap();
  return copy;
}

float real_at(const std::vector<std::byte>& bytes, size_t at, DType type) {
  if (type == DType::kBF16) {
    numeric::BF16 v;
    std::memcpy(&v.bits, &bytes[at], 2);
    return numeric::to_f32(v);
  }
  float v = 0;
  std::memcpy(&v, &bytes[at], 4);
  return v;
}

std::string compare(const std::vector<std::byte>& got, const std::vector<std::byte>& want, DType type, int64_t terms) {
  const auto size = static_cast<size_t>(byte_size(type));
  for (size_t at = 0; at + size <= want.size(); at += size) {
    if (std::memcmp(&got[at], &want[at], size) == 0) continue;
    if (type != DType::kBF16 && type != DType::kF32) {
      return "byte " + std::to_string(at) + ": expected " + std::to_string(static_cast<int>(want[at])) + ", got " +
             std::to_string(static_cast<int>(got[at]));
    }
    const float g = real_at(got, at, type), w = real_at(want, at, type);
    const double output = type == DType::kBF16 ? 0x1p-7 : 0x1p-22;
    if (!(std::abs(static_cast<double>(g) - w) <= output * std::abs(w) + static_cast<double>(terms) * 0x1p-21)) {
      return "element at byte " + std::to_string(at) + ": expected " + std::to_string(w) + ", got " + std::to_string(g);
    }
  }
  return "";
}

template <typename Command>
contract::Descriptor without_wait(Command command, uint32_t semaphore) {
  contract::Header& h = command.header;
  if (h.wait0_count && h.wait0_id == semaphore) h.wait0_id = h.wait0_count = 0;
  if (h.wait1_count && h.wait1_id == semaphore) h.wait1_id = h.wait1_count = 0;
  return contract::encode(command);
}

void remove_waits(Program& program, uint32_t semaphore) {
  for (contract::Descriptor& d : program.descriptors) {
    switch (contract::opcode(d)) {
      case contract::Opcode::kLoad:
        d = without_wait(contract::decode_load(d), semaphore);
        break;
      case contract::Opcode::kStore:
        d = without_wait(contract::decode_store(d), semaphore);
        break;
      case contract::Opcode::kPreload:
        d = without_wait(contract::decode_preload(d), semaphore);
        break;
      case contract::Opcode::kCompute:
        d = without_wait(contract::decode_compute(d), semaphore);
        break;
      case contract::Opcode::kVector:
        d = without_wait(contract::decode_vector(d), semaphore);
        break;
      default:
        break;
    }
  }
}

// The driver's part: places everything, fills the addresses in, runs, and gives the output's bytes.
std::string run_program(Program program, const spec::NpuSpec& spec, const std::shared_ptr<Buffer>& y,
                        const std::vector<std::byte>& untouched, uint32_t order, std::vector<std::byte>& result,
                        uint64_t& executed) {
  int64_t top = kConstantAlignment;
  const auto place = [&](int64_t bytes) {
    const int64_t at = top;
    top += (bytes + 2 * kConstantAlignment - 1) / kConstantAlignment * kConstantAlignment;
    return at;
  };
  std::vector<int64_t> base;
  for (const auto& buffer : program.buffers) base.push_back(place(buffer->size()));
  const int64_t constants = place(static_cast<int64_t>(program.constants.size()));
  const int64_t scratch = place(program.scratch_bytes), records = place(static_cast<int64_t>(program.ops.size()) * 64);
  reference::Interpreter machine(spec, static_cast<size_t>(top), order);
  int64_t y_at = -1;
  for (size_t i = 0; i < program.buffers.size(); ++i) {
    const std::vector<std::byte> bytes = program.buffers[i] == y ? untouched : content(*program.buffers[i]);
    if (program.buffers[i] == y) y_at = base[i];
    std::memcpy(machine.dram().data() + base[i], bytes.data(), bytes.size());
  }
  if (!program.constants.empty())
    std::memcpy(machine.dram().data() + constants, program.constants.data(), program.constants.size());
  for (const Relocation& r : program.relocations) {
    int64_t at = 0;
    switch (r.target) {
      case Target::kBuffer:
        at = base[static_cast<size_t>(r.index)];
        break;
      case Target::kConstants:
        at = constants;
        break;
      case Target::kOnChip:  // has no relocation
      case Target::kScratch:
        at = scratch;
        break;
      case Target::kRecords:
        at = records;
        break;
      case Target::kSlot:
        return "a slot in a list without slots";
    }
    patch_address(program.descriptors[r.descriptor], static_cast<uint64_t>(at + r.offset));
  }
  if (std::string error = machine.run(program.descriptors); !error.empty()) return error;
  if (machine.last_fence() != program.ops.size()) return "the last fence is " + std::to_string(machine.last_fence());
  executed = machine.executed();
  result = untouched;
  if (y_at >= 0) std::memcpy(result.data(), machine.dram().data() + y_at, result.size());
  return "";
}

}  // namespace

std::shared_ptr<Device> reference() {
  static const std::shared_ptr<Device> device = [] {
    Registry registry;
    (void)registry.add(ref_driver());
    return registry.open("ref").value();
  }();
  return device;
}

spec::NpuSpec preset(const std::string& name) { return spec::load_npu_spec(name).value(); }

std::shared_ptr<const Quantization> quantized(float scale, int32_t zero) {
  return std::make_shared<Quantization>(Quantization{{scale}, {zero}, -1});
}

std::shared_ptr<const Quantization> quantized_channels(std::mt19937& random, int64_t channels, float scale,
                                                       int32_t zero, int axis) {
  Quantization q;
  std::uniform_real_distribution<float> uniform(0.25f, 1.5f);
  for (int64_t i = 0; i < channels; ++i) q.scale.push_back(scale * uniform(random)), q.zero_point.push_back(zero);
  q.axis = axis;
  return std::make_shared<Quantization>(std::move(q));
}

TensorDesc image(DType type, Shape shape, std::shared_ptr<const Quantization> quant, int64_t gap) {
  TensorDesc d = channels_last(type, std::move(shape), std::move(quant));
  const int64_t pixel = d.shape[1] * byte_size(type) + gap;
  d.strides = {pixel * d.shape[2] * d.shape[3], byte_size(type), pixel * d.shape[3], pixel};
  return d;
}

Outcome check(const Case& test, const spec::NpuSpec& spec, uint32_t seed, int orders, int64_t terms) {
  return check_without(-1, test, spec, seed, orders, terms);
}

Outcome check_without(int semaphore, const Case& test, const spec::NpuSpec& spec, uint32_t seed, int orders,
                      int64_t terms) {
  Outcome outcome;
  std::mt19937 random(seed);
  const Compiler compiler(spec);
  if (const Support support = compiler.supports(test.op); !support.yes)
    return outcome.error = "refused: " + support.reason, outcome;
  auto list = std::make_shared<CommandList>(reference());
  OpCall call{test.op.op, {}, {}, test.op.name};
  for (size_t i = 0; i < test.op.inputs.size(); ++i) {
    const bool shares = !test.at.empty() && i > 0;
    TensorDesc content = test.op.inputs[i];
    if (!test.at.empty()) {
      int64_t end = 0;
      for (size_t k = 0; k < test.at.size(); ++k) end = std::max(end, test.at[k] + test.op.inputs[k].span_bytes());
      content = row_major(content.dtype, {end / byte_size(content.dtype)});
    }
    auto view = shares ? call.inputs[0]
                       : make_view(reference(), content, random_bytes(content, random),
                                   i < test.constant.size() && test.constant[i]);
    if (!view.ok()) return outcome.error = view.status().to_string(), outcome;
    view->desc = test.op.inputs[i];
    if (!test.at.empty()) view->offset = test.at[i];
    call.inputs.push_back(view.value());
  }
  const std::vector<std::byte> untouched(static_cast<size_t>(std::max<int64_t>(1, test.op.outputs[0].span_bytes())),
                                         kUntouched);
  auto y = make_view(reference(), test.op.outputs[0], untouched, false);
  call.outputs.push_back(y.value());
  if (Status s = list->op(call); !s.ok()) return outcome.error = s.to_string(), outcome;
  Result<Program> program = compiler.compile(*list);
  if (!program.ok()) return outcome.error = "compile: " + program.status().to_string(), outcome;
  if (Status s = list->end(); !s.ok()) return outcome.error = s.to_string(), outcome;
  if (Status s = run_and_wait(*reference(), list); !s.ok()) return outcome.error = s.to_string(), outcome;
  const std::vector<std::byte> want = content(*y.value().buffer);
  outcome.descriptors = program.value().descriptors.size();
  if (semaphore >= 0) remove_waits(program.value(), static_cast<uint32_t>(semaphore));
  for (int order = 0; order < orders; ++order) {
    std::vector<std::byte> got;
    std::string error = run_program(program.value(), spec, y.value().buffer, untouched,
                                    seed * 31 + static_cast<uint32_t>(order), got, outcome.commands);
    if (error.empty()) error = compare(got, want, test.op.outputs[0].dtype, terms);
    if (!error.empty())
      return outcome.error = error + " [order " + std::to_string(order) + ", " + program.value().ops[0].plan + "]",
             outcome;
  }
  outcome.program = std::move(program).value();
  return outcome;
}

std::string check_bytes(int64_t bytes, const spec::NpuSpec& spec, int pattern_bytes) {
  std::mt19937 random(11);
  const TensorDesc desc = row_major(DType::kU8, {2 * bytes + 8});
  const std::vector<std::byte> untouched(static_cast<size_t>(desc.span_bytes()), kUntouched);
  TensorView from = make_view(reference(), desc, random_bytes(desc, random), false).value();
  const TensorView y = make_view(reference(), desc, untouched, false).value();
  TensorView to = y;
  from.offset = 3;
  auto list = std::make_shared<CommandList>(reference());
  if (Status s = list->copy(from, to, bytes); !s.ok()) return s.to_string();
  to.offset = bytes + 4;
  if (Status s = list->fill(
          to, bytes, 0x12345678u & (pattern_bytes == 4 ? 0xffffffffu : (1u << (8 * pattern_bytes)) - 1), pattern_bytes);
      !s.ok())
    return s.to_string();
  const Result<Program> program = Compiler(spec).compile(*list);
  if (!program.ok()) return program.status().to_string();
  if (Status s = list->end(); !s.ok()) return s.to_string();
  if (Status s = run_and_wait(*reference(), list); !s.ok()) return s.to_string();
  std::vector<std::byte> got;
  uint64_t executed = 0;
  if (std::string error = run_program(program.value(), spec, y.buffer, untouched, 1, got, executed); !error.empty())
    return error;
  return compare(got, content(*y.buffer), DType::kU8, 1);
}

}  // namespace systole::npu::testing
