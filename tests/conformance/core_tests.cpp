// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 1: opening devices and what they say of themselves.
#include <atomic>
#include <thread>

#include "hal/queue.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

void opens_by_uri(Context& context) {
  auto device = take(context.registry.open(context.backend.uri), "open");
  require(!device->info().uri.empty(), "info has a uri");
  require(!device->info().description.empty(), "info has a description");
  require(device->info().queue_count >= 1, "at least one queue");
  require(device->info().memory_bytes > 0, "memory is reported");
  auto again = take(context.registry.open(device->info().uri), "open by the uri that info gives");
  require_equal(again->info().uri, device->info().uri, "the canonical uri opens the same device");
}

void capabilities_are_stable(Context& context) {
  auto other = take(context.registry.open(context.backend.uri), "open twice");
  const DeviceInfo& a = context.device->info();
  const DeviceInfo& b = other->info();
  require_equal(b.uri, a.uri, "uri");
  require_equal(b.memory_bytes, a.memory_bytes, "memory");
  require_equal(b.queue_count, a.queue_count, "queues");
  require_equal(b.limits.size(), a.limits.size(), "limits");
  for (size_t i = 0; i < a.limits.size(); ++i) {
    require_equal(b.limits[i].name, a.limits[i].name, "limit name");
    if (a.limits[i].kind != NumberKind::kMeasured)
      require_equal(b.limits[i].value, a.limits[i].value, a.limits[i].name);
  }
}

// Read by one thread while another compiles: a data race is the thread sanitizer's to find, a change is seen here.
void info_never_changes(Context& context) {
  const DeviceInfo before = context.device->info();
  std::atomic<bool> done{false};
  std::string changed;
  std::thread reader([&] {
    while (!done) {
      for (size_t i = 0; i < before.limits.size(); ++i)
        if (context.device->info().limits[i].value != before.limits[i].value) changed = before.limits[i].name;
    }
  });
  auto buffer = make_buffer(*context.device, 40000);
  for (int64_t bytes = 10; bytes <= 40000; bytes *= 2) {
    auto list = std::make_shared<CommandList>(context.device);
    (void)list->fill(byte_view(buffer, 0, bytes), bytes, 1, 1);
    (void)list->end();
  }
  done = true;
  reader.join();
  require_equal(changed, std::string(), "a limit that changed while lists were compiled");
  require_equal(context.device->info().memory_bytes, before.memory_bytes, "memory");
}

void unknown_scheme_names_the_nearest(Context& context) {
  const std::string scheme = context.backend.uri.substr(0, context.backend.uri.find_first_of(":?"));
  const Status status = context.registry.open(scheme + "x").status();
  require_code(status, Code::kNotFound, "open " + scheme + "x");
  require(status.message().find(scheme) != std::string::npos, "the message names " + scheme + ": " + status.message());
}

void unknown_option_is_refused(Context& context) {
  const std::string& uri = context.backend.uri;
  const std::string bad = uri + (uri.find('?') == std::string::npos ? "?" : "&") + "no_such_option=1";
  const Status status = context.registry.open(bad).status();
  require_code(status, Code::kInvalidArgument, "open " + bad);
  require(status.message().find("no_such_option") != std::string::npos,
          "the message names the option: " + status.message());
}

void device_outlives_its_handle(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  context.device.reset();
  write_bytes(*buffer, 0, pattern_bytes(64, 1));
  require(read_bytes(*buffer, 0, 64) == pattern_bytes(64, 1), "a buffer keeps its device alive");
}

void queue_index_is_checked(Context& context) {
  require_ok(context.device->queue(0).status(), "queue 0");
  require_code(context.device->queue(context.device->info().queue_count).status(), Code::kOutOfRange,
               "a queue too far");
  require_code(context.device->queue(-1).status(), Code::kOutOfRange, "queue -1");
}

void reset_leaves_a_usable_device(Context& context) {
  require_ok(context.device->reset(), "reset");
  require(context.device->health() == Health::kOk, "healthy after reset");
  auto buffer = make_buffer(*context.device, 256);
  auto list = std::make_shared<CommandList>(context.device);
  require_ok(list->fill(byte_view(buffer, 0, 256), 256, 0x5a, 1), "record a fill");
  require_ok(list->end(), "end");
  require_ok(run_and_wait(*context.device, list), "run after reset");
  require(read_bytes(*buffer, 0, 256) == Bytes(256, std::byte{0x5a}), "the fill happened");
}

}  // namespace

std::vector<Test> core_tests() {
  return {{"core", "opens_by_uri", opens_by_uri},
          {"core", "capabilities_are_stable", capabilities_are_stable},
          {"core", "info_never_changes", info_never_changes},
          {"core", "unknown_scheme_names_the_nearest", unknown_scheme_names_the_nearest},
          {"core", "unknown_option_is_refused", unknown_option_is_refused},
          {"core", "device_outlives_its_handle", device_outlives_its_handle},
          {"core", "queue_index_is_checked", queue_index_is_checked},
          {"core", "reset_leaves_a_usable_device", reset_leaves_a_usable_device}};
}

}  // namespace systole::conformance
