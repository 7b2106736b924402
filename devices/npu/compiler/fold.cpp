// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/fold.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace systole::npu {
namespace {

// A command that is not in a loop, or a loop with all that it repeats.
struct Unit {
  uint32_t first = 0;  // item
  uint32_t items = 0;
  int depth = 0;
  uint32_t kind = 0;   // units of one kind have the same forms and steps
  uint32_t alike = 0;  // the next unit of its kind; 0: none
};

struct Run {
  size_t units = 0;  // of one block
  size_t count = 0;
  int64_t saved = 0;  // items
};

class Folder {
 public:
  Folder(const std::vector<Item>& items, size_t from, size_t loop_buffer, const std::vector<Form>& forms)
      : items_(items), loop_buffer_(loop_buffer), forms_(forms) {
    for (size_t i = from; i < items.size();) {
      const Form& form = forms[items[i].form];
      const uint32_t size = 1 + form.body;
      units_.push_back({static_cast<uint32_t>(i), size, form.depth});
      i += size;
    }
    link();
  }

  const std::vector<Unit>& units() const { return units_; }

  // The run of blocks from unit `at` that saves most.
  Run best_run(size_t at) const {
    Run best;
    for (size_t next = units_[at].alike; next != 0; next = units_[next].alike) {
      const size_t p = next - at, body = units_[next].first - units_[at].first;
      if (body > loop_buffer_ || next > deep_[at] || at + 2 * p > units_.size()) break;
      if (best.count >= 4 && p % best.units == 0) continue;  // the shorter block covers it, or the next pass will
      const Run run = measure(at, p, body);
      if (run.saved > best.saved) best = run;
    }
    return best;
  }

  std::array<int64_t, 3> step(size_t item, size_t next) const {
    std::array<int64_t, 3> d;
    for (int k = 0; k < 3; ++k) d[k] = items_[next].address[k] - items_[item].address[k];
    return d;
  }

 private:
  // Each unit's next one alike, and from each on the first that is too deep for a loop around it.
  void link() {
    std::unordered_map<uint64_t, uint32_t> nearest;  // by hash
    deep_.resize(units_.size());
    size_t deep = units_.size();
    for (size_t u = units_.size(); u-- > 0;) {
      Unit& unit = units_[u];
      if (unit.depth >= kRepeatLevels) deep = u;
      deep_[u] = deep;
      uint64_t hash = unit.items;
      for (uint32_t i = unit.first; i < unit.first + unit.items; ++i)
        hash = (hash ^ items_[i].form ^ uint64_t{items_[i].steps} << 32) * 0x9e3779b97f4a7c15;
      const auto [at, fresh] = nearest.try_emplace(hash, static_cast<uint32_t>(u));
      const Unit& next = units_[std::exchange(at->second, static_cast<uint32_t>(u))];
      const bool known = !fresh && same(unit, next);
      unit.kind = known ? next.kind : static_cast<uint32_t>(u);
      unit.alike = known ? static_cast<uint32_t>(&next - units_.data()) : 0;
    }
  }

  bool same(const Unit& a, const Unit& b) const {
    if (a.items != b.items) return false;
    for (uint32_t i = 0; i < a.items; ++i) {
      if (items_[a.first + i].form != items_[b.first + i].form ||
          items_[a.first + i].steps != items_[b.first + i].steps)
        return false;
    }
    return true;
  }

  // How often the block of p units at `at` follows itself by the same increments.
  Run measure(size_t at, size_t p, size_t body) const {
    const size_t first = units_[at].first;
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    size_t count = 1;
    for (; at + (count + 1) * p <= units_.size(); ++count) {
      bool match = true;
      for (size_t u = 0; u < p && match; ++u) match = units_[at + u].kind == units_[at + count * p + u].kind;
      if (!match) break;
      for (size_t i = first; i < first + body && match; ++i) {
        const auto one = step(i, i + body);
        const auto here = step(i + (count - 1) * body, i + count * body);
        for (int k = 0; k < 3; ++k) match = match && one[k] == here[k] && one[k] <= kMost && one[k] >= -kMost;
      }
      if (!match) break;
    }
    return {p, count, static_cast<int64_t>((count - 1) * body) - 1};
  }

  const std::vector<Item>& items_;
  size_t loop_buffer_;
  const std::vector<Form>& forms_;
  std::vector<Unit> units_;
  std::vector<size_t> deep_;
};

}  // namespace

void fold_once(std::vector<Item>& items, size_t from, size_t loop_buffer, const std::vector<Form>& forms,
               std::vector<Steps>& steps, const std::function<uint32_t(uint32_t, uint32_t, int)>& repeat) {
  const Folder folder(items, from, loop_buffer, forms);
  const std::vector<Unit>& units = folder.units();
  std::vector<Item> out;
  std::vector<std::pair<Item, Steps>> stepped;
  for (size_t at = 0; at < units.size();) {
    const Run run = folder.best_run(at);
    if (run.saved <= 0) {
      for (uint32_t i = 0; i < units[at].items; ++i) out.push_back(items[units[at].first + i]);
      ++at;
      continue;
    }
    uint32_t body = 0;
    int level = 0;
    for (size_t u = at; u < at + run.units; ++u) body += units[u].items, level = std::max(level, units[u].depth);
    out.push_back({repeat(static_cast<uint32_t>(run.count), body, level), 0, {}});
    const size_t first = units[at].first;
    for (size_t i = first; i < first + body; ++i) {
      Item item = items[i];
      const auto step = folder.step(i, i + body);
      if (step != std::array<int64_t, 3>{}) {
        Steps all = steps[item.steps];
        for (int k = 0; k < 3; ++k) all[level][k] = static_cast<int32_t>(step[k]);
        const auto found =
            std::find(steps.rbegin(), steps.rbegin() + static_cast<long>(std::min<size_t>(steps.size(), 256)), all);
        if (found != steps.rbegin() + static_cast<long>(std::min<size_t>(steps.size(), 256))) {
          item.steps = static_cast<uint32_t>(steps.rend() - found - 1);
        } else {
          item.steps = static_cast<uint32_t>(steps.size());
          steps.push_back(all);
        }
      }
      out.push_back(item);
    }
    at += run.units * run.count;
  }
  items.resize(from);
  items.insert(items.end(), out.begin(), out.end());
}

}  // namespace systole::npu
