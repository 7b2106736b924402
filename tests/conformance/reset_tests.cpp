// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 13: reset at rest, in mid-flight, twice, from many threads, and what outlives it.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

void require_usable(Context& context, const std::string& when) {
  require(context.device->health() == Health::kOk, "healthy " + when);
  auto buffer = make_buffer(*context.device, 256);
  for (int i = 0; i < context.device->info().queue_count; ++i) {
    auto done = timeline();
    submit(queue_of(context, i), {}, {fill_list(context.device, buffer, 0, 256, static_cast<uint8_t>(0x50 + i))},
           {{done, 1}});
    require_reached(done, 1, "a submission " + when);
    require_content(*buffer, 0, Bytes(256, static_cast<std::byte>(0x50 + i)), "what it wrote " + when);
  }
}

void at_rest(Context& context) {
  require_ok(context.device->reset(), "reset of a device that has done nothing");
  require_usable(context, "after the first reset");
  for (int i = 0; i < 3; ++i) require_ok(context.device->reset(), "reset again and again");
  require_usable(context, "after more resets");
}

// Many bytes in many commands.
std::shared_ptr<CommandList> long_list(Context& context, std::shared_ptr<Buffer> buffer, uint8_t value) {
  auto list = std::make_shared<CommandList>(context.device, "long");
  const int64_t step = buffer->size() / 100;
  for (int64_t i = 0; i < 100; ++i) require_ok(list->fill(byte_view(buffer, i * step, step), step, value, 1), "record");
  require_ok(list->end(), "end");
  return list;
}

// Submissions of one queue that all run, then what can't start: each is complete or cancelled, in that order, and what
// completed did all of its work.
void in_mid_flight(Context& context) {
  constexpr uint64_t kMany = 40;
  for (uint64_t completed_first : {uint64_t{0}, uint64_t{1}, kMany / 2}) {
    std::vector<std::shared_ptr<Buffer>> buffers;
    std::vector<Timeline> ends;
    auto never = timeline();
    for (uint64_t i = 0; i < kMany; ++i) {
      buffers.push_back(make_buffer(*context.device, Bytes(10000, std::byte{0})));
      ends.push_back(timeline());
      submit(queue_of(context), {}, {long_list(context, buffers[i], static_cast<uint8_t>(i + 1))}, {{ends[i], 1}});
    }
    ends.push_back(timeline());
    submit(queue_of(context), {{never, 1}}, {}, {{ends.back(), 1}});
    if (completed_first > 0) require_reached(ends[completed_first - 1], 1, "before the reset");
    require_ok(context.device->reset(), "reset");
    bool cancelled = false;
    for (uint64_t i = 0; i <= kMany; ++i) {
      const Status status = ends[i]->wait(1, after(std::chrono::milliseconds(0)));
      const std::string what = "submission " + std::to_string(i) + " right after the reset: " + status.to_string();
      require(status.ok() || status.code() == Code::kCancelled, what);
      require(!status.ok() || !cancelled, what + ", after a cancelled one of the same queue");
      cancelled = !status.ok();
      if (status.ok())
        require_content(*buffers[i], 0, Bytes(10000, static_cast<std::byte>(i + 1)), "what completed is done");
    }
    require(cancelled, "what waited for ever is cancelled");
    require_ok(queue_of(context).wait_idle(after(kPatience)), "idle");
    require_usable(context, "after a reset in mid-flight");
  }
}

void on_every_queue(Context& context) {
  auto never = timeline();
  std::vector<Timeline> ends;
  for (int i = 0; i < context.device->info().queue_count; ++i) {
    for (int k = 0; k < 3; ++k) {
      ends.push_back(timeline());
      submit(queue_of(context, i), {{never, 1}}, {}, {{ends.back(), 1}});
    }
  }
  require_ok(context.device->reset(), "reset");
  for (const Timeline& end : ends) require_failed(end, 1, Code::kCancelled, "every queue's submissions");
  require(never->failure().ok(), "a timeline that was only waited for is not the reset's to fail");
  require_usable(context, "after the reset");
}

// Failures of a reset travel as any other.
void cancellation_passes_downstream(Context& context) {
  auto other = take(context.registry.open("ref"), "open ref");
  auto never = timeline(), mine = timeline(), theirs = timeline();
  submit(queue_of(context), {{never, 1}}, {}, {{mine, 1}});
  submit(*take(other->queue(), "queue"), {{mine, 1}}, {}, {{theirs, 1}});
  require_ok(context.device->reset(), "reset");
  require_failed(theirs, 1, Code::kCancelled, "what another device waited for");
  require(theirs->failure().origin().find(context.device->info().uri) != std::string::npos,
          "the origin is the device that was reset: " + theirs->failure().origin());
}

