// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One int8 matmul on the CPU and on a simulated NPU: both profiles, and whether they agree to the bit.
#include <systole/systole.h>

#include <cstdio>
#include <cstring>

using namespace systole;

using Bytes = std::vector<int8_t>;
constexpr int64_t kM = 64, kK = 128, kN = 32;

// y = a b, the sums requantized to int8; constants are host buffers that are frozen.
Result<Bytes> multiply(const std::string& uri, const Bytes& a, const Bytes& b) {
  SYSTOLE_ASSIGN_OR_RETURN(auto device, open_device(uri));
  const auto scale = [](float s) { return std::make_shared<Quantization>(Quantization{{s}, {0}}); };
  TensorView x{nullptr, 0, row_major(DType::kI8, {kM, kK}, scale(0.05f))};
  TensorView w{nullptr, 0, row_major(DType::kI8, {kK, kN}, scale(0.02f))};
  TensorView y{nullptr, 0, row_major(DType::kI8, {kM, kN}, scale(0.5f))};
  SYSTOLE_ASSIGN_OR_RETURN(x.buffer, device->allocate({kM * kK, 0, MemoryKind::kHostVisible, "x"}));
  SYSTOLE_ASSIGN_OR_RETURN(w.buffer, allocate_host({kK * kN, 0, MemoryKind::kConstant, "w"}));
  SYSTOLE_ASSIGN_OR_RETURN(y.buffer, device->allocate({kM * kN, 0, MemoryKind::kHostVisible, "y"}));
  for (const auto& [view, bytes] : {std::pair{&x, &a}, std::pair{&w, &b}}) {
    SYSTOLE_ASSIGN_OR_RETURN(auto memory, view->buffer->map(0, bytes->size(), MapAccess::kWrite));
    std::memcpy(memory.data(), bytes->data(), bytes->size());
    view->buffer->unmap();
    SYSTOLE_RETURN_IF_ERROR(view->buffer->flush(0, bytes->size()));
  }
  w.buffer->freeze();

  auto list = std::make_shared<CommandList>(device, "example");
  SYSTOLE_RETURN_IF_ERROR(list->op({Matmul{}, {x, w}, {y}, "product"}));
  SYSTOLE_RETURN_IF_ERROR(list->end());
  Profile profile;
  SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &profile));
  for (const ProfileRecord& record : profile.records) {
    std::printf("%s: %s %s, %.0f ns (%s)\n", device->info().uri.c_str(), record.op.c_str(), record.name.c_str(),
                record.end_ns - record.start_ns, number_kind_name(record.kind));
    for (const Counter& counter : record.counters) std::printf("  %-24s %ld\n", counter.name.c_str(), counter.value);
  }
  SYSTOLE_RETURN_IF_ERROR(y.buffer->invalidate(0, kM * kN));
  SYSTOLE_ASSIGN_OR_RETURN(auto memory, y.buffer->map(0, kM * kN, MapAccess::kRead));
  const auto* first = reinterpret_cast<const int8_t*>(memory.data());
  return Bytes(first, first + memory.size());
}

int main() {
  Bytes a(kM * kK), b(kK * kN);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<int8_t>(i * 37 % 251 - 125);
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<int8_t>(i * 73 % 253 - 126);
  const auto cpu = multiply("cpu", a, b), npu = multiply("npu:edge-16x16", a, b);
  for (const auto* y : {&cpu, &npu}) {
    if (!y->ok()) return std::fprintf(stderr, "%s\n", y->status().to_string().c_str()), 1;
  }
  std::printf("first values %d %d %d; cpu and npu %s\n", (*cpu)[0], (*cpu)[1], (*cpu)[2],
              *cpu == *npu ? "agree" : "differ");
  return *cpu == *npu ? 0 : 1;
}
