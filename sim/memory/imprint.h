// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A state in words in which moments are distances and addresses are places in a loop's streams: the device goes on from
// two moments of equal imprints in the same way, only later and further along. Plain data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/memory/request.h"

namespace systole::memory {

// What a loop touches of device memory by one of its commands: [begin, end), `step` bytes further with each iteration.
struct Stream {
  uint64_t begin = 0, end = 0;
  int64_t step = 0;
};

// Streams of a loop, apart from each other: no two that step differently touch the same block.
class Streams {
 public:
  explicit Streams(uint64_t block = 1) : block_(block) {}
  // False, and the loop is none whose state can be told: the block of one that steps differently.
  bool add(Stream stream) {
    stream.begin -= stream.begin % block_;
    stream.end += (block_ - stream.end % block_) % block_;
    for (auto it = streams_.begin(); it != streams_.end();) {
      if (it->end <= stream.begin || stream.end <= it->begin) {
        ++it;
        continue;
      }
      if (it->step != stream.step) return false;
      stream.begin = std::min(stream.begin, it->begin);
      stream.end = std::max(stream.end, it->end);
      it = streams_.erase(it);
    }
    streams_.push_back(stream);
    return true;
  }
  const std::vector<Stream>& all() const { return streams_; }
  // 0: of none; else its number from 1 on.
  size_t number_of(uint64_t address) const {
    for (size_t i = 0; i < streams_.size(); ++i)
      if (address >= streams_[i].begin && address < streams_[i].end) return i + 1;
    return 0;
  }
  // Where the loop has it so many iterations later; of none of them: where it is.
  uint64_t moved(uint64_t address, int64_t iterations) const {
    const size_t number = number_of(address);
    return number == 0 ? address : address + static_cast<uint64_t>(streams_[number - 1].step * iterations);
  }

 private:
  uint64_t block_;
  std::vector<Stream> streams_;
};

class Imprint {
 public:
  // Of cycle `now`, when so many iterations have begun.
  void begin(uint64_t now, int64_t iteration, const Streams& streams) {
    words_.clear();
    now_ = now;
    iteration_ = iteration;
    streams_ = &streams;
  }
  void word(uint64_t value) { words_.push_back(value); }
  // A moment of which only that it is over counts, once it lies before `over`, which the imprint holds elsewhere.
  void moment(uint64_t at, uint64_t over) { word(at == kNever ? kNever : at < over ? 0 : at - over + 1); }
  void moment(uint64_t at) { moment(at, now_); }
  void distance(uint64_t at) { word(at == kNever ? kNever : at - now_); }
  void address(uint64_t at) { word(streams_->moved(at, -iteration_) | uint64_t{streams_->number_of(at)} << 56); }
  // Numbers given out one after the other: how long ago.
  void count_from(uint64_t next) { next_ = next; }
  void number(uint64_t given) { word(next_ - given); }
  bool operator==(const Imprint& other) const { return words_ == other.words_; }
  size_t words() const { return words_.size(); }

 private:
  std::vector<uint64_t> words_;
  uint64_t now_ = 0, next_ = 0;
  int64_t iteration_ = 0;
  const Streams* streams_ = nullptr;
};

}  // namespace systole::memory
