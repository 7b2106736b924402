// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 6: order of submissions, failure downstream, cancel, resubmission, bindings.
#include "hal/queue.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

using std::chrono::milliseconds;
const auto kPatience = milliseconds(60000);

std::shared_ptr<CommandList> fill_list(Context& context, std::shared_ptr<Buffer> buffer, int64_t offset, int64_t bytes,
                                       uint8_t value) {
  auto list = std::make_shared<CommandList>(context.device, "fill");
  require_ok(list->fill(byte_view(std::move(buffer), offset, bytes), bytes, value, 1), "record");
  require_ok(list->end(), "end");
  return list;
}

void in_order_on_one_queue(Context& context) {
  Queue* queue = take(context.device->queue(), "queue");
  auto buffer = make_buffer(*context.device, 256);
  auto done = std::make_shared<Semaphore>();
  for (uint64_t i = 1; i <= 20; ++i) {
    auto list = fill_list(context, buffer, 0, 256, static_cast<uint8_t>(i));
    const uint64_t sequence = take(queue->submit({{}, {list}, {}, {{done, i}}, nullptr}), "submit");
    require_equal(sequence, i, "sequence number");
  }
  require_ok(done->wait(20, after(kPatience)), "all done");
  require(read_bytes(*buffer, 0, 256) == Bytes(256, std::byte{20}), "the last one wrote last");
}

void fan_out_and_in(Context& context) {
  auto start = std::make_shared<Semaphore>(), done = std::make_shared<Semaphore>();
  auto buffer = make_buffer(*context.device, 8 * 64);
  std::vector<SemaphorePoint> ends;
  for (int i = 0; i < 8; ++i) {
    Queue* queue = take(context.device->queue(i % context.device->info().queue_count), "queue");
    ends.push_back({std::make_shared<Semaphore>(), 1});
    auto list = fill_list(context, buffer, i * 64, 64, static_cast<uint8_t>(i + 1));
    require_ok(queue->submit({{{start, 1}}, {list}, {}, {ends.back()}, nullptr}).status(), "submit");
  }
  Queue* last = take(context.device->queue(context.device->info().queue_count - 1), "queue");
  require_ok(last->submit({ends, {}, {}, {{done, 1}}, nullptr}).status(), "submit the join");
  require_ok(start->signal(1), "start");
  require_ok(done->wait(1, after(kPatience)), "join");
  for (int i = 0; i < 8; ++i) {
    require(read_bytes(*buffer, i * 64, 64) == Bytes(64, static_cast<std::byte>(i + 1)), "part " + std::to_string(i));
  }
}

void failure_passes_downstream(Context& context) {
  Queue* queue = take(context.device->queue(), "queue");
  auto buffer = make_buffer(*context.device, Bytes(64, std::byte{0}));
  auto bad = std::make_shared<Semaphore>(), first = std::make_shared<Semaphore>(),
       second = std::make_shared<Semaphore>();
  auto free = std::make_shared<Semaphore>();
  auto list = fill_list(context, buffer, 0, 64, 1);
  require_ok(queue->submit({{{bad, 1}}, {list}, {}, {{first, 1}}, nullptr}).status(), "submit");
  require_ok(queue->submit({{{first, 1}}, {list}, {}, {{second, 1}}, nullptr}).status(), "submit");
  require_ok(queue->submit({{}, {}, {}, {{free, 1}}, nullptr}).status(), "submit what waits for nothing");
  bad->fail(Status(Code::kDeviceFault, "the cause").with_origin("somewhere"));
  require_code(second->wait(1, after(kPatience)), Code::kDeviceFault, "two steps downstream");
  require_equal(second->failure().message(), std::string("the cause"), "message is kept");
  require_equal(second->failure().origin(), std::string("somewhere"), "origin is kept");
  require_ok(free->wait(1, after(kPatience)), "a submission that did not wait for it");
  require(read_bytes(*buffer, 0, 64) == Bytes(64, std::byte{0}), "nothing ran");
}

