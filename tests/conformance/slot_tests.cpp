// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 8, slots: buffers bound at submission.
#include <algorithm>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

TensorView slot_view(int slot, int64_t offset, int64_t bytes) {
  TensorView view = byte_view(nullptr, offset, bytes);
  view.slot = slot;
  return view;
}

// Copies 64 bytes from its first slot to its second.
std::shared_ptr<CommandList> two_slots(Context& context) {
  auto list = std::make_shared<CommandList>(context.device, "two slots");
  const int from = list->add_slot(64, "from"), to = list->add_slot(64, "to");
  require_equal(from, 0, "the first slot");
  require_equal(to, 1, "the second slot");
  require_ok(list->copy(slot_view(from, 0, 64), slot_view(to, 0, 64), 64), "record");
  require_ok(list->end(), "end");
  return list;
}

void bound_anew_at_every_submission(Context& context) {
  auto list = two_slots(context);
  for (uint32_t i = 0; i < 4; ++i) {
    auto from = make_buffer(*context.device, pattern_bytes(200, i)), to = make_buffer(*context.device, 200);
    write_bytes(*to, 0, Bytes(200, std::byte{0}));
    run(context, list, {{byte_view(from, 60 + i, 64), byte_view(to, 100 - i, 64)}});
    const Bytes source = pattern_bytes(200, i);
    Bytes expected(200, std::byte{0});
    std::copy_n(source.begin() + 60 + i, 64, expected.begin() + 100 - i);
    require_content(*to, 0, expected, "binding " + std::to_string(i));
  }
}

// Queued one behind another before the first runs: each has its own binding.
void bindings_of_queued_submissions(Context& context) {
  auto list = two_slots(context);
  auto start = timeline(), done = timeline();
  std::vector<std::shared_ptr<Buffer>> targets;
  for (uint32_t i = 0; i < 6; ++i) {
    auto from = make_buffer(*context.device, pattern_bytes(64, i));
    targets.push_back(make_buffer(*context.device, 64));
    submit(queue_of(context), {{start, 1}}, {list}, {{done, i + 1}},
           {{byte_view(from, 0, 64), byte_view(targets[i], 0, 64)}});
  }
  require_ok(start->signal(1), "start");
  require_reached(done, 6, "all");
  for (uint32_t i = 0; i < 6; ++i)
    require_content(*targets[i], 0, pattern_bytes(64, i), "binding " + std::to_string(i));
}

// Slots beside buffers that are bound at record, at offsets inside their slots, several views of one slot.
void mixed_bindings(Context& context) {
  auto fixed = make_buffer(*context.device, pattern_bytes(64, 1));
  auto list = std::make_shared<CommandList>(context.device);
  const int slot = list->add_slot(192, "mixed");
  require_ok(list->fill(slot_view(slot, 0, 192), 192, 0x11, 1), "record");
  require_ok(list->copy(byte_view(fixed, 0, 64), slot_view(slot, 64, 64), 64), "record");
  require_ok(list->copy(slot_view(slot, 64, 64), slot_view(slot, 128, 64), 64), "record");
  require_ok(list->copy(slot_view(slot, 60, 4), byte_view(fixed, 0, 4), 4), "record");
  require_ok(list->end(), "end");
  auto bound = make_buffer(*context.device, Bytes(200, std::byte{0}));
  run(context, list, {{byte_view(bound, 8, 192)}});
  Bytes expected(200, std::byte{0x11});
  std::fill_n(expected.begin(), 8, std::byte{0});
  const Bytes content = pattern_bytes(64, 1);
  std::copy(content.begin(), content.end(), expected.begin() + 72);
  std::copy(content.begin(), content.end(), expected.begin() + 136);
  require_content(*bound, 0, expected, "the slot's buffer");
  require_content(*fixed, 0, Bytes(4, std::byte{0x11}), "the buffer named at record");
}

void one_buffer_in_two_slots(Context& context) {
  auto list = two_slots(context);
  auto both = make_buffer(*context.device, pattern_bytes(128, 2));
  run(context, list, {{byte_view(both, 0, 64), byte_view(both, 64, 64)}});
  const Bytes content = pattern_bytes(128, 2);
  require_content(*both, 64, Bytes(content.begin(), content.begin() + 64), "side by side in one buffer");
}

void more_bindings_than_slots(Context& context) {
  auto list = two_slots(context);
  auto from = make_buffer(*context.device, pattern_bytes(64, 6)), to = make_buffer(*context.device, 64);
  run(context, list, {{byte_view(from, 0, 64), byte_view(to, 0, 64), byte_view(from, 0, 64), {}}});
  require_content(*to, 0, pattern_bytes(64, 6), "what the two slots had");
}

