// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// When a list is recorded, when what was recorded runs, and what runs where it can't be.
#include <cstring>
#include <thread>

#include "hal/queue.h"
#include "tests/gpu/device_fixture.h"

namespace systole::gpu {
namespace {

// 8 bytes of `from` to `to`, then a fill of the byte after them with `pattern`.
std::shared_ptr<CommandList> slot_list(const std::shared_ptr<Device>& device, uint32_t pattern) {
  auto list = std::make_shared<CommandList>(device, "copies");
  const int from = list->add_slot(8, "from"), to = list->add_slot(9, "to");
  TensorView source, target, after;
  source.slot = from, target.slot = after.slot = to, after.offset = 8;
  EXPECT_TRUE(list->copy(source, target, 8).ok());
  EXPECT_TRUE(list->fill(after, 1, pattern, 1).ok());
  EXPECT_TRUE(list->end().ok());
  return list;
}

TensorView bound(const std::shared_ptr<Buffer>& buffer, int64_t offset = 0) { return {buffer, offset, {}}; }

std::string text_of(Buffer& buffer) {
  EXPECT_TRUE(buffer.invalidate(0, buffer.size()).ok());
  auto bytes = buffer.map(0, buffer.size(), MapAccess::kRead);
  const std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  buffer.unmap();
  return text;
}

void set_text(Buffer& buffer, const std::string& text) {
  auto bytes = buffer.map(0, static_cast<int64_t>(text.size()), MapAccess::kWrite);
  std::memcpy(bytes->data(), text.data(), text.size());
  buffer.unmap();
  EXPECT_TRUE(buffer.flush(0, static_cast<int64_t>(text.size())).ok());
}

TEST(GpuRecording, AListIsRecordedWhereItIsMetTheSecondTime) {
  Opened gpu;
  auto list = relu_list(gpu.device, 3);
  ASSERT_TRUE(list->end().ok());
  for (int run = 0; run < 4; ++run) {
    ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
    EXPECT_EQ(gpu.provider->launches, 3) << "of the first run alone";
    EXPECT_EQ(gpu.provider->recordings, run > 0);
    EXPECT_EQ(gpu.provider->replays, run);
  }
  EXPECT_EQ(gpu.provider->recorded, 3);
  Profile profile;
  ASSERT_TRUE(run_and_wait(*gpu.device, list, {}, &profile).ok());
  EXPECT_EQ(profile.records.size(), 3u);
  EXPECT_EQ(gpu.provider->launches, 6) << "a profile has a time of every command";
}

TEST(GpuRecording, OneCommandIsNotRecorded) {
  Opened gpu;
  auto list = relu_list(gpu.device, 1);
  ASSERT_TRUE(list->end().ok());
  for (int run = 0; run < 3; ++run) ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
  EXPECT_EQ(gpu.provider->launches, 3);
  EXPECT_EQ(gpu.provider->recordings, 0);
}

TEST(GpuRecording, EachSetOfBindingsHasItsOwn) {
  Opened gpu;
  auto list = slot_list(gpu.device, '!');
  auto from = buffer_on(gpu.device, 16), a = buffer_on(gpu.device, 32), b = buffer_on(gpu.device, 32);
  const Bindings sets[] = {{{bound(from), bound(a)}},
                           {{bound(from), bound(b)}},
                           {{bound(from), bound(a, 16)}},
                           {{bound(from, 8), bound(b, 16)}}};
  for (int round = 0; round < 4; ++round) {
    const std::string text = "round " + std::to_string(round) + " second" + std::to_string(round) + ".";
    set_text(*from, text);
    for (auto& target : {a, b}) set_text(*target, std::string(32, '-'));
    for (const Bindings& set : sets) ASSERT_TRUE(run_and_wait(*gpu.device, list, set).ok());
    const std::string first = text.substr(0, 8) + "!", second = text.substr(8, 8) + "!";
    EXPECT_EQ(text_of(*a), first + "-------" + first + "-------") << round;
    EXPECT_EQ(text_of(*b), first + "-------" + second + "-------") << round;
    EXPECT_EQ(gpu.provider->recordings, round > 0 ? 4 : 0) << "two buffers in turns are no reason to record anew";
    EXPECT_EQ(gpu.provider->replays, 4 * round);
  }
}

TEST(GpuRecording, BindingsNeverMetAgainAreNotRecordedAndNotKept) {
  Opened gpu;
  auto list = slot_list(gpu.device, '!');
  auto from = buffer_on(gpu.device, 8), to = buffer_on(gpu.device, 64);
  const auto run = [&](int64_t offset) {
    ASSERT_TRUE(run_and_wait(*gpu.device, list, {{bound(from), bound(to, offset)}}).ok());
  };
  for (int64_t offset = 0; offset < 20; ++offset) run(offset);
  EXPECT_EQ(gpu.provider->recordings, 0);
  run(0);
  EXPECT_EQ(gpu.provider->recordings, 0) << "forgotten after that many others";
  run(19);
  EXPECT_EQ(gpu.provider->recordings, 1) << "not forgotten";
}

TEST(GpuRecording, ABufferThatCameInAnothersPlaceIsNotTheSame) {
  Opened gpu;
  auto list = slot_list(gpu.device, '!');
  auto from = buffer_on(gpu.device, 8), kept = buffer_on(gpu.device, 300);
  for (int i = 0; i < 4; ++i) {
    auto to = buffer_on(gpu.device, i % 2 == 0 ? 16 : 300);  // of two classes: not always the same memory
    set_text(*from, "number " + std::to_string(i));
    ASSERT_TRUE(run_and_wait(*gpu.device, list, {{bound(from), bound(to)}}).ok());
    EXPECT_EQ(text_of(*to).substr(0, 9), "number " + std::to_string(i) + "!");
  }
  EXPECT_EQ(gpu.provider->recordings, 0);
}

TEST(GpuRecording, UploadedConstantsAreBoundAnewAtEveryRun) {
  Opened gpu;
  auto list = slot_list(gpu.device, '!');
  auto constant = *allocate_host({8, 0, MemoryKind::kConstant, "constant"});
  auto to = buffer_on(gpu.device, 16);
  constant->freeze();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run_and_wait(*gpu.device, list, {{bound(constant), bound(to)}}).ok());
  EXPECT_EQ(gpu.provider->recordings, 0);
}

TEST(GpuRecording, ACopyWithinABufferKeepsItsMemory) {
  Opened gpu;
  auto list = slot_list(gpu.device, '!');
  auto buffer = buffer_on(gpu.device, 16);
  for (int run = 0; run < 3; ++run) {
    set_text(*buffer, "abcdefghijklmnop");
    ASSERT_TRUE(run_and_wait(*gpu.device, list, {{bound(buffer), bound(buffer, 2)}}).ok());
    EXPECT_EQ(text_of(*buffer), "ababcdefgh!lmnop") << run;
  }
  EXPECT_EQ(gpu.provider->recorded, 3);
  EXPECT_EQ(gpu.provider->replays, 2);
  const int64_t with = gpu.device->memory_use().in_use_bytes;
  list.reset();
  EXPECT_EQ(gpu.device->memory_use().in_use_bytes, with - 8);
}

TEST(GpuRecording, WhatTheRuntimeRefusesRunsOneByOneFromThenOn) {
  const Status refused(Code::kInternal, "no"), not_done(Code::kUnsupported, "not now");
  struct Case {
    const char* what;
    Status ProviderDouble::*at;
    Status status;
  };
  for (const Case& each :
       {Case{"record", &ProviderDouble::at_record, refused}, Case{"recorded", &ProviderDouble::at_recorded, refused},
        Case{"replay", &ProviderDouble::at_replay, not_done}}) {
    Opened gpu;
    auto list = relu_list(gpu.device, 3);
    ASSERT_TRUE(list->end().ok());
    (*gpu.provider).*each.at = each.status;
    for (int run = 1; run <= 2; ++run) {
      EXPECT_TRUE(run_and_wait(*gpu.device, list).ok()) << each.what;
      EXPECT_EQ(gpu.provider->launches, 3 * run) << each.what;
    }
    (*gpu.provider).*each.at = {};
    for (int run = 0; run < 2; ++run) EXPECT_TRUE(run_and_wait(*gpu.device, list).ok()) << each.what;
    EXPECT_EQ(gpu.provider->launches, 12) << each.what << " is not tried again";
    auto other = relu_list(gpu.device, 3);
    ASSERT_TRUE(other->end().ok());
    for (int run = 0; run < 2; ++run) EXPECT_TRUE(run_and_wait(*gpu.device, other).ok()) << each.what;
    EXPECT_EQ(gpu.provider->replays, 1) << each.what;
  }
}

TEST(GpuRecording, WhatIsRefusedHalfwayGoesOnOneByOne) {
  Opened gpu;
  constexpr int kPiece = 8 * kRunAhead, kMany = 3 * kPiece;
  auto list = relu_list(gpu.device, kMany);
  ASSERT_TRUE(list->end().ok());
  for (int run = 0; run < 2; ++run) ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
  gpu.provider->on_replay = [&, calls = 0]() mutable {
    if (++calls == 2) gpu.provider->at_replay = Status(Code::kUnsupported, "no more");
  };
  EXPECT_TRUE(run_and_wait(*gpu.device, list).ok());
  EXPECT_EQ(gpu.provider->replays, 4);
  EXPECT_EQ(gpu.provider->launches, kMany + kMany - kPiece);
}

TEST(GpuRecording, ALossAndAFaultAreTheRunsOwn) {
  for (Code code : {Code::kDeviceLost, Code::kDeviceFault}) {
    Opened gpu;
    auto list = relu_list(gpu.device, 3);
    ASSERT_TRUE(list->end().ok());
    ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
    gpu.provider->at_replay = Status(code, "it broke");
    EXPECT_EQ(run_and_wait(*gpu.device, list).code(), code);
    EXPECT_EQ(gpu.provider->launches, 3) << "what may be done in part is not done again";
    EXPECT_EQ(gpu.device->health(), code == Code::kDeviceLost ? Health::kLost : Health::kOk);
    gpu.provider->at_replay = {};
    EXPECT_EQ(run_and_wait(*gpu.device, list).ok(), code != Code::kDeviceLost);
  }
  Opened gpu;
  auto list = relu_list(gpu.device, 3);
  ASSERT_TRUE(list->end().ok());
  ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
  gpu.provider->at_recorded = Status(Code::kDeviceLost, "it is gone");
  EXPECT_EQ(run_and_wait(*gpu.device, list).code(), Code::kDeviceLost);
  EXPECT_EQ(gpu.device->health(), Health::kLost);
}

TEST(GpuRecording, AResetStopsALongListBetweenItsPieces) {
  Opened gpu;
  constexpr int kPieces = 4;
  auto list = relu_list(gpu.device, kPieces * 8 * kRunAhead);
  ASSERT_TRUE(list->end().ok());
  for (int run = 0; run < 2; ++run) ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
  EXPECT_EQ(gpu.provider->recordings, kPieces);
  EXPECT_EQ(gpu.provider->replays, kPieces);
  auto done = std::make_shared<Semaphore>(), behind = std::make_shared<Semaphore>();
  Semaphore reached;
  gpu.provider->on_replay = [&] {
    (void)reached.signal(1);
    (void)behind->wait(1);  // reset() cancels what has not started, then stops what runs
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  auto queue = gpu.device->queue(0);
  for (const auto& end : {done, behind}) ASSERT_TRUE((*queue)->submit({{}, {list}, {}, {{end, 1}}, nullptr}).ok());
  ASSERT_TRUE(reached.wait(1).ok());
  EXPECT_TRUE(gpu.device->reset().ok());
  EXPECT_EQ(done->wait(1).code(), Code::kCancelled);
  EXPECT_LT(gpu.provider->replays, 2 * kPieces);
  gpu.provider->on_replay = [] {};
  EXPECT_TRUE(run_and_wait(*gpu.device, list).ok());
}

}  // namespace
}  // namespace systole::gpu
