// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "graph/edit.h"
#include "graph/node_access.h"
#include "graph/passes/image.h"
#include "graph/plan/plan.h"

namespace systole::graph {
namespace {

bool is_reshape(const Node& node) { return !node.op && node.type == "Reshape"; }

bool is_movement(const Node& node) {
  return node.op && std::holds_alternative<Copy>(*node.op) &&
         (node.type == "Transpose" || node.type == "Slice" || node.type == "Expand");
}

// Strides under which `shape` has the elements of `desc` in their order; empty where no strides do.
std::optional<std::vector<int64_t>> reshaped_strides(const TensorDesc& desc, const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), byte_size(desc.dtype));
  if (desc.elements() == 0 || bit_width(desc.dtype) < 8) return {};
  size_t from = 0, to = 0;
  while (from < desc.shape.size() && to < shape.size()) {
    // The shortest runs of axes on both sides with equally many elements.
    size_t from_end = from + 1, to_end = to + 1;
    int64_t mine = desc.shape[from], theirs = shape[to];
    while (mine != theirs) {
      if (mine < theirs)
        mine *= desc.shape[from_end++];
      else
        theirs *= shape[to_end++];
    }
    // The source's axes of the run are one: each steps over the whole of the next.
    std::optional<size_t> inner;
    for (size_t axis = from_end; axis-- > from;) {
      if (desc.shape[axis] == 1) continue;
      if (inner && desc.strides[axis] != desc.strides[*inner] * desc.shape[*inner]) return {};
      inner = axis;
    }
    std::optional<int64_t> step;
    for (size_t axis = from_end; axis-- > from && !step;)
      if (desc.shape[axis] != 1) step = desc.strides[axis];
    for (size_t axis = to_end; axis-- > to && step;) {
      strides[axis] = *step;
      *step *= shape[axis];
    }
    from = from_end, to = to_end;
  }
  return strides;
}

class Views {
 public:
  explicit Views(Plan& plan) : plan_(plan), uses_(uses_of(plan.graph)) {}

  Status run() {
    const size_t count = plan_.graph.nodes.size();
    std::vector<bool> dead(count, false);
    for (size_t n = 0; n < count; ++n) {
      if (is_movement(node(n)))
        view_or_write_through(n);
      else if (is_reshape(node(n)))
        SYSTOLE_RETURN_IF_ERROR(reshape(n, dead));
      else if (!node(n).op && !is_alias(node(n)))
        order_host_operands(n);
    }
    for (size_t n = 0; n < count; ++n)
      if (dead[n]) node(n).type = "Dead";
    insert_nodes(plan_.graph, std::move(copies_));
    std::vector<bool> gone;
    for (const Node& left : plan_.graph.nodes) gone.push_back(left.type == "Dead" && !left.op);
    erase_nodes(plan_.graph, gone);
    return {};
  }

 private:
  Node& node(size_t n) { return plan_.graph.nodes[n]; }
  Storage& storage(ValueId id) { return plan_.storage[static_cast<size_t>(id)]; }

  bool in_rows(ValueId id) {
    const Value& value = plan_.graph.at(id);
    return same_order(value.shape, storage(id).strides, row_major_strides(value.dtype, value.shape));
  }

  // Every node that reads `id` runs where it runs when `id` is `dense`.
  bool readers_take(ValueId id, const Storage& where) {
    if (static_cast<size_t>(id) >= uses_.consumers.size() || uses_.is_output[static_cast<size_t>(id)]) return false;
    Storage& mine = storage(id);
    const Storage dense = mine;
    const auto places = [&] {
      std::vector<int> found;
      for (int reader : uses_.consumers[static_cast<size_t>(id)])
        if (node(static_cast<size_t>(reader)).op)
          found.push_back(choose_place(plan_, node(static_cast<size_t>(reader))).place);
      return found;
    };
    const auto before = places();
    mine = where;
    bool same = places() == before;
    for (int reader : uses_.consumers[static_cast<size_t>(id)]) {
      const Node& next = node(static_cast<size_t>(reader));
      if (next.op || next.type == "Concat") continue;
      same = same && is_reshape(next) && !plan_.graph.at(id).quant &&
             reshaped_strides(desc_of(plan_, id), plan_.graph.at(next.outputs[0]).shape).has_value();
    }
    mine = dense;
    return same;
  }

  void view_or_write_through(size_t n) {
    const ValueId from = node(n).inputs[0], to = node(n).outputs[0];
    if (plan_.graph.at(from).is_constant() || storage(to).root != to) return;
    const Operand source = input_operand(plan_, node(n), 0);
    const Storage view{source.root, source.offset, source.desc.strides};
    if (readers_take(to, view)) {
      storage(to) = view;
      become_alias(n, "a view");
    } else if (node(n).type == "Transpose" && write_through(n, from, to)) {
      become_alias(n, "written by its producer");
    }
  }

  void become_alias(size_t n, const std::string& how) {
    node(n).op.reset();
    note(&plan_.report, "views: " + node(n).name + " is " + how);
  }