void operands_of_ops(Context& context) {
  const TensorDesc desc = row_major(DType::kF32, {8});
  if (const Support can = context.device->supports({Unary{}, {desc}, {desc}, "relu"}); !can.yes)
    throw NotSupported(can.reason);
  auto list = std::make_shared<CommandList>(context.device);
  const int x = list->add_slot(64, "x"), y = list->add_slot(64, "y");
  TensorView from{nullptr, 32, desc, x}, to{nullptr, 0, desc, y};
  require_ok(list->op({Unary{}, {from}, {to}, "relu"}), "record");
  require_ok(list->end(), "end");
  const float values[] = {-1, 2, -3, 4, 5, -6, 7, 8}, expected[] = {0, 2, 0, 4, 5, 0, 7, 8};
  const auto as_bytes = [](const float(&array)[8]) {
    const auto* first = reinterpret_cast<const std::byte*>(array);
    return Bytes(first, first + sizeof array);
  };
  for (int64_t offset : {0, 4, 64}) {
    auto a = make_buffer(*context.device, 256), b = make_buffer(*context.device, 256);
    write_bytes(*a, offset + 32, as_bytes(values));
    run(context, list, {{byte_view(a, offset, 64), byte_view(b, 128 - offset, 64)}});
    require_content(*b, 128 - offset, as_bytes(expected), "bound at " + std::to_string(offset));
  }
  auto odd = make_buffer(*context.device, 256);
  require_code(run_and_wait(*context.device, list, {{byte_view(odd, 2, 64), byte_view(odd, 128, 64)}}),
               Code::kInvalidArgument, "an offset that f32 does not divide");
}

void impossible_bindings_are_refused(Context& context) {
  auto list = two_slots(context);
  auto good = make_buffer(*context.device, 256), small = make_buffer(*context.device, 63);
  auto other = take(context.registry.open(context.backend.uri), "open another");
  auto foreign = make_buffer(*other, 64);
  auto frozen = make_buffer(*context.device, 64);
  frozen->freeze();
  const TensorView fine = byte_view(good, 0, 64);
  const auto refused = [&](std::vector<TensorView> slots, Code code, const std::string& what) {
    auto signal = timeline();
    require_code(queue_of(context).submit({{}, {list}, {std::move(slots)}, {{signal, 1}}, nullptr}).status(), code,
                 what);
    require_equal(signal->value(), 0u, "signal after a refused submission");
  };
  refused({}, Code::kInvalidArgument, "no binding");
  refused({fine}, Code::kInvalidArgument, "one binding for two slots");
  refused({fine, {}}, Code::kInvalidArgument, "a view without buffer");
  refused({fine, byte_view(small, 0, 63)}, Code::kOutOfRange, "a buffer that is too small");
  refused({fine, byte_view(good, 193, 63)}, Code::kOutOfRange, "too little behind the offset");
  for (int64_t offset : {int64_t{-1}, int64_t{257}, INT64_MAX, INT64_MIN})
    refused({byte_view(good, offset, 64), fine}, Code::kOutOfRange, "offset " + std::to_string(offset));
  refused({byte_view(foreign, 0, 64), fine}, Code::kInvalidArgument, "a buffer of another device");
  refused({fine, byte_view(frozen, 0, 64)}, Code::kInvalidArgument, "a frozen buffer that is written");
  run(context, list, {{byte_view(frozen, 0, 64), fine}});
}

void impossible_slots_are_refused(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  for (int64_t size : {int64_t{0}, int64_t{-1}, INT64_MIN}) {
    CommandList list(context.device);
    require_equal(list.add_slot(size, "impossible"), -1, "slot of " + std::to_string(size) + " bytes");
    require_code(list.end(), Code::kInvalidArgument, "end of its list");
  }
  CommandList none(context.device);
  require_code(none.copy(slot_view(0, 0, 4), byte_view(buffer, 0, 4), 4), Code::kOutOfRange,
               "a slot that is not there");
  CommandList beyond(context.device);
  const int slot = beyond.add_slot(16, "small");
  require_code(beyond.copy(slot_view(slot, 1, 16), byte_view(buffer, 0, 16), 16), Code::kOutOfRange, "beyond its slot");
}

}  // namespace

std::vector<Test> slot_tests() {
  return {{"cmd", "slots_bound_anew_at_every_submission", bound_anew_at_every_submission},
          {"cmd", "slots_of_queued_submissions", bindings_of_queued_submissions},
          {"cmd", "slots_beside_buffers", mixed_bindings},
          {"cmd", "slots_of_one_buffer", one_buffer_in_two_slots},
          {"cmd", "slots_fewer_than_bindings", more_bindings_than_slots},
          {"cmd", "slots_of_ops", operands_of_ops},
          {"cmd", "slots_bound_impossibly", impossible_bindings_are_refused},
          {"cmd", "slots_impossible", impossible_slots_are_refused}};
}

}  // namespace systole::conformance
