// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/queue.h"

namespace systole::memory::dram {

Queue::Queue(int banks, int reads, int writes, int active) : slots_(reads + writes + active), lists_(banks) {
  capacity_[0] = reads;
  capacity_[1] = writes;
  free_.reserve(slots_.size());
  reset();
}

void Queue::reset() {
  free_.clear();
  for (size_t i = slots_.size(); i > 0; --i) free_.push_back(static_cast<Slot>(i - 1));
  for (Lists& lists : lists_) lists = {};
  for (bool write : {false, true}) with_hit_[write] = with_other_[write] = {};
  sizes_[0] = sizes_[1] = 0;
  writes_ = {};
}

void Queue::append(List& list, Slot slot) {
  slots_[slot].next = kNoSlot;
  if (list.head == kNoSlot)
    list.head = slot;
  else
    slots_[list.tail].next = slot;
  list.tail = slot;
}

Slot Queue::pop(List& list) {
  const Slot slot = list.head;
  list.head = slots_[slot].next;
  return slot;
}

Slot Queue::push(const Waiting& burst, bool hit) {
  const Slot slot = free_.back();
  free_.pop_back();
  slots_[slot] = burst;
  auto& lists = lists_[burst.bank].of[burst.write];
  append(hit ? lists.hit : lists.other, slot);
  (hit ? with_hit_ : with_other_)[burst.write].set(burst.bank);
  ++sizes_[burst.write];
  if (burst.write) ++writes_[filter_index(burst.burst)];
  return slot;
}

bool Queue::holds_write(uint64_t burst, int bank) const {
  if (writes_[filter_index(burst)] == 0) return false;
  const auto& lists = lists_[bank].of[1];
  for (const List& list : {lists.hit, lists.other})
    for (Slot slot = list.head; slot != kNoSlot; slot = slots_[slot].next)
      if (slots_[slot].burst == burst) return true;
  return false;
}

void Queue::note(int bank, bool write) {
  const auto& lists = lists_[bank].of[write];
  lists.hit.head == kNoSlot ? with_hit_[write].clear(bank) : with_hit_[write].set(bank);
  lists.other.head == kNoSlot ? with_other_[write].clear(bank) : with_other_[write].set(bank);
}

void Queue::opened(int bank, uint32_t row) {
  for (const bool write : {false, true}) {
    auto& lists = lists_[bank].of[write];
    List others;
    for (Slot slot = lists.other.head; slot != kNoSlot;) {
      const Slot next = slots_[slot].next;
      append(slots_[slot].row == row ? lists.hit : others, slot);
      slot = next;
    }
    lists.other = others;
    note(bank, write);
  }
}

void Queue::closed(int bank) {
  for (const bool write : {false, true}) {
    auto& lists = lists_[bank].of[write];
    if (lists.hit.head == kNoSlot) continue;
    List merged;
    while (lists.hit.head != kNoSlot || lists.other.head != kNoSlot) {
      const bool from_hits = lists.other.head == kNoSlot ||
                             (lists.hit.head != kNoSlot && slots_[lists.hit.head].age < slots_[lists.other.head].age);
      append(merged, pop(from_hits ? lists.hit : lists.other));
    }
    lists.hit = {};
    lists.other = merged;
    note(bank, write);
  }
}

void Queue::took(Slot slot) {
  const Waiting& burst = slots_[slot];
  --sizes_[burst.write];
  if (burst.write) --writes_[filter_index(burst.burst)];
  note(burst.bank, burst.write);
}

void Queue::take_hit(int bank, bool write) { took(pop(lists_[bank].of[write].hit)); }
void Queue::take_other(int bank, bool write) { took(pop(lists_[bank].of[write].other)); }
void Queue::release(Slot slot) { free_.push_back(slot); }

}  // namespace systole::memory::dram