// Buffers with their bytes, maps, lists, bindings and queues: there are no generations.
void what_outlives_it(Context& context) {
  auto from = make_buffer(*context.device, pattern_bytes(500, 1)), to = make_buffer(*context.device, 500);
  auto list = std::make_shared<CommandList>(context.device);
  TensorView slot = byte_view(nullptr, 0, 500);
  slot.slot = list->add_slot(500, "to");
  require_ok(list->copy(byte_view(from, 0, 500), slot, 500), "record");
  require_ok(list->end(), "end");
  auto unfinished = std::make_shared<CommandList>(context.device);
  require_ok(unfinished->fill(byte_view(from, 0, 500), 500, 0x33, 1), "record");
  const uint64_t address = from->device_address();
  const int64_t in_use = context.device->memory_use().in_use_bytes;
  Queue& queue = queue_of(context);
  for (int i = 0; i < 3; ++i) {
    require_ok(context.device->reset(), "reset");
    require_content(*from, 0, pattern_bytes(500, 1), "bytes");
    run(context, list, {{byte_view(to, 0, 500)}});
    require_content(*to, 0, pattern_bytes(500, 1), "what a list from before wrote");
    write_bytes(*to, 0, Bytes(500, std::byte{0}));
  }
  require_equal(from->device_address(), address, "device address");
  require_equal(context.device->memory_use().in_use_bytes, in_use, "bytes in use");
  require(&queue_of(context) == &queue, "the queue is the same");
  require_ok(unfinished->end(), "end of a list that was being recorded");
  run(context, unfinished);
  require_content(*from, 0, Bytes(500, std::byte{0x33}), "what it wrote");
}

void while_mapped(Context& context) {
  auto buffer = make_buffer(*context.device, pattern_bytes(300, 2));
  require_ok(buffer->invalidate(0, 300), "invalidate");
  auto span = take(buffer->map(0, 300, MapAccess::kReadWrite), "map");
  require_ok(context.device->reset(), "reset");
  require(buffer->mapped(), "still mapped");
  require(Bytes(span.begin(), span.end()) == pattern_bytes(300, 2), "the bytes through the map");
  const Bytes fresh = pattern_bytes(300, 3);
  std::copy(fresh.begin(), fresh.end(), span.begin());
  buffer->unmap();
  require_ok(buffer->flush(0, 300), "flush");
  auto target = make_buffer(*context.device, 300);
  run(context, copy_list(context.device, byte_view(buffer, 0, 300), byte_view(target, 0, 300)));
  require_content(*target, 0, fresh, "written through a map from before");
}

// Nobody hangs, every signal ends, and at the end the device works.
void from_many_threads(Context& context) {
  constexpr int kRounds = 15;
  std::atomic<int> submitters{2};
  std::vector<std::string> wrong(5);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      try {
        auto buffer = make_buffer(*context.device, 10000);
        auto list = long_list(context, buffer, 1);
        for (int i = 0; i < kRounds; ++i) {
          auto done = timeline();
          submit(queue_of(context, static_cast<int>(t) % context.device->info().queue_count), {}, {list}, {{done, 1}});
          const Status status = done->wait(1, after(kPatience));
          require(status.ok() || status.code() == Code::kCancelled,
                  "a submission beside resets: " + status.to_string());
        }
      } catch (const Failure& failure) {
        wrong[t] = failure.what();
      }
      --submitters;
    });
  }
  for (size_t t = 2; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds || submitters > 0; ++i) {
        const Status status = context.device->reset();
        if (!status.ok()) wrong[t] = status.to_string();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : wrong) require_equal(text, std::string(), "a thread's failure");
  require_usable(context, "after resets from three threads");
}

// Device time begins anew; a device that measures the host's goes on.
void the_clock_of_a_simulated_device(Context& context) {
  if (!context.device->info().simulated) throw NotSupported("its times are the host's");
  auto buffer = make_buffer(*context.device, 10000);
  auto list = long_list(context, buffer, 1);
  Profile first, second;
  require_ok(context.device->reset(), "reset");
  require_ok(run_and_wait(*context.device, list, {}, &first), "run");
  require_ok(context.device->reset(), "reset");
  require_ok(run_and_wait(*context.device, list, {}, &second), "run");
  require_equal(first.records.size(), second.records.size(), "records");
  for (size_t i = 0; i < first.records.size(); ++i) {
    require_equal(second.records[i].start_ns, first.records[i].start_ns, "start of command " + std::to_string(i));
    require_equal(second.records[i].end_ns, first.records[i].end_ns, "end of command " + std::to_string(i));
  }
}

}  // namespace

std::vector<Test> reset_tests() {
  return {{"reset", "at_rest", at_rest},
          {"reset", "in_mid_flight", in_mid_flight},
          {"reset", "on_every_queue", on_every_queue},
          {"reset", "cancellation_passes_downstream", cancellation_passes_downstream},
          {"reset", "what_outlives_it", what_outlives_it},
          {"reset", "while_mapped", while_mapped},
          {"reset", "from_many_threads", from_many_threads},
          {"reset", "the_clock_of_a_simulated_device", the_clock_of_a_simulated_device}};
}

}  // namespace systole::conformance
