// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Slices of ops: each cut of each op, all of its parts done by ref, is the whole op.
#include "devices/npu/compiler/slice.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/queue.h"
#include "package/devices.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/op_random.h"

namespace systole::npu {
namespace {

using conformance::below;
using conformance::Bytes;

// Output bytes after the calls, in order.
Bytes run(const std::shared_ptr<Device>& ref, const std::vector<OpCall>& calls) {
  auto list = std::make_shared<CommandList>(ref);
  for (const OpCall& call : calls) {
    const Status recorded = list->op(call);
    EXPECT_TRUE(recorded.ok()) << call.name << ": " << recorded.to_string();
  }
  const Status ended = list->end();
  EXPECT_TRUE(ended.ok()) << ended.to_string();
  if (!ended.ok()) return {};
  const Status ran = run_and_wait(*ref, list);
  EXPECT_TRUE(ran.ok()) << ran.to_string();
  Buffer& y = *calls[0].outputs[0].buffer;
  return conformance::read_bytes(y, 0, y.params().size);
}

bool is_empty(const OpDesc& op) {
  const auto empty = [](const TensorDesc& d) { return d.elements() == 0; };
  return std::any_of(op.inputs.begin(), op.inputs.end(), empty) || empty(op.outputs[0]);
}

TEST(Slices, OfEveryOpAlongEveryAxisAreTheWhole) {
  const auto ref = open_device("ref");
  ASSERT_TRUE(ref.ok());
  std::mt19937_64 random(4);
  std::vector<int> cuts(conformance::kOpKinds);
  for (int round = 0; round < 60; ++round)
    for (size_t op = 0; op < conformance::kOpKinds; ++op) {
      const conformance::OpCase op_case = conformance::random_case(op, random);
      if (!validate(op_case.desc).ok() || !(*ref)->supports(op_case.desc).yes) continue;
      if (is_empty(op_case.desc)) continue;
      const auto inputs = conformance::random_inputs(op_case);
      const OpCall whole = conformance::make_call(**ref, op_case, inputs);
      const OpCall again = conformance::make_call(**ref, op_case, inputs);
      for (int axis = 0; axis < whole.outputs[0].desc.rank(); ++axis) {
        const int64_t extent = whole.outputs[0].desc.shape[static_cast<size_t>(axis)];
        const int64_t granule = slice_granule(again, axis);
        if (extent / granule < 2) continue;
        const int64_t at = granule * (1 + below(random, extent / granule - 1));
        const auto first = sliced(again, axis, 0, at), second = sliced(again, axis, at, extent - at);
        if (!first || !second) continue;
        SCOPED_TRACE(std::string(op_name(whole.op)) + " axis " + std::to_string(axis) + " at " + std::to_string(at));
        EXPECT_EQ(run(*ref, {*first, *second}), run(*ref, {whole}));
        ++cuts[op];
      }
    }
  for (size_t op = 0; op < cuts.size(); ++op) EXPECT_GT(cuts[op], 0) << op;
}

}  // namespace
}  // namespace systole::npu
