// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Lists, submissions and waits that the tests of the suite share. Whatever is refused fails the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "hal/queue.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

inline constexpr std::chrono::milliseconds kPatience{60000};  // for what must happen
inline constexpr std::chrono::milliseconds kAMoment{20};      // for what must not

using Timeline = std::shared_ptr<Semaphore>;
inline Timeline timeline(uint64_t initial = 0) { return std::make_shared<Semaphore>(initial); }

// Compiled lists of one command.
std::shared_ptr<CommandList> fill_list(std::shared_ptr<Device> device, std::shared_ptr<Buffer> buffer, int64_t offset,
                                       int64_t bytes, uint8_t value);
std::shared_ptr<CommandList> copy_list(std::shared_ptr<Device> device, const TensorView& from, const TensorView& to);

Queue& queue_of(Context& context, int index = 0);
// The sequence number.
uint64_t submit(Queue& queue, std::vector<SemaphorePoint> waits, std::vector<std::shared_ptr<CommandList>> lists,
                std::vector<SemaphorePoint> signals, Bindings bindings = {});
void run(Context& context, std::shared_ptr<CommandList> list, Bindings bindings = {});
void require_reached(const Timeline& timeline, uint64_t value, const std::string& what);
void require_failed(const Timeline& timeline, uint64_t value, Code code, const std::string& what);
void require_content(Buffer& buffer, int64_t offset, const Bytes& expected, const std::string& what);

}  // namespace systole::conformance
