// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 15: what is wrong at random, from a seed. Nothing crashes or hangs, every refusal says why, bytes that were not
// named stay, and the device works afterwards.
#include <algorithm>

#include "tests/conformance/lists.h"
#include "tests/conformance/op_random.h"

namespace systole::conformance {
namespace {

constexpr int64_t kBytes = 1 << 16;

// A buffer that no command names, and a fill that must still work at the end.
class Witness {
 public:
  explicit Witness(Context& context) : context_(context), bystander_(make_buffer(*context.device, content_)) {}
  void require_unharmed() {
    require(context_.device->health() == Health::kOk, "the device is healthy");
    require_content(*bystander_, 0, content_, "a buffer that nobody named");
    auto buffer = make_buffer(*context_.device, 100);
    run(context_, fill_list(context_.device, buffer, 0, 100, 0x21));
    require_content(*buffer, 0, Bytes(100, std::byte{0x21}), "a fill afterwards");
  }

 private:
  Context& context_;
  Bytes content_ = pattern_bytes(5000, 99);
  std::shared_ptr<Buffer> bystander_;
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Small enough to run.
bool is_small(const OpDesc& desc) {
  int64_t elements = 0;
  for (const auto* side : {&desc.inputs, &desc.outputs})
    for (const TensorDesc& each : *side) elements = std::max(elements, each.elements());
  return elements <= (1 << 15) && mac_count(desc) <= (1 << 20);
}

OpCall call_of(const OpDesc& desc, const std::shared_ptr<Buffer>& inputs, const std::shared_ptr<Buffer>& outputs) {
  OpCall call{desc.op, {}, {}, desc.name};
  for (const TensorDesc& each : desc.inputs) call.inputs.push_back({inputs, 0, each});
  for (const TensorDesc& each : desc.outputs) call.outputs.push_back({outputs, 0, each});
  return call;
}

// validate, supports, record, end and run agree about every description.
void broken_descriptions(Context& context) {
  Witness witness(context);
  auto inputs = make_buffer(*context.device, Bytes(kBytes, std::byte{0})),
       outputs = make_buffer(*context.device, kBytes);
  for (size_t op = 0; op < kOpKinds; ++op) {
    Random random(7000 + context.seed * 100 + op);
    for (int i = 0; i < 300; ++i) {
      OpDesc desc = broken(random_case(op, random).desc, random);
      if (one_in(random, 3)) desc = broken(std::move(desc), random);
      const std::string what = std::string(op_name(desc.op)) + " " + std::to_string(i);
      const Status valid = validate(desc);
      const Support support = context.device->supports(desc);
      CommandList list(context.device);
      const Status recorded = list.op(call_of(desc, inputs, outputs));
      if (!valid.ok()) {
        require_code(valid, Code::kInvalidArgument, what);
        require(!support.yes && support.reason == valid.message(), what + ": supports says what validate does");
        require_equal(recorded.message(), valid.message(), what + ": recording says what validate does");
        continue;
      }
      require(support.yes == support.reason.empty(), what + ": a reason for no, none for yes");
      if (!recorded.ok()) {
        require(recorded.code() == Code::kOutOfRange || recorded.code() == Code::kInvalidArgument,
                what + ": " + recorded.to_string());
        continue;
      }
      if (!is_small(desc)) continue;
      const Status ended = list.end();
      if (!support.yes) {
        require_code(ended, Code::kUnsupported, what + ", which supports refused: " + support.reason);
        require(contains(ended.message(), support.reason), what + ": the same reason: " + ended.message());
        continue;
      }
      require_ok(ended, what + ", which is supported");
    }
  }
  witness.require_unharmed();
}

// Good descriptions of views that leave their memory, lie across each other, or have none.
void broken_views(Context& context) {
  Witness witness(context);
  Random random(8000 + context.seed);
  auto other = take(context.registry.open("ref"), "open ref");
  auto mine = make_buffer(*context.device, kBytes), foreign = make_buffer(*other, kBytes);
  auto frozen = make_buffer(*context.device, kBytes);
  frozen->freeze();
  const auto any_buffer = [&] {
    return one_in(random, 8) ? foreign : one_in(random, 8) ? frozen : one_in(random, 8) ? nullptr : mine;
  };
  const int64_t odd[] = {1, 2, kBytes - 8, kBytes, kBytes + 1, -1, INT64_MAX, INT64_MIN};
  int ran = 0;
  for (int i = 0; i < 1500; ++i) {
    auto list = std::make_shared<CommandList>(context.device);
    if (one_in(random, 2)) (void)list->add_slot(between(random, -1, 300), "slot");
    const auto view = [&](const TensorDesc& desc) {
      TensorView v{any_buffer(), one_in(random, 4) ? odd[below(random, 8)] : 4096 * below(random, 16), desc};
      if (one_in(random, 8)) v.slot = static_cast<int>(between(random, -3, 3));
      return v;
    };
    const TensorDesc desc = row_major(DType::kU8, {between(random, 0, 100)});
    const int64_t odd_sizes[] = {-1, kBytes, INT64_MAX};
    const int64_t size = one_in(random, 4) ? odd_sizes[below(random, 3)] : desc.shape[0];
    Status status;
    if (one_in(random, 3)) {
      status = list->fill(view(desc), size, static_cast<uint32_t>(random()), static_cast<int>(between(random, -1, 5)));
    } else if (one_in(random, 2)) {
      status = list->copy(view(desc), view(desc), size);
    } else {
      const OpDesc op = random_case(static_cast<size_t>(below(random, kOpKinds)), random).desc;
      OpCall call{op.op, {}, {}, "op"};
      for (const TensorDesc& each : op.inputs) call.inputs.push_back(view(each));
      for (const TensorDesc& each : op.outputs) call.outputs.push_back(view(each));
      status = list->op(std::move(call));
    }
    const std::string what = "recording " + std::to_string(i) + ": " + status.to_string();
    require(status.ok() || status.code() == Code::kInvalidArgument || status.code() == Code::kOutOfRange, what);
    require(status.ok() == !list->commands().empty(), what + ": recorded if it was accepted");
    const Status ended = list->end();
    require(ended.ok() || !status.ok() || ended.code() == Code::kUnsupported, "end of it: " + ended.to_string());
    if (!ended.ok() || !list->slots().empty()) continue;
    run(context, list);
    ++ran;
  }
  require(ran > 50, std::to_string(ran) + " of them were right, and ran");
  witness.require_unharmed();
}

// Bindings, timelines and lists at random: refused, or done and signalled.
void broken_submissions(Context& context) {
  Witness witness(context);
  Random random(9000 + context.seed);
  auto other = take(context.registry.open("ref"), "open ref");
  auto buffer = make_buffer(*context.device, 256), foreign = make_buffer(*other, 256);
  auto slots = std::make_shared<CommandList>(context.device), open = std::make_shared<CommandList>(context.device);
  auto theirs = std::make_shared<CommandList>(other);
  require_ok(theirs->end(), "end");
  TensorView a = byte_view(nullptr, 0, 64), b = a;
  a.slot = slots->add_slot(64, "a"), b.slot = slots->add_slot(64, "b");
  require_ok(slots->copy(a, b, 64), "record");
  require_ok(slots->end(), "end");
  const auto simple = fill_list(context.device, buffer, 0, 256, 1);
  const std::shared_ptr<CommandList> lists[] = {slots, slots, simple, open, theirs, nullptr};
  const std::shared_ptr<Buffer> buffers[] = {buffer, buffer, buffer, foreign, nullptr};
  const int64_t offsets[] = {0, 64, 128, 192, 193, -1, INT64_MAX};
  Queue& queue = queue_of(context);
  int accepted = 0;
  for (int i = 0; i < 1000; ++i) {
    Submission submission;
    auto signal = timeline(static_cast<uint64_t>(below(random, 3)));
    submission.signals = {{one_in(random, 12) ? nullptr : signal, static_cast<uint64_t>(below(random, 5))}};
    if (one_in(random, 3)) submission.waits.push_back({one_in(random, 4) ? nullptr : timeline(2), 2});
    for (int64_t n = below(random, 3); n > 0; --n) submission.lists.push_back(lists[below(random, 6)]);
    for (int64_t n = below(random, 4); n > 0; --n)
      submission.bindings.slots.push_back({buffers[below(random, 5)], offsets[below(random, 7)], {}});
    const uint64_t before = signal->value(), wanted = submission.signals[0].value;
    const auto sequence = queue.submit(std::move(submission));
    if (!sequence.ok()) {
      const Code code = sequence.status().code();
      require(code == Code::kInvalidArgument || code == Code::kOutOfRange || code == Code::kFailedPrecondition,
              "refusal " + std::to_string(i) + ": " + sequence.status().to_string());
      require_equal(signal->value(), before, "a refused submission signals nothing");
      require_ok(signal->failure(), "nor fails anything");
      continue;
    }
    require_equal(*sequence, static_cast<uint64_t>(++accepted), "accepted ones alone are counted");
    require_ok(signal->wait(wanted, after(kPatience)), "submission " + std::to_string(i));
    if (one_in(random, 10)) (void)queue.cancel(random());
  }
  require(accepted > 50, std::to_string(accepted) + " were right");
  require_ok(queue.wait_idle(after(kPatience)), "idle");
  witness.require_unharmed();
}

void broken_uris(Context& context) {
  Random random(9500 + context.seed);
  const std::string good = context.backend.uri;
  const std::string parts[] = {
      "?",  "&",   "=",        ":",   "memory=",   "-1",        "0",           "999999999999999999999",
      "on", "off", "threads=", "\n",  "\xff",      "watchdog=", "functional=", "set=",
      ",",  "a:b", "../",      "%00", "fidelity=", "ref"};
  for (int i = 0; i < 400; ++i) {
    std::string uri = good;
    for (int64_t n = between(random, 1, 3); n > 0; --n) {
      const auto at = static_cast<size_t>(below(random, static_cast<int64_t>(uri.size()) + 1));
      if (one_in(random, 3) && at < uri.size())
        uri.erase(at, static_cast<size_t>(between(random, 1, 4)));
      else
        uri.insert(std::min(at, uri.size()), parts[below(random, std::size(parts))]);
    }
    const auto device = context.registry.open(uri);
    if (device.ok()) {
      require(!(*device)->info().uri.empty(), "a device that opened says what it is");
      continue;
    }
    const Code code = device.status().code();
    require(code == Code::kInvalidArgument || code == Code::kNotFound || code == Code::kUnsupported ||
                code == Code::kUnavailable || code == Code::kOutOfRange,
            "open '" + uri + "': " + device.status().to_string());
    require(device.status().message().size() > 10, "the message says why: " + device.status().to_string());
  }
}

// A device that stops in a command: kind, place and sequence arrive at every waiter, the next device works.
void a_fault_reaches_its_waiters(Context& context) {
  if (context.backend.fault_uri.empty()) throw NotSupported("no command of it can fault");
  auto device = take(context.registry.open(context.backend.fault_uri), "open " + context.backend.fault_uri);
  auto from = make_buffer(*device, 4096), to = make_buffer(*device, 4096);
  auto list = copy_list(device, byte_view(from, 0, 4096), byte_view(to, 0, 4096));
  auto first = timeline(), second = timeline();
  Queue& queue = *take(device->queue(), "queue");
  require_equal(submit(queue, {}, {}, {}), 1u, "a submission before");
  require_equal(submit(queue, {}, {list}, {{first, 1}}), 2u, "the one that faults");
  submit(queue, {{first, 1}}, {}, {{second, 1}});
  for (const Timeline& line : {first, second}) {
    const Status status = line->wait(1, after(kPatience));
    require_code(status, Code::kDeviceFault, "a command that faults");
    require(status.fault() != nullptr, "with a report");
    require(status.fault()->kind == FaultReport::Kind::kWatchdog, "of the watchdog: " + status.message());
    require_equal(status.fault()->sequence, 2u, "sequence of the faulting submission");
    require(contains(status.origin(), "sequence 2"), "origin: " + status.origin());
    require(!status.fault()->detail.empty(), "detail");
  }
  require_ok(device->reset(), "reset after a fault");
  auto third = timeline();
  submit(queue, {}, {}, {{third, 1}});
  require_reached(third, 1, "a submission after it");
  Witness(context).require_unharmed();
}

}  // namespace

std::vector<Test> negative_tests() {
  return {{"negative", "broken_descriptions", broken_descriptions},
          {"negative", "broken_views", broken_views},
          {"negative", "broken_submissions", broken_submissions},
          {"negative", "broken_uris", broken_uris},
          {"negative", "a_fault_reaches_its_waiters", a_fault_reaches_its_waiters}};
}

}  // namespace systole::conformance
