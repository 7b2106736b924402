// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 2: sizes, alignments, kinds of memory, what is full, imported memory, leaks.
#include <algorithm>
#include <thread>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

constexpr MemoryKind kKinds[] = {MemoryKind::kDeviceLocal, MemoryKind::kHostVisible, MemoryKind::kConstant};

BufferParams params_of(int64_t size, int64_t alignment = 0, MemoryKind kind = MemoryKind::kHostVisible) {
  return {size, alignment, kind, "conformance"};
}

// The same device with little memory, where its driver lets that be said; else the device itself.
std::shared_ptr<Device> small_device(Context& context) {
  const std::vector<std::string> options = context.backend.driver().option_names;
  if (std::find(options.begin(), options.end(), "memory") == options.end()) return context.device;
  const char* separator = context.backend.uri.find('?') == std::string::npos ? "?" : "&";
  return take(context.registry.open(context.backend.uri + separator + "memory=1048576"), "open with 1 MiB");
}

void sizes(Context& context) {
  for (int64_t size : {1, 2, 63, 64, 65, 4095, 4096, 4097, 100000}) {
    auto buffer = make_buffer(*context.device, size);
    require_equal(buffer->size(), size, "size");
    const Bytes content = pattern_bytes(size, static_cast<uint32_t>(size));
    write_bytes(*buffer, 0, content);
    require_content(*buffer, 0, content, "content of " + std::to_string(size) + " bytes");
  }
}

void impossible_parameters_are_refused(Context& context) {
  for (MemoryKind kind : kKinds) {
    for (int64_t size : {int64_t{0}, int64_t{-1}, INT64_MIN})
      require_code(context.device->allocate(params_of(size, 0, kind)).status(), Code::kInvalidArgument,
                   "size " + std::to_string(size));
    for (int64_t alignment : {int64_t{3}, int64_t{-64}, int64_t{65}, INT64_MAX, INT64_MIN})
      require_code(context.device->allocate(params_of(64, alignment, kind)).status(), Code::kInvalidArgument,
                   "alignment " + std::to_string(alignment));
  }
  require_code(context.device->allocate(params_of(64, int64_t{1} << 62)).status(), Code::kOutOfMemory,
               "an alignment larger than any memory");
}

void alignments(Context& context) {
  for (MemoryKind kind : kKinds) {
    for (int64_t alignment = 1; alignment <= (1 << 16); alignment *= 2) {
      auto buffer =
          take(context.device->allocate(params_of(100, alignment, kind)), "alignment " + std::to_string(alignment));
      const auto least = static_cast<uint64_t>(std::max(alignment, context.device->info().buffer_alignment));
      require_equal(buffer->device_address() % least, 0u, "device address, alignment " + std::to_string(alignment));
    }
  }
}

// What every kind promises: who may map it, whose it is, and that bytes go through it unchanged.
void every_kind_of_memory(Context& context) {
  const Bytes content = pattern_bytes(1000, 3);
  for (MemoryKind kind : kKinds) {
    auto buffer = take(context.device->allocate(params_of(1000, 0, kind)), "allocate");
    require(buffer->params().kind == kind, "the kind is kept");
    require(buffer->device() == context.device.get() || (kind == MemoryKind::kConstant && buffer->device() == nullptr),
            "it is the device's, but for constants");
    if (kind == MemoryKind::kConstant) {
      write_bytes(*buffer, 0, content);
      buffer->freeze();
      require_content(*buffer, 0, content, "a constant");
      continue;
    }
    auto source = make_buffer(*context.device, content), target = make_buffer(*context.device, 1000);
    run(context, copy_list(context.device, byte_view(source, 0, 1000), byte_view(buffer, 0, 1000)));
    run(context, copy_list(context.device, byte_view(buffer, 0, 1000), byte_view(target, 0, 1000)));
    require_content(*target, 0, content, "through kind " + std::to_string(static_cast<int>(kind)));
  }
}

void out_of_memory_has_both_numbers(Context& context) {
  const int64_t limit = context.device->info().memory_bytes;
  for (int64_t size : {limit + 1, INT64_MAX - 4096, INT64_MAX}) {
    const Status status = context.device->allocate(params_of(size)).status();
    require_code(status, Code::kOutOfMemory, std::to_string(size) + " bytes");
    for (int64_t number : {size, limit})
      require(status.message().find(std::to_string(number)) != std::string::npos,
              "the message has " + std::to_string(number) + ": " + status.message());
  }
  auto buffer = make_buffer(*context.device, 4096);
  require_equal(buffer->size(), 4096, "an allocation after it");
}

