// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One list submitted for several inputs, ordered by a timeline, while another device works; a second thread waits.
#include <cstdio>
#include <thread>

#include "host.h"

using namespace guide;

constexpr int64_t kRows = 32, kDepth = 64, kColumns = 16;

// y = x w, where x and y are bound at every submission. The weights are frozen: devices pack them once, at end().
Result<std::shared_ptr<CommandList>> layer(std::shared_ptr<Device> device) {
  TensorView w;
  w.desc = row_major(DType::kI8, {kDepth, kColumns});
  SYSTOLE_ASSIGN_OR_RETURN(w.buffer, allocate_host({kDepth * kColumns, 0, MemoryKind::kConstant, "w"}));
  SYSTOLE_RETURN_IF_ERROR(write(w, std::vector<int8_t>(kDepth * kColumns, 3)));
  w.buffer->freeze();

  auto list = std::make_shared<CommandList>(device, "layer");
  TensorView x, y;
  x.desc = row_major(DType::kI8, {kRows, kDepth});
  x.slot = list->add_slot(kRows * kDepth, "x");
  y.desc = row_major(DType::kI32, {kRows, kColumns});
  y.slot = list->add_slot(kRows * kColumns * 4, "y");
  SYSTOLE_RETURN_IF_ERROR(list->op({Matmul{}, {x, w}, {y}, "layer"}));
  SYSTOLE_RETURN_IF_ERROR(list->end());
  return list;
}

// Submits the layer for three inputs; `done` reaches i + 1 when result i is in place.
Status submit_all(std::shared_ptr<Device> device, std::vector<TensorView>& results, std::shared_ptr<Semaphore> done) {
  SYSTOLE_ASSIGN_OR_RETURN(auto list, layer(device));
  SYSTOLE_ASSIGN_OR_RETURN(Queue * queue, device->queue());
  for (int8_t i = 0; i < 3; ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(auto x, tensor(*device, DType::kI8, {kRows, kDepth}, "x"));
    SYSTOLE_ASSIGN_OR_RETURN(auto y, tensor(*device, DType::kI32, {kRows, kColumns}, "y"));
    SYSTOLE_RETURN_IF_ERROR(write(x, std::vector<int8_t>(kRows * kDepth, i)));
    Submission submission;
    submission.lists = {list};
    submission.bindings.slots = {x, y};
    submission.signals = {{done, static_cast<uint64_t>(i) + 1}};
    SYSTOLE_ASSIGN_OR_RETURN([[maybe_unused]] const uint64_t sequence, queue->submit(std::move(submission)));
    results.push_back(y);
  }
  return {};
}

Status run() {
  SYSTOLE_ASSIGN_OR_RETURN(auto npu, open_device("npu:edge-16x16"));
  SYSTOLE_ASSIGN_OR_RETURN(auto cpu, open_device("cpu"));
  auto npu_done = std::make_shared<Semaphore>(), cpu_done = std::make_shared<Semaphore>();
  std::thread watcher([npu_done] {
    const Status first = npu_done->wait(1, after(std::chrono::seconds(60)));
    std::printf("first result of the NPU: %s\n", first.ok() ? "there" : first.to_string().c_str());
  });
  std::vector<TensorView> on_npu, on_cpu;
  Status status = submit_all(npu, on_npu, npu_done);
  if (status.ok()) status = submit_all(cpu, on_cpu, cpu_done);
  const std::vector<SemaphorePoint> all = {{npu_done, 3}, {cpu_done, 3}};
  if (status.ok()) status = wait_all(all, after(std::chrono::seconds(60)));
  if (!status.ok()) npu_done->fail(status);  // whoever waits learns of it
  watcher.join();
  SYSTOLE_RETURN_IF_ERROR(status);
  for (int32_t i = 0; i < 3; ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(const auto npu_values, read<int32_t>(on_npu[i]));
    SYSTOLE_ASSIGN_OR_RETURN(const auto cpu_values, read<int32_t>(on_cpu[i]));
    const std::vector<int32_t> expected(kRows * kColumns, i * 3 * kDepth);
    std::printf("input %d: npu %d, cpu %d, expected %d\n", i, npu_values[0], cpu_values[0], expected[0]);
    if (npu_values != expected || cpu_values != expected) return {Code::kInternal, "wrong values"};
  }
  return {};
}

int main() {
  const Status status = run();
  if (!status.ok()) std::fprintf(stderr, "pipeline: %s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}
