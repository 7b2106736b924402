// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/status.h"

#include <algorithm>
#include <vector>

namespace systole {

const char* code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kOutOfRange:
      return "out_of_range";
    case Code::kOutOfMemory:
      return "out_of_memory";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kNotFound:
      return "not_found";
    case Code::kFailedPrecondition:
      return "failed_precondition";
    case Code::kDeadlineExceeded:
      return "deadline_exceeded";
    case Code::kCancelled:
      return "cancelled";
    case Code::kDataLoss:
      return "data_loss";
    case Code::kDeviceFault:
      return "device_fault";
    case Code::kDeviceLost:
      return "device_lost";
    case Code::kInternal:
      return "internal";
  }
  return "unknown";
}

Status Status::with_origin(std::string origin) const {
  Status copy = *this;
  if (!ok() && copy.origin_.empty()) copy.origin_ = std::move(origin);
  return copy;
}

Status Status::with_fault(FaultReport report) const {
  Status copy = *this;
  copy.fault_ = std::make_shared<const FaultReport>(std::move(report));
  return copy;
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  std::string text = std::string(code_name(code_)) + ": " + message_;
  if (!origin_.empty()) text += " (at " + origin_ + ")";
  if (fault_ && !fault_->detail.empty()) text += " [" + fault_->detail + "]";
  return text;
}

namespace {

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(const std::string& wanted, const std::string* known, size_t count) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, wanted.size() / 2) + 1;
  for (size_t i = 0; i < count; ++i) {
    size_t distance = edit_distance(wanted, known[i]);
    if (distance >= best_distance || distance >= std::max(wanted.size(), known[i].size())) continue;
    best_distance = distance;
    best = known[i];
  }
  return best;
}

}  // namespace systole
