// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/peaks.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace systole {
namespace {

constexpr const char* kTitle = "systole-peaks 1";  // grows with what is probed and how
constexpr const char* kProbes[] = {"read", "stream", "copy", "to_device", "from_device"};

std::string number_text(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// The whole word, finite and above 0.
template <typename Number>
bool parse_number(const std::string& word, Number& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() && value > 0 &&
         std::isfinite(static_cast<double>(value));
}

double own_macs_per_s(const Peaks& peaks, DType type) {
  for (const Peaks::Compute& each : peaks.compute)
    if (each.type == type) return each.macs_per_s;
  return 0;
}

// What is wrong with it, or "".
std::string parse_line(const std::vector<std::string>& words, Peaks& peaks) {
  if (words.size() == 3 && words[0] == "compute") {
    Peaks::Compute figure{DType::kF32, 0};
    const auto type = parse_dtype(words[1]);
    if (!type || own_macs_per_s(peaks, *type) > 0) return "expected a type, each once, got '" + words[1] + "'";
    figure.type = *type;
    if (!parse_number(words[2], figure.macs_per_s)) return "expected a rate above 0, got '" + words[2] + "'";
    peaks.compute.push_back(figure);
    return "";
  }
  if (words.size() == 4 && words[0] == "memory") {
    Peaks::Memory figure{words[1]};
    if (std::find(std::begin(kProbes), std::end(kProbes), words[1]) == std::end(kProbes))
      return "expected a probe, got '" + words[1] + "'";
    if (!parse_number(words[2], figure.bytes)) return "expected bytes above 0, got '" + words[2] + "'";
    if (!parse_number(words[3], figure.bytes_per_s)) return "expected a rate above 0, got '" + words[3] + "'";
    if (const auto* before = peaks.find(words[1]); before != nullptr && before->bytes >= figure.bytes)
      return "expected footprints of a probe to grow, got " + words[2];
    peaks.memory.push_back(std::move(figure));
    return "";
  }
  return "expected 'compute TYPE RATE' or 'memory PROBE BYTES RATE'";
}

}  // namespace

double Peaks::macs_per_s(DType type) const {
  if (const double own = own_macs_per_s(*this, type); own > 0) return own;
  const bool narrow = bit_width(type) <= 8 && type != DType::kBool;
  if (narrow && !is_float(type) && own_macs_per_s(*this, DType::kI8) > 0) return own_macs_per_s(*this, DType::kI8);
  return narrow || (is_float(type) && bit_width(type) < 32) ? own_macs_per_s(*this, DType::kF32) : 0;
}

double Peaks::bytes_per_s(int64_t bytes) const {
  for (const Memory& each : memory)
    if (each.probe == "read" && bytes <= each.bytes) return each.bytes_per_s;
  const Memory* largest = find("read");
  return largest == nullptr ? 0 : largest->bytes_per_s;
}

const Peaks::Memory* Peaks::find(const std::string& probe) const {
  const Memory* found = nullptr;
  for (const Memory& each : memory)
    if (each.probe == probe) found = &each;
  return found;
}

double Peaks::stream_over_copy() const {
  const Memory *stream = find("stream"), *copy = find("copy");
  return stream != nullptr && copy != nullptr ? stream->bytes_per_s / copy->bytes_per_s : 0;
}

Roof roof_of(const Peaks& peaks, DType type, int64_t macs, int64_t bytes) {
  const double peak = peaks.macs_per_s(type), bandwidth = peaks.bytes_per_s(bytes);
  return {peak > 0 ? static_cast<double>(macs) / peak : 0, bandwidth > 0 ? static_cast<double>(bytes) / bandwidth : 0};
}

std::string peaks_text(const Peaks& peaks) {
  std::string text = std::string(kTitle) + "\n";
  for (const Peaks::Compute& each : peaks.compute)
    text += std::string("compute ") + dtype_name(each.type) + " " + number_text(each.macs_per_s) + "\n";
  for (const Peaks::Memory& each : peaks.memory)
    text += "memory " + each.probe + " " + std::to_string(each.bytes) + " " + number_text(each.bytes_per_s) + "\n";
  return text;
}

Result<Peaks> parse_peaks(const std::string& text) {
  std::istringstream lines(text);
  std::string line, wrong;
  Peaks peaks;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (number == 1) {
      wrong = line == kTitle ? "" : std::string("expected '") + kTitle + "'";
    } else {
      std::istringstream rest(line);
      std::vector<std::string> words;
      for (std::string word; rest >> word;) words.push_back(word);
      wrong = parse_line(words, peaks);
    }
    if (!wrong.empty()) return Status(Code::kDataLoss, "peaks:" + std::to_string(number) + ": " + wrong);
  }
  if (text.empty()) return Status(Code::kDataLoss, std::string("peaks:1: expected '") + kTitle + "'");
  return peaks;
}

Result<Peaks> cached_peaks(PeakSource& source, const DiskCache& cache, bool again,
                           const std::function<void()>& before) {
  const std::string key = std::string(kTitle) + "\n" + source.peaks_key();
  if (const auto kept = again ? std::nullopt : cache.load(key)) {
    auto peaks = parse_peaks({reinterpret_cast<const char*>(kept->data()), kept->size()});
    if (peaks.ok()) return peaks;
  }
  before();
  SYSTOLE_ASSIGN_OR_RETURN(Peaks peaks, source.measure_peaks());
  const std::string text = peaks_text(peaks);
  (void)cache.store(key, std::as_bytes(std::span(text)));
  return peaks;
}

}  // namespace systole
