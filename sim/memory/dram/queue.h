// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A channel's waiting bursts, by bank and direction: those of the open row and the others, each oldest first.
#pragma once

#include <array>
#include <vector>

#include "sim/memory/dram/address_map.h"
#include "sim/memory/dram/bank_set.h"
#include "sim/memory/dram/command.h"

namespace systole::memory::dram {

using Slot = int16_t;
inline constexpr Slot kNoSlot = -1;

struct Waiting {
  uint64_t id = 0, burst = 0;
  Cycle entered = 0;
  uint64_t age = 0;  // grows from one to the next
  uint32_t row = 0;
  uint16_t bank = 0;
  bool write = false;
  bool touched = false;  // a row was closed or opened for it
  Slot next = kNoSlot;
};

class Queue {
 public:
  Queue(int banks, int reads, int writes, int active);
  void reset();

  int size(bool write) const { return sizes_[write]; }
  bool full(bool write) const { return sizes_[write] == capacity_[write]; }
  const Waiting& at(Slot slot) const { return slots_[slot]; }
  void touch(Slot slot) { slots_[slot].touched = true; }

  // of: the open row of its bank.
  Slot push(const Waiting& burst, bool hit);
  bool holds_write(uint64_t burst, int bank) const;
  // Oldest of a bank; kNoSlot: none. While a bank is closed all its bursts count as others.
  Slot hit(int bank, bool write) const { return lists_[bank].of[write].hit.head; }
  Slot other(int bank, bool write) const { return lists_[bank].of[write].other.head; }
  // Banks that have some of a direction.
  const BankSet& with_hit(bool write) const { return with_hit_[write]; }
  const BankSet& with_other(bool write) const { return with_other_[write]; }

  void opened(int bank, uint32_t row);
  void closed(int bank);
  // Takes the oldest of the open row, or of the others, out of the queue; its slot stays until release().
  void take_hit(int bank, bool write);
  void take_other(int bank, bool write);
  void release(Slot slot);

 private:
  struct List {
    Slot head = kNoSlot, tail = kNoSlot;
  };
  struct Lists {
    struct {
      List hit, other;
    } of[2];
  };
  void append(List& list, Slot slot);
  Slot pop(List& list);
  void took(Slot slot);
  void note(int bank, bool write);
  static size_t filter_index(uint64_t burst) { return (burst ^ burst >> 8 ^ burst >> 16) % 256; }

  std::vector<Waiting> slots_;
  std::vector<Slot> free_;
  std::vector<Lists> lists_;
  BankSet with_hit_[2], with_other_[2];
  int sizes_[2] = {}, capacity_[2] = {};
  std::array<uint16_t, 256> writes_{};  // waiting writes by a hash of the burst: most look-ups end here
};

}  // namespace systole::memory::dram
