// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_case.h"

#include <algorithm>
#include <cmath>

#include "hal/queue.h"
#include "tests/conformance/op_bounds.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

// The device says no: compiling must say no too, with the same reason.
[[noreturn]] void check_refusal(std::shared_ptr<Device> device, const OpCase& op_case, const std::vector<Bytes>& inputs,
                                const Support& support) {
  require(!support.reason.empty(), "a refusal has a reason");
  const Status status = run_case(device, op_case, inputs).status();
  require_code(status, Code::kUnsupported, "running an op that `supports` refuses (" + support.reason + ")");
  require(status.message().find(support.reason) != std::string::npos,
          "the refusal at compile has the reason '" + support.reason + "': " + status.message());
  throw NotSupported(support.reason);
}

}  // namespace

std::vector<Bytes> random_inputs(const OpCase& op_case) {
  std::vector<Bytes> inputs;
  for (size_t i = 0; i < op_case.desc.inputs.size(); ++i)
    inputs.push_back(random_operand(op_case.desc.inputs[i], op_case.seed * 31 + i));
  return inputs;
}

namespace {

constexpr int64_t kGuard = 64;  // bytes behind every operand
constexpr std::byte kUntouched{0xa5};

}  // namespace

OpCall make_call(Device& device, const OpCase& op_case, const std::vector<Bytes>& inputs) {
  OpCall call{op_case.desc.op, {}, {}, op_case.desc.name};
  for (size_t i = 0; i < inputs.size(); ++i) {
    Bytes padded(static_cast<size_t>(op_case.offset), std::byte{0});
    padded.insert(padded.end(), inputs[i].begin(), inputs[i].end());
    padded.resize(padded.size() + kGuard, kUntouched);
    TensorView view;
    view.offset = op_case.offset;
    view.desc = op_case.desc.inputs[i];
    if (i < op_case.constant.size() && op_case.constant[i]) {
      BufferParams params;
      params.size = static_cast<int64_t>(padded.size());
      params.kind = MemoryKind::kConstant;
      params.name = "constant";
      view.buffer = take(allocate_host(params), "constant");
      write_bytes(*view.buffer, 0, padded);
      view.buffer->freeze();
    } else {
      view.buffer = make_buffer(device, padded, "input");
    }
    call.inputs.push_back(view);
  }
  for (const TensorDesc& desc : op_case.desc.outputs) {
    TensorView view;
    view.offset = op_case.offset;
    view.desc = desc;
    view.buffer = make_buffer(
        device, Bytes(static_cast<size_t>(op_case.offset + desc.span_bytes() + kGuard), kUntouched), "output");
    call.outputs.push_back(view);
  }
  return call;
}

Result<std::vector<Bytes>> run_case(std::shared_ptr<Device> device, const OpCase& op_case,
                                    const std::vector<Bytes>& inputs, Profile* profile) {
  OpCall call = make_call(*device, op_case, inputs);
  const std::vector<TensorView> outputs = call.outputs;
  auto list = std::make_shared<CommandList>(device, "case");
  if (Status status = list->op(std::move(call)); !status.ok()) return status;
  if (Status status = list->end(); !status.ok()) return status;
  if (Status status = run_and_wait(*device, list, {}, profile); !status.ok()) return status;
  std::vector<Bytes> results;
  for (const TensorView& view : outputs) {
    const int64_t span = view.desc.span_bytes();
    const Bytes all = read_bytes(*view.buffer, 0, view.buffer->size());
    const auto first = all.begin() + view.offset;
    results.emplace_back(first, first + span);
    require(std::all_of(all.begin(), first, [](std::byte b) { return b == kUntouched; }) &&
                std::all_of(first + span, all.end(), [](std::byte b) { return b == kUntouched; }) &&
                gaps_are_equal(view.desc, results.back(), Bytes(static_cast<size_t>(span), kUntouched)),
            "bytes around the elements of the output were written");
  }
  return results;
}

std::string compare_with_ref(std::shared_ptr<Device> device, std::shared_ptr<Device> ref, const OpCase& op_case) {
  require_ok(validate(op_case.desc), "the case itself");
  const std::vector<Bytes> inputs = random_inputs(op_case);
  const Support support = device->supports(op_case.desc);
  if (!support.yes) check_refusal(device, op_case, inputs, support);
  const TensorDesc& desc = op_case.desc.outputs[0];
  auto outputs = run_case(device, op_case, inputs);
  if (!outputs.ok()) return "supported, but: " + outputs.status().to_string();
  const Bytes got_bytes = (*outputs)[0], expected_bytes = take(run_case(ref, op_case, inputs), "ref")[0];
  if (got_bytes == expected_bytes) return "";
  const std::vector<double> got = elements(desc, got_bytes), expected = elements(desc, expected_bytes);
  std::vector<double> bound(expected.size(), 0.0);
  if (is_float(desc.dtype)) bound = bounds(ref, op_case, inputs, expected);
  for (size_t i = 0; i < expected.size(); ++i) {
    const bool same = got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i]));
    if (same || std::abs(got[i] - expected[i]) <= bound[i]) continue;
    std::ostringstream text;
    text << "element " << i << " of " << desc.to_string() << ": got " << got[i] << ", ref has " << expected[i]
         << ", bound " << bound[i];
    return text.str();
  }
  return is_float(desc.dtype) ? "" : desc.to_string() + " differs from ref's beyond what doubles show";
}

}  // namespace systole::conformance
