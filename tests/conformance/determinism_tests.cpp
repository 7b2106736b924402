// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 17: the same submissions give the same bits, and on simulated devices the same cycles and spans, whatever the
// host does meanwhile.
#include <atomic>
#include <functional>
#include <thread>

#include "hal/fnv1a.h"
#include "tests/conformance/lists.h"
#include "tests/conformance/op_cases.h"

namespace systole::conformance {
namespace {

// A chain of whatever the device supports of products, windows, rows and elements, with copies and fills between.
struct Work {
  std::shared_ptr<CommandList> list;
  std::vector<TensorView> outputs;
  std::shared_ptr<Buffer> bytes;
  int ops = 0;
};

std::vector<OpCase> candidates() {
  std::vector<OpCase> cases;
  for (const Types& types : {kF32Types, kBF16Types, kI8Types}) {
    cases.push_back(matmul_case(types, {37, 61}, {61, 43}, {}, true, 1));
    cases.push_back(matmul_case(types, {2, 8, 16}, {2, 16, 10}, {}, false, 2));
    cases.push_back(conv_case(types, {}, Layout::kChannelsLast, 3));
  }
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    const Shape rows = {6, 90};
    cases.push_back(elementwise_case(Softmax{}, dtype, {rows}, rows, Layout::kRowMajor, {}, nullptr, 4, dtype));
    cases.push_back(elementwise_case(Reduce{ReduceKind::kSum, {1}}, dtype, {rows}, {6, 1}, Layout::kRowMajor, {},
                                     nullptr, 5, dtype));
    cases.push_back(elementwise_case(Binary{}, dtype, {rows, {90}}, rows, Layout::kRowMajor, {}, nullptr, 6, dtype));
    cases.push_back(
        elementwise_case(Unary{UnaryKind::kTanh}, dtype, {rows}, rows, Layout::kRowMajor, {}, nullptr, 7, dtype));
  }
  return cases;
}

Work make_work(std::shared_ptr<Device> device) {
  Work work;
  work.list = std::make_shared<CommandList>(device, "work");
  work.bytes = make_buffer(*device, pattern_bytes(3000, 1));
  for (const OpCase& op_case : candidates()) {
    if (!device->supports(op_case.desc).yes) continue;
    OpCall call = make_call(*device, op_case, random_inputs(op_case));
    work.outputs.push_back(call.outputs[0]);
    require_ok(work.list->op(std::move(call)), "record an op");
    const int64_t step = 64 * ++work.ops;
    require_ok(work.list->copy(byte_view(work.bytes, 0, 60), byte_view(work.bytes, step, 60), 60), "record a copy");
  }
  require_ok(work.list->fill(byte_view(work.bytes, 2000, 1000), 1000, 0x01020304, 4), "record a fill");
  require_ok(work.list->end(), "end");
  return work;
}

Bytes results(const Work& work) {
  Bytes all = read_bytes(*work.bytes, 0, 3000);
  for (const TensorView& output : work.outputs) {
    const Bytes part = read_bytes(*output.buffer, output.offset, output.desc.span_bytes());
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// Every number of a profile as a line; then a hash of them all.
std::string text_of(const Profile& profile) {
  std::ostringstream text;
  text << std::hexfloat;
  for (const ProfileRecord& record : profile.records) {
    text << record.name << ' ' << record.op << ' ' << record.queued_ns << ' ' << record.start_ns << ' ' << record.end_ns
         << ' ' << number_kind_name(record.kind);
    for (const Counter& counter : record.counters) text << ' ' << counter.name << '=' << counter.value;
    text << '\n';
  }
  for (const TraceSpan& span : profile.spans)
    text << span.track << ' ' << span.name << ' ' << span.start_ns << ' ' << span.end_ns << '\n';
  return text.str();
}

void require_same(const Profile& got, const Profile& expected, const std::string& what) {
  const std::string a = text_of(got), b = text_of(expected);
  if (fnv1a(a) == fnv1a(b) && a == b) return;
  std::istringstream lines_a(a), lines_b(b);
  std::string line_a, line_b;
  while (std::getline(lines_a, line_a) && std::getline(lines_b, line_b) && line_a == line_b) {
  }
  throw Failure(what + ": hash " + std::to_string(fnv1a(a)) + ", expected " + std::to_string(fnv1a(b)) +
                "; the first lines that differ:\n" + line_a + "\n" + line_b);
}

std::shared_ptr<Device> fresh(Context& context) {
  auto device = take(context.registry.open(context.backend.uri), "open");
  device->set_tracing(true);
  return device;
}

struct Outcome {
  Bytes bytes;
  Profile profile;
  int ops = 0;
};

// `wait` ends when the timeline is at 1.
Outcome run_work(std::shared_ptr<Device> device, const std::function<void(const Timeline&)>& wait) {
  const Work work = make_work(device);
  Outcome outcome;
  auto done = timeline();
  Submission submission;
  submission.lists = {work.list};
  submission.signals = {{done, 1}};
  submission.profile = &outcome.profile;
  require_ok(take(device->queue(), "queue")->submit(std::move(submission)).status(), "submit");
  wait(done);
  require_reached(done, 1, "done");
  outcome.bytes = results(work);
  outcome.ops = work.ops;
  return outcome;
}

void sleep_until_done(const Timeline& done) { (void)done->wait(1, after(kPatience)); }

void the_same_bits_twice(Context& context) {
  Work work = make_work(context.device);
  run(context, work.list);
  const Bytes first = results(work);
  for (int i = 0; i < 3; ++i) {
    for (const TensorView& output : work.outputs)
      write_bytes(*output.buffer, 0, Bytes(static_cast<size_t>(output.buffer->size()), std::byte{0x5a}));
    run(context, work.list);
    require(results(work) == first, "run " + std::to_string(i) + " of the same list");
  }
  Work again = make_work(context.device);
  run(context, again.list);
  require(results(again) == first, "recorded again");
  require(run_work(fresh(context), sleep_until_done).bytes == first, "on a device opened anew");
}

void the_same_profile_twice(Context& context) {
  if (!context.device->info().simulated) throw NotSupported("its times are the host's");
  const Outcome first = run_work(fresh(context), sleep_until_done);
  require(first.ops > 0 && first.profile.records.size() == static_cast<size_t>(2 * first.ops + 1),
          "a record a command");
  require(first.profile.spans.size() > first.profile.records.size(), "spans of engines while tracing is on");
  require_same(run_work(fresh(context), sleep_until_done).profile, first.profile, "a device opened anew");
  auto device = fresh(context);
  run_work(device, sleep_until_done);
  require_ok(device->reset(), "reset");
  Work work = make_work(device);
  Profile profile;
  require_ok(run_and_wait(*device, work.list, {}, &profile), "run after a reset");
  require_same(profile, first.profile, "after a reset");
}

// How often the host looks: asleep, in a busy loop over everything that can be asked, in short waits.
void whatever_the_host_polls(Context& context) {
  const auto busy = [&](std::shared_ptr<Device> device) {
    return run_work(device, [device](const Timeline& done) {
      std::thread second([&] {
        while (done->value() < 1 && done->failure().ok()) (void)device->health();
      });
      while (done->value() < 1 && done->failure().ok()) {
        (void)device->memory_use();
        (void)device->info().memory_bytes;
        (void)done->wait(1, Deadline::min());
      }
      second.join();
    });
  };
  const auto short_waits = [](const Timeline& done) {
    while (done->wait(1, after(std::chrono::milliseconds(1))).code() == Code::kDeadlineExceeded) {
    }
  };
  const Outcome asleep = run_work(fresh(context), sleep_until_done);
  const Outcome looking = busy(fresh(context));
  const Outcome waking = run_work(fresh(context), short_waits);
  require(looking.bytes == asleep.bytes, "bytes of a busy host");
  require(waking.bytes == asleep.bytes, "bytes of a host that wakes often");
  if (!context.device->info().simulated) return;
  require_same(looking.profile, asleep.profile, "a busy host");
  require_same(waking.profile, asleep.profile, "a host that wakes often");
}

// Another device of the kind at work in the process changes nothing.
void beside_another_device(Context& context) {
  const Outcome alone = run_work(fresh(context), sleep_until_done);
  std::atomic<bool> stop{false};
  std::string wrong;
  std::thread neighbour([&] {
    try {
      while (!stop) run_work(fresh(context), sleep_until_done);
    } catch (const Failure& failure) {
      wrong = failure.what();
    }
  });
  std::vector<Outcome> outcomes;
  std::string mine;
  try {
    for (int i = 0; i < 3; ++i) outcomes.push_back(run_work(fresh(context), sleep_until_done));
  } catch (const Failure& failure) {
    mine = failure.what();
  }
  stop = true;
  neighbour.join();
  require_equal(mine + wrong, std::string(), "failures");
  for (const Outcome& outcome : outcomes) {
    require(outcome.bytes == alone.bytes, "bytes");
    if (context.device->info().simulated) require_same(outcome.profile, alone.profile, "beside another device");
  }
}

}  // namespace

std::vector<Test> determinism_tests() {
  return {{"determinism", "the_same_bits_twice", the_same_bits_twice},
          {"determinism", "the_same_profile_twice", the_same_profile_twice},
          {"determinism", "whatever_the_host_polls", whatever_the_host_polls},
          {"determinism", "beside_another_device", beside_another_device}};
}

}  // namespace systole::conformance
