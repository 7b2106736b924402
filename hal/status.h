// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Errors of the HAL: a code, where it happened, a sentence, and for device faults a report.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace systole {

enum class Code : uint8_t {
  kOk,
  kInvalidArgument,     // the caller's words are wrong, whatever the device's state
  kOutOfRange,          // a range leaves its buffer, an index its table
  kOutOfMemory,         // the message holds both numbers: asked for and available
  kUnsupported,         // never on this device
  kUnavailable,         // not on this machine: the message says what to install
  kNotFound,            // a name that nothing has; the message names the nearest
  kFailedPrecondition,  // right call, wrong time (a list not ended, a queue stopped)
  kDeadlineExceeded,    // host-time deadline of a wait
  kCancelled,
  kDataLoss,     // a file or message that is truncated or corrupt
  kDeviceFault,  // a command faulted; the FaultReport says which
  kDeviceLost,   // nothing further will complete until reset
  kInternal,
};

const char* code_name(Code code);

// What a device says of a fault. `sequence` is the failing submission's number on its queue.
struct FaultReport {
  enum class Kind : uint8_t { kBadDescriptor, kDmaFault, kWatchdog, kIllegalOp, kSemaphore, kLinkLost, kOther };
  Kind kind = Kind::kOther;
  uint32_t device_code = 0;  // the device's own error code, by its contract
  uint64_t address = 0;      // device address at fault, or the descriptor's
  uint64_t sequence = 0;
  uint64_t cycle = 0;  // device time
  std::string detail;
};

// A value. Copying is cheap enough for error paths; ok carries nothing.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  // Where the failure began: device, queue, sequence, op; kept unchanged as it travels downstream.
  const std::string& origin() const { return origin_; }
  Status with_origin(std::string origin) const;  // keeps an origin already set

  const FaultReport* fault() const { return fault_.get(); }
  Status with_fault(FaultReport report) const;

  std::string to_string() const;  // "out_of_memory: ... (at npu queue 0, sequence 3)"

 private:
  Code code_ = Code::kOk;
  std::string message_;
  std::string origin_;
  std::shared_ptr<const FaultReport> fault_;
};

// Either a value or a status that is not ok. Reading the wrong one aborts: it is a broken invariant.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Status status) : state_(std::move(status)) {
    if (std::get<Status>(state_).ok()) std::abort();
  }

  bool ok() const { return std::holds_alternative<T>(state_); }
  Status status() const { return ok() ? Status() : std::get<Status>(state_); }
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> state_;
};

// The name in `known` nearest to `wanted` by edit distance, or "" when none is near: for "did you mean".
std::string nearest_name(const std::string& wanted, const std::string* known, size_t count);

#define SYSTOLE_CONCAT_INNER(a, b) a##b
#define SYSTOLE_CONCAT(a, b) SYSTOLE_CONCAT_INNER(a, b)
#define SYSTOLE_RETURN_IF_ERROR(expr)                                                              \
  do {                                                                                             \
    if (::systole::Status systole_status_ = (expr); !systole_status_.ok()) return systole_status_; \
  } while (false)
#define SYSTOLE_ASSIGN_OR_RETURN(declaration, expr)                                                               \
  auto SYSTOLE_CONCAT(systole_result_, __LINE__) = (expr);                                                        \
  if (!SYSTOLE_CONCAT(systole_result_, __LINE__).ok()) return SYSTOLE_CONCAT(systole_result_, __LINE__).status(); \
  declaration = std::move(SYSTOLE_CONCAT(systole_result_, __LINE__)).value()

}  // namespace systole