  // The producer of `from` writes where the transpose would put it.
  bool write_through(size_t n, ValueId from, ValueId to) {
    const int producer = uses_.producer[static_cast<size_t>(from)];
    if (producer < 0 || sole_consumer(uses_, from) < 0 || storage(from).root != from) return false;
    const Node& maker = node(static_cast<size_t>(producer));
    if (!maker.op || is_movement(maker)) return false;
    const auto perm = ints_attr(node(n), "perm").value_or(std::vector<int64_t>{});
    const Storage dense = storage(from);
    const int before = choose_place(plan_, maker).place;
    Storage& mine = storage(from);
    mine.root = to;
    for (size_t i = 0; i < perm.size(); ++i) mine.strides[static_cast<size_t>(perm[i])] = storage(to).strides[i];
    if (choose_place(plan_, maker).place == before) return true;
    storage(from) = dense;
    return false;
  }

  ValueId rows_of(ValueId id, size_t before) {
    Value value = plan_.graph.at(id);
    const std::string name = "copy(" + value.name + " to rows)";
    value.name += ".rows";
    value.data = nullptr;
    const auto strides = row_major_strides(value.dtype, value.shape);
    const ValueId rows = plan_.add_value(value, strides);
    add_copy(static_cast<int>(before), name, id, rows);
    return rows;
  }

  void add_copy(int before, const std::string& name, ValueId from, ValueId to) {
    Node copy;
    copy.name = name;
    copy.type = "Copy";
    copy.inputs = {from};
    copy.outputs = {to};
    copy.op = Copy{};
    copies_.push_back({before, std::move(copy)});
    note(&plan_.report, "layout: " + name);
  }

  void order_input(size_t n, size_t i) {
    const ValueId id = node(n).inputs[i];
    if (id == kAbsent || in_rows(id)) return;
    const ValueId rows = rows_of(id, n);
    node(n).inputs[i] = rows;
  }

  void order_output(size_t n, size_t i) {
    const ValueId id = node(n).outputs[i];
    if (id == kAbsent || in_rows(id)) return;
    Value value = plan_.graph.at(id);
    value.name += ".rows";
    const ValueId rows = plan_.add_value(value, row_major_strides(value.dtype, value.shape));
    node(n).outputs[i] = rows;
    add_copy(static_cast<int>(n) + 1, "copy(" + value.name + " to nhwc)", rows, id);
  }

  void order_host_operands(size_t n) {
    for (size_t i = 0; i < node(n).inputs.size(); ++i) order_input(n, i);
    for (size_t i = 0; i < node(n).outputs.size(); ++i) order_output(n, i);
  }

  // The producer of a Reshape's source writes into the order that the Reshape's result has.
  bool write_reshaped(size_t n) {
    const ValueId from = node(n).inputs[0], to = node(n).outputs[0];
    const int producer = uses_.producer[static_cast<size_t>(from)];
    if (in_rows(to) || producer < 0 || sole_consumer(uses_, from) < 0 || storage(from).root != from ||
        storage(to).root != to || plan_.graph.at(from).quant || plan_.graph.at(to).quant)
      return false;
    const Node& maker = node(static_cast<size_t>(producer));
    const auto strides = reshaped_strides(desc_of(plan_, to), plan_.graph.at(from).shape);
    if (!maker.op || is_movement(maker) || !strides) return false;
    const Storage dense = storage(from);
    const int before = choose_place(plan_, maker).place;
    storage(from) = {to, 0, *strides};
    if (choose_place(plan_, maker).place == before) {
      note(&plan_.report, "views: " + node(n).name + " is written by its producer");
      return true;
    }
    storage(from) = dense;
    return false;
  }

  Status reshape(size_t n, std::vector<bool>& dead) {
    if (view_of_strided(n) || write_reshaped(n)) return {};
    order_input(n, 0);
    order_output(n, 0);
    const ValueId from = node(n).inputs[0], to = node(n).outputs[0];
    const Value& source = plan_.graph.at(from);
    if (source.is_constant()) {
      plan_.graph.at(to).data = source.data;
      dead[n] = true;
    } else if (storage(to).root == to) {
      storage(to) = {storage(from).root, storage(from).offset,
                     row_major_strides(plan_.graph.at(to).dtype, plan_.graph.at(to).shape)};
    } else {
      return Status(Code::kInternal, "reshape '" + node(n).name + "' was given a slice of another value");
    }
    return {};
  }

  // A source that isn't in rows, seen under other strides by readers that take them.
  bool view_of_strided(size_t n) {
    const ValueId from = node(n).inputs[0], to = node(n).outputs[0];
    if (in_rows(from) || plan_.graph.at(from).is_constant() || storage(to).root != to || plan_.graph.at(to).quant)
      return false;
    const auto strides = reshaped_strides(desc_of(plan_, from), plan_.graph.at(to).shape);
    if (!strides) return false;
    const Storage view{storage(from).root, storage(from).offset, *strides};
    if (!readers_take(to, view)) return false;
    storage(to) = view;
    note(&plan_.report, "views: " + node(n).name + " is a view");
    return true;
  }

  Plan& plan_;
  const Uses uses_;
  std::vector<Insertion> copies_;
};

}  // namespace

Status expand_views(Plan& plan) { return Views(plan).run(); }

}  // namespace systole::graph