void all_there_is_and_one_more(Context& context) {
  auto device = small_device(context);
  const int64_t limit = device->info().memory_bytes;
  require_equal(device->memory_use().in_use_bytes, 0, "bytes in use of a device that nobody uses");
  for (int round = 0; round < 3; ++round) {
    auto whole = make_buffer(*device, limit);
    for (int64_t offset : {int64_t{0}, limit - 64}) {
      write_bytes(*whole, offset, pattern_bytes(64, 9));
      require_content(*whole, offset, pattern_bytes(64, 9), "the ends of all there is");
    }
    require_code(device->allocate(params_of(1)).status(), Code::kOutOfMemory, "one byte more");
  }
  require_equal(device->memory_use().in_use_bytes, 0, "bytes in use afterwards");
  require_equal(device->memory_use().peak_bytes, limit, "peak");
}

void full_then_one_free(Context& context) {
  auto device = small_device(context);
  const int64_t part = device->info().memory_bytes / 16;
  std::vector<std::shared_ptr<Buffer>> parts;
  Status full;
  while (full.ok() && parts.size() < 32) {
    auto next = device->allocate(params_of(part));
    full = next.status();
    if (full.ok()) parts.push_back(*next);
  }
  require_code(full, Code::kOutOfMemory, "more than there is");
  require(parts.size() >= 15, std::to_string(parts.size()) + " sixteenths fit");
  parts[7].reset();
  parts[7] = make_buffer(*device, part);
  require_code(device->allocate(params_of(part)).status(), Code::kOutOfMemory, "full again");
  parts.clear();
  require_equal(device->memory_use().in_use_bytes, 0, "bytes in use afterwards");
  require_equal(make_buffer(*device, device->info().memory_bytes)->size(), device->info().memory_bytes, "all of it");
}

void buffers_do_not_overlap(Context& context) {
  std::vector<std::shared_ptr<Buffer>> buffers;
  for (uint32_t i = 0; i < 64; ++i) buffers.push_back(make_buffer(*context.device, pattern_bytes(1 + i * 37, i)));
  for (uint32_t i = 0; i < 64; i += 2) buffers[i].reset();
  for (uint32_t i = 0; i < 64; i += 2) buffers[i] = make_buffer(*context.device, pattern_bytes(1 + i * 37, i + 1000));
  for (uint32_t i = 0; i < 64; ++i)
    require_content(*buffers[i], 0, pattern_bytes(1 + i * 37, i % 2 ? i : i + 1000), "buffer " + std::to_string(i));
}

void from_many_threads(Context& context) {
  const int64_t before = context.device->memory_use().in_use_bytes;
  std::vector<std::string> wrong(4);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      try {
        std::vector<std::shared_ptr<Buffer>> kept;
        for (uint32_t i = 0; i < 50; ++i) {
          kept.push_back(make_buffer(*context.device, pattern_bytes(1 + 61 * i, t * 100 + i)));
          if (i % 3 == 2) kept[i - 1] = make_buffer(*context.device, pattern_bytes(1 + 61 * (i - 1), t * 100 + i - 1));
        }
        for (uint32_t i = 0; i < 50; ++i)
          require_content(*kept[i], 0, pattern_bytes(1 + 61 * i, t * 100 + i), "buffer " + std::to_string(i));
      } catch (const Failure& failure) {
        wrong[t] = failure.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : wrong) require_equal(text, std::string(), "a thread's failure");
  require_equal(context.device->memory_use().in_use_bytes, before, "bytes in use afterwards");
}

void no_buffer_leaks(Context& context) {
  const int64_t before = context.device->memory_use().in_use_bytes;
  for (int i = 0; i < 100; ++i) {
    auto buffer = make_buffer(*context.device, 10000);
    require(context.device->memory_use().in_use_bytes >= before + 10000, "use is counted");
  }
  require_equal(context.device->memory_use().in_use_bytes, before, "bytes in use afterwards");
  require(context.device->memory_use().peak_bytes >= before + 10000, "the peak is kept");
}

