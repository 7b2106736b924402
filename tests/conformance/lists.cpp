// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/lists.h"

namespace systole::conformance {

std::shared_ptr<CommandList> fill_list(std::shared_ptr<Device> device, std::shared_ptr<Buffer> buffer, int64_t offset,
                                       int64_t bytes, uint8_t value) {
  auto list = std::make_shared<CommandList>(std::move(device), "fill");
  require_ok(list->fill(byte_view(std::move(buffer), offset, bytes), bytes, value, 1), "record a fill");
  require_ok(list->end(), "end");
  return list;
}

std::shared_ptr<CommandList> copy_list(std::shared_ptr<Device> device, const TensorView& from, const TensorView& to) {
  auto list = std::make_shared<CommandList>(std::move(device), "copy");
  require_ok(list->copy(from, to, from.desc.span_bytes()), "record a copy");
  require_ok(list->end(), "end");
  return list;
}

Queue& queue_of(Context& context, int index) {
  return *take(context.device->queue(index), "queue " + std::to_string(index));
}

uint64_t submit(Queue& queue, std::vector<SemaphorePoint> waits, std::vector<std::shared_ptr<CommandList>> lists,
                std::vector<SemaphorePoint> signals, Bindings bindings) {
  return take(queue.submit({std::move(waits), std::move(lists), std::move(bindings), std::move(signals), nullptr}),
              "submit");
}

void run(Context& context, std::shared_ptr<CommandList> list, Bindings bindings) {
  require_ok(run_and_wait(*context.device, std::move(list), std::move(bindings)), "run");
}

void require_reached(const Timeline& timeline, uint64_t value, const std::string& what) {
  require_ok(timeline->wait(value, after(kPatience)), what);
}

void require_failed(const Timeline& timeline, uint64_t value, Code code, const std::string& what) {
  require_code(timeline->wait(value, after(kPatience)), code, what);
}

void require_content(Buffer& buffer, int64_t offset, const Bytes& expected, const std::string& what) {
  const Bytes got = read_bytes(buffer, offset, static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    if (got[i] == expected[i]) continue;
    throw Failure(what + ": byte " + std::to_string(i) + ": got " + std::to_string(std::to_integer<int>(got[i])) +
                  ", expected " + std::to_string(std::to_integer<int>(expected[i])));
  }
}

}  // namespace systole::conformance
