// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What goes wrong, and how it is told: names, support, memory, a failure that travels, a deadline.
#include <cstdio>

#include "host.h"

using namespace guide;

int unexpected = 0;

void show(const char* what, const Status& status, Code expected) {
  std::printf("%-10s %s\n", what, status.to_string().c_str());
  if (status.code() != expected) ++unexpected;
}

Status run() {
  show("name", open_device("npu:edge-16x61").status(), Code::kNotFound);
  show("option", open_device("npu:edge-16x16?watchdogs=5").status(), Code::kInvalidArgument);

  // supports() answers before anything is allocated; recording the op gives the same reason at end().
  SYSTOLE_ASSIGN_OR_RETURN(auto device, open_device("npu:gemmini-16x16"));
  const TensorDesc square = row_major(DType::kBF16, {16, 16});
  const Support support = device->supports({Matmul{}, {square, square}, {square}, "product"});
  std::printf("%-10s %s\n", "supports", support.yes ? "yes" : support.reason.c_str());
  if (support.yes) ++unexpected;

  const int64_t tebi = int64_t{1} << 40;
  show("memory", device->allocate({tebi, 0, MemoryKind::kDeviceLocal, "too much"}).status(), Code::kOutOfMemory);

  // A range outside its buffer is found when it is recorded.
  SYSTOLE_ASSIGN_OR_RETURN(auto small, tensor(*device, DType::kI8, {4}, "small"));
  CommandList list(device, "copy");
  show("record", list.copy(small, small, 5), Code::kOutOfRange);

  // A submission that waits for a timeline that fails never runs; the failure arrives at its own signals.
  auto input = std::make_shared<Semaphore>(), output = std::make_shared<Semaphore>();
  SYSTOLE_ASSIGN_OR_RETURN(Queue * queue, device->queue());
  Submission submission;
  submission.waits = {{input, 1}};
  submission.signals = {{output, 1}};
  SYSTOLE_ASSIGN_OR_RETURN([[maybe_unused]] const uint64_t sequence, queue->submit(std::move(submission)));
  show("deadline", output->wait(1, after(std::chrono::milliseconds(5))), Code::kDeadlineExceeded);
  input->fail({Code::kDataLoss, "the camera is gone"});
  show("travels", output->wait(1), Code::kDataLoss);
  return {};
}

int main() {
  const Status status = run();
  if (!status.ok()) std::fprintf(stderr, "errors: %s\n", status.to_string().c_str());
  return status.ok() && unexpected == 0 ? 0 : 1;
}