// Compiled lists own memory too: their packed constants, scratch, records.
void no_list_leaks(Context& context) {
  const MemoryUse before = context.device->memory_use();
  for (int i = 0; i < 5; ++i) {
    const TensorDesc square = row_major(DType::kBF16, {32, 32});
    BufferParams params = params_of(square.span_bytes(), 0, MemoryKind::kConstant);
    auto constant = take(allocate_host(params), "constant");
    write_bytes(*constant, 0, Bytes(static_cast<size_t>(params.size), std::byte{0}));
    constant->freeze();
    auto x = make_buffer(*context.device, params.size), y = make_buffer(*context.device, params.size);
    auto list = std::make_shared<CommandList>(context.device);
    if (context.device->supports({Matmul{}, {square, square}, {square}, "product"}).yes)
      require_ok(list->op({Matmul{}, {{x, 0, square}, {constant, 0, square}}, {{y, 0, square}}, "product"}), "record");
    require_ok(list->copy(byte_view(x, 0, 100), byte_view(y, 0, 100), 100), "record");
    require_ok(list->end(), "end");
    run(context, list);
  }
  require_ok(queue_of(context).wait_idle(after(kPatience)), "idle");
  require_equal(context.device->memory_use().in_use_bytes, before.in_use_bytes, "bytes in use afterwards");
  require_equal(context.device->memory_use().prepared_bytes, before.prepared_bytes, "packed bytes afterwards");
}

// Copies from imported memory at this address, where the device can address the host's.
void copy_from_host(Context& context, std::byte* data, const std::string& what) {
  auto imported = take(import_host(data, 1000, what), "import of " + what);
  require_equal(imported->size(), 1000, "size");
  require(imported->device() == nullptr, "imported memory belongs to no device");
  auto target = make_buffer(*context.device, Bytes(1000, std::byte{0}));
  CommandList list(context.device);
  require_ok(list.copy(byte_view(imported, 0, 1000), byte_view(target, 0, 1000), 1000), "record");
  const Status status = list.end();
  if (status.code() == Code::kUnsupported) throw NotSupported("the device does not address the host's memory");
  require_ok(status, "end of a list that reads " + what);
  run(context, copy_list(context.device, byte_view(imported, 0, 1000), byte_view(target, 0, 1000)));
  require_content(*target, 0, Bytes(data, data + 1000), what);
}

void imported_memory_is_the_callers(Context& context) {
  alignas(64) std::byte data[1001];
  const Bytes content = pattern_bytes(1001, 21);
  std::copy(content.begin(), content.end(), data);
  auto imported = take(import_host(data, 1000, "import"), "import");
  require(take(imported->map(10, 5, MapAccess::kReadWrite), "map").data() == data + 10, "a map is the memory itself");
  imported->unmap();
  require_code(imported->map(0, 1001, MapAccess::kRead).status(), Code::kOutOfRange, "beyond what was imported");
  copy_from_host(context, data, "aligned memory");
  copy_from_host(context, data + 1, "unaligned memory");
}

void impossible_imports_are_refused(Context& context) {
  std::byte data[16] = {};
  require_code(import_host(nullptr, 16, "null").status(), Code::kInvalidArgument, "no memory");
  for (int64_t size : {int64_t{0}, int64_t{-16}, INT64_MIN})
    require_code(import_host(data, size, "size").status(), Code::kInvalidArgument, "size " + std::to_string(size));
  // f32 at an odd address: a device that addresses the host's memory refuses it as it does any misaligned view.
  alignas(64) std::byte wide[80] = {};
  auto odd = take(import_host(wide + 1, 64, "odd"), "import");
  auto target = make_buffer(*context.device, 64);
  const TensorDesc desc = row_major(DType::kF32, {16});
  CommandList list(context.device);
  require_ok(list.op({Copy{}, {{odd, 0, desc}}, {{target, 0, desc}}, "copy"}), "record");
  const Status status = list.end();
  require(status.code() == Code::kInvalidArgument || status.code() == Code::kUnsupported,
          "f32 at an odd address: " + status.to_string());
}

}  // namespace

std::vector<Test> alloc_tests() {
  return {{"alloc", "sizes", sizes},
          {"alloc", "impossible_parameters_are_refused", impossible_parameters_are_refused},
          {"alloc", "alignments", alignments},
          {"alloc", "every_kind_of_memory", every_kind_of_memory},
          {"alloc", "out_of_memory_has_both_numbers", out_of_memory_has_both_numbers},
          {"alloc", "all_there_is_and_one_more", all_there_is_and_one_more},
          {"alloc", "full_then_one_free", full_then_one_free},
          {"alloc", "buffers_do_not_overlap", buffers_do_not_overlap},
          {"alloc", "from_many_threads", from_many_threads},
          {"alloc", "no_buffer_leaks", no_buffer_leaks},
          {"alloc", "no_list_leaks", no_list_leaks},
          {"alloc", "imported_memory_is_the_callers", imported_memory_is_the_callers},
          {"alloc", "impossible_imports_are_refused", impossible_imports_are_refused}};
}

}  // namespace systole::conformance