void cancel_what_has_not_started(Context& context) {
  Queue* queue = take(context.device->queue(), "queue");
  auto start = std::make_shared<Semaphore>(), a = std::make_shared<Semaphore>(), b = std::make_shared<Semaphore>();
  require_ok(queue->submit({{{start, 1}}, {}, {}, {{a, 1}}, nullptr}).status(), "submit");
  const uint64_t second = take(queue->submit({{}, {}, {}, {{b, 1}}, nullptr}), "submit");
  require_ok(queue->cancel(second), "cancel");
  require_code(b->wait(1, after(kPatience)), Code::kCancelled, "its signal");
  require_ok(start->signal(1), "start");
  require_ok(a->wait(1, after(kPatience)), "the other");
  require(!queue->cancel(second).ok(), "cancel twice");
  require(!queue->cancel(999).ok(), "cancel what never was");
  require_ok(queue->wait_idle(after(kPatience)), "idle");
}

void submit_arguments_are_checked(Context& context) {
  Queue* queue = take(context.device->queue(), "queue");
  auto open_list = std::make_shared<CommandList>(context.device);
  require_code(queue->submit({{}, {open_list}, {}, {}, nullptr}).status(), Code::kFailedPrecondition,
               "a list that has not ended");
  require_code(queue->submit({{}, {nullptr}, {}, {}, nullptr}).status(), Code::kInvalidArgument, "no list");
  require_code(queue->submit({{{nullptr, 1}}, {}, {}, {}, nullptr}).status(), Code::kInvalidArgument, "no semaphore");
  auto other = take(context.registry.open("ref"), "open ref");
  auto foreign = std::make_shared<CommandList>(other);
  require_ok(foreign->end(), "end");
  require_code(queue->submit({{}, {foreign}, {}, {}, nullptr}).status(), Code::kInvalidArgument,
               "another device's list");
}

void resubmit(Context& context) {
  auto from = make_buffer(*context.device, 128), to = make_buffer(*context.device, 128);
  auto list = std::make_shared<CommandList>(context.device);
  require_ok(list->copy(byte_view(from, 0, 128), byte_view(to, 0, 128), 128), "record");
  require_ok(list->end(), "end");
  require(!list->copy(byte_view(from, 0, 1), byte_view(to, 0, 1), 1).ok(), "recording after end");
  for (uint32_t i = 0; i < 5; ++i) {
    write_bytes(*from, 0, pattern_bytes(128, i));
    require_ok(run_and_wait(*context.device, list), "run");
    require(read_bytes(*to, 0, 128) == pattern_bytes(128, i), "run " + std::to_string(i));
  }
}

void slots_are_bound_at_submit(Context& context) {
  auto list = std::make_shared<CommandList>(context.device);
  TensorView source, target;
  source.slot = list->add_slot(64, "source");
  target.slot = list->add_slot(64, "target");
  source.desc = target.desc = row_major(DType::kU8, {64});
  require_ok(list->copy(source, target, 64), "record");
  require_ok(list->end(), "end");
  for (uint32_t i = 0; i < 3; ++i) {
    auto from = make_buffer(*context.device, pattern_bytes(200, i)),
         to = make_buffer(*context.device, Bytes(200, std::byte{0}));
    Bindings bindings{{byte_view(from, 64, 64), byte_view(to, 100, 64)}};
    require_ok(run_and_wait(*context.device, list, bindings), "run");
    const Bytes expected = pattern_bytes(200, i);
    require(read_bytes(*to, 100, 64) == Bytes(expected.begin() + 64, expected.begin() + 128),
            "binding " + std::to_string(i));
  }
  auto small = make_buffer(*context.device, 63), big = make_buffer(*context.device, 64);
  require(!run_and_wait(*context.device, list, Bindings{{byte_view(small, 0, 63), byte_view(big, 0, 64)}}).ok(),
          "too small a binding");
  require(!run_and_wait(*context.device, list, Bindings{}).ok(), "no bindings");
}

}  // namespace

std::vector<Test> order_tests() {
  return {{"order", "in_order_on_one_queue", in_order_on_one_queue},
          {"order", "fan_out_and_in", fan_out_and_in},
          {"order", "failure_passes_downstream", failure_passes_downstream},
          {"order", "cancel_what_has_not_started", cancel_what_has_not_started},
          {"order", "submit_arguments_are_checked", submit_arguments_are_checked},
          {"order", "resubmit", resubmit},
          {"order", "slots_are_bound_at_submit", slots_are_bound_at_submit}};
}

}  // namespace systole::conformance
