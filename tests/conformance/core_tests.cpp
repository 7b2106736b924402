// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 1: opening devices and what they say of themselves.
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/conformance/lists.h"

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

std::string uri_of(const DriverInfo& driver, const std::string& name) {
  return driver.scheme + (name.empty() ? "" : ":" + name);
}

void every_listed_name_opens(Context& context) {
  const DriverInfo driver = context.backend.driver();
  const auto names = driver.enumerate();
  require(!names.empty(), "the driver lists at least one name");
  require_ok(driver.availability(), "availability of a device that opened");
  for (const auto& [name, line] : names) {
    auto device = take(context.registry.open(uri_of(driver, name)), "open " + uri_of(driver, name));
    require_equal(device->info().uri.rfind(uri_of(driver, name), 0), 0u, "the uri of " + name + " begins with it");
    require(!line.empty(), name + " has a line of description");
  }
}

void an_unlisted_name_is_not_found(Context& context) {
  const DriverInfo driver = context.backend.driver();
  const std::string name = driver.enumerate().front().first;
  const Status status = context.registry.open(driver.scheme + ":" + name + "x").status();
  require_code(status, Code::kNotFound, "open " + driver.scheme + ":" + name + "x");
  require(status.message().find("'" + (name.empty() ? driver.scheme : name) + "'") != std::string::npos,
          "the message has the name that there is: " + status.message());
}

// A file of hardware opens as its preset does.
void opens_by_path(Context& context) {
  const DriverInfo driver = context.backend.driver();
  for (const auto& [name, line] : driver.enumerate()) {
    const std::string path = std::string(SYSTOLE_SOURCE_DIR) + "/configs/" + driver.scheme + "/" + name + ".yaml";
    if (!std::filesystem::exists(path)) continue;
    auto preset = take(context.registry.open(uri_of(driver, name)), "open the preset");
    auto file = take(context.registry.open(driver.scheme + ":" + path), "open " + path);
    require_equal(file->info().description, preset->info().description, "description");
    require_equal(file->info().memory_bytes, preset->info().memory_bytes, "memory");
    require_code(context.registry.open(driver.scheme + ":" + path + ".none.yaml").status(), Code::kNotFound, "no file");
    return;
  }
  throw NotSupported("no file describes this device");
}

void malformed_uris_are_refused(Context& context) {
  const std::string scheme = context.backend.driver().scheme;
  for (const std::string& uri : {std::string(), std::string(":name"), std::string("?key=value"), scheme + ":",
                                 scheme + "?", scheme + "?key", scheme + "?=value", scheme + "?a=1&a=2"})
    require_code(context.registry.open(uri).status(), Code::kInvalidArgument, "open '" + uri + "'");
}

// Opened twice they are two devices: the memory of one is nothing to the other.
void two_opens_share_nothing(Context& context) {
  auto other = take(context.registry.open(context.backend.uri), "open twice");
  const int64_t before = other->memory_use().in_use_bytes;
  auto mine = make_buffer(*context.device, pattern_bytes(4096, 1));
  require_equal(other->memory_use().in_use_bytes, before, "bytes in use on the other");
  auto theirs = make_buffer(*other, Bytes(4096, std::byte{7}));
  require_content(*mine, 0, pattern_bytes(4096, 1), "this device's buffer");
  CommandList foreign(other);
  require_code(foreign.copy(byte_view(mine, 0, 64), byte_view(theirs, 0, 64), 64), Code::kInvalidArgument,
               "a copy from the memory of the other");
  require_ok(other->reset(), "reset of the other");
  run(context, fill_list(context.device, mine, 0, 64, 3));
  require_ok(run_and_wait(*other, fill_list(other, theirs, 0, 64, 4)), "run on the other");
  require_content(*mine, 0, Bytes(64, std::byte{3}), "filled here");
  require_content(*theirs, 0, Bytes(64, std::byte{4}), "filled there");
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

// Each of these is the last thing that keeps the device when its handle is dropped, and works as before.
void objects_keep_their_device(Context& context) {
  const std::weak_ptr<Device> weak = context.device;
  auto buffer = make_buffer(*context.device, 64);
  context.device.reset();
  write_bytes(*buffer, 0, pattern_bytes(64, 1));
  require_content(*buffer, 0, pattern_bytes(64, 1), "through the buffer");
  auto list = fill_list(weak.lock(), buffer, 0, 64, 5);
  auto span = take(buffer->map(0, 64, MapAccess::kRead), "map");
  require_equal(span.size(), 64u, "size of the mapping");
  buffer->unmap();
  buffer.reset();
  require(!weak.expired(), "the list keeps the device");
  auto start = timeline(), done = timeline();
  submit(*take(weak.lock()->queue(), "queue"), {{start, 1}}, {list}, {{done, 1}});
  list.reset();
  require(!weak.expired(), "the submission keeps the device");
  require_ok(start->signal(1), "start");
  require_reached(done, 1, "what was submitted before everything was dropped");
  for (int i = 0; i < 10000 && !weak.expired(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  require(weak.expired(), "nothing keeps the device in the end");
}

// A submission without lists has nothing of the device's: closing cancels it, and no waiter hangs.
void closing_cancels_what_waits(Context& context) {
  const std::weak_ptr<Device> weak = context.device;
  auto never = timeline(), done = timeline();
  submit(queue_of(context), {{never, 1}}, {}, {{done, 1}});
  context.device.reset();
  require(weak.expired(), "nothing keeps the device");
  require_failed(done, 1, Code::kCancelled, "its signal");
}

void queue_index_is_checked(Context& context) {
  require_ok(context.device->queue(0).status(), "queue 0");
  require_code(context.device->queue(context.device->info().queue_count).status(), Code::kOutOfRange,
               "a queue too far");
  require_code(context.device->queue(-1).status(), Code::kOutOfRange, "queue -1");
}

}  // namespace

std::vector<Test> core_tests() {
  return {{"core", "opens_by_uri", opens_by_uri},
          {"core", "every_listed_name_opens", every_listed_name_opens},
          {"core", "an_unlisted_name_is_not_found", an_unlisted_name_is_not_found},
          {"core", "opens_by_path", opens_by_path},
          {"core", "malformed_uris_are_refused", malformed_uris_are_refused},
          {"core", "two_opens_share_nothing", two_opens_share_nothing},
          {"core", "capabilities_are_stable", capabilities_are_stable},
          {"core", "info_never_changes", info_never_changes},
          {"core", "unknown_scheme_names_the_nearest", unknown_scheme_names_the_nearest},
          {"core", "unknown_option_is_refused", unknown_option_is_refused},
          {"core", "objects_keep_their_device", objects_keep_their_device},
          {"core", "closing_cancels_what_waits", closing_cancels_what_waits},
          {"core", "queue_index_is_checked", queue_index_is_checked}};
}

}  // namespace systole::conformance
