// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/executor.h"

#include <chrono>
#include <cstring>

#include "graph/plan/prospect.h"
#include "graph/run/host_step.h"
#include "graph/run/session_memory.h"
#include "graph/run/strided_copy.h"
#include "hal/guard.h"
#include "hal/queue.h"

namespace systole::graph {
namespace {

using Clock = std::chrono::steady_clock;
double ns_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

}  // namespace

struct Session::State {
  Plan plan;
  std::vector<Step> steps;
  SessionMemory memory;
  std::vector<std::shared_ptr<CommandList>> lists;  // by step; null for host steps
  RunReport prospect;

  Status record(const std::vector<std::vector<std::byte>>& images);
  Status write_inputs(const TensorMap& inputs);
  Status read_outputs(TensorMap& outputs);
  Status run_steps(std::vector<Profile>& profiles, RunReport* report, Deadline deadline);
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
const Plan& Session::plan() const { return state_->plan; }
const RunReport& Session::prospect() const { return state_->prospect; }

Status Session::State::record(const std::vector<std::vector<std::byte>>& images) {
  lists.resize(steps.size());
  for (size_t s = 0; s < steps.size(); ++s) {
    if (steps[s].place == kHost) continue;
    const std::string name = plan.place_name(steps[s].place) + " segment " + std::to_string(s);
    auto list = std::make_shared<CommandList>(plan.devices[steps[s].place], name);
    for (int n : steps[s].nodes) {
      const Node& node = plan.graph.nodes[static_cast<size_t>(n)];
      OpCall call{*node.op, {}, {}, node.name};
      for (size_t i = 0; i < node.inputs.size(); ++i)
        call.inputs.push_back(memory.view(plan, input_operand(plan, node, i)));
      for (size_t i = 0; i < node.outputs.size(); ++i)
        call.outputs.push_back(memory.view(plan, output_operand(plan, node, i)));
      SYSTOLE_RETURN_IF_ERROR(list->op(std::move(call)).with_origin(node.name));
    }
    SYSTOLE_RETURN_IF_ERROR(images.empty() ? list->end() : list->end(images[s]));
    lists[s] = std::move(list);
  }
  return {};
}

Status Session::State::write_inputs(const TensorMap& inputs) {
  for (const auto& [name, tensor] : inputs) {
    bool known = false;
    for (ValueId id : plan.graph.inputs) known = known || plan.graph.at(id).name == name;
    if (!known) return Status(Code::kNotFound, "the graph has no input '" + name + "'");
  }
  for (ValueId id : plan.graph.inputs) {
    const Value& value = plan.graph.at(id);
    const auto found = inputs.find(value.name);
    if (found == inputs.end() && value.resident) continue;
    if (found == inputs.end()) return Status(Code::kInvalidArgument, "no value for input '" + value.name + "'");
    const HostTensor& tensor = found->second;
    if (tensor.dtype != value.dtype || tensor.shape != value.shape)
      return Status(Code::kInvalidArgument, "input '" + value.name + "': expected " +
                                                row_major(value.dtype, value.shape).to_string() + ", got " +
                                                row_major(tensor.dtype, tensor.shape).to_string());
    const int64_t given = static_cast<int64_t>(tensor.data.size()),
                  needed = bytes_for(value.dtype, element_count(value.shape));
    if (given != needed)
      return Status(Code::kInvalidArgument, "input '" + value.name + "': expected " + std::to_string(needed) +
                                                " bytes, got " + std::to_string(given));
    const Storage& storage = plan.storage[static_cast<size_t>(id)];
    if (memory.arena_of[static_cast<size_t>(storage.root)] < 0 || tensor.data.empty()) continue;
    const TensorView view = memory.view(plan, {storage.root, storage.offset, desc_of(plan, id)});
    const int64_t bytes = view.desc.span_bytes();
    SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> target, view.buffer->map(view.offset, bytes, MapAccess::kWrite));
    const Status copied =
        strided_copy(tensor.data.data(), row_major(value.dtype, value.shape), target.data(), view.desc);
    view.buffer->unmap();
    SYSTOLE_RETURN_IF_ERROR(copied);
    SYSTOLE_RETURN_IF_ERROR(view.buffer->flush(view.offset, bytes));
  }
  return {};
}

Status Session::State::read_outputs(TensorMap& outputs) {
  outputs.clear();
  for (ValueId id : plan.graph.outputs) {
    const Value& value = plan.graph.at(id);
    const int home = plan.home[static_cast<size_t>(id)];
    if (value.resident && home != kHost && !plan.devices[home]->info().functional) continue;
    HostTensor tensor = make_host_tensor(value.dtype, value.shape);
    const auto bytes = static_cast<int64_t>(tensor.data.size());
    if (bytes > 0) {
      const Storage& storage = plan.storage[static_cast<size_t>(id)];
      const TensorView view = value.is_constant()
                                  ? TensorView{value.data, 0, desc_of(plan, id)}
                                  : memory.view(plan, {storage.root, storage.offset, desc_of(plan, id)});
      SYSTOLE_RETURN_IF_ERROR(view.buffer->invalidate(view.offset, bytes));
      SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> source, view.buffer->map(view.offset, bytes, MapAccess::kRead));
      std::memcpy(tensor.data.data(), source.data(), tensor.data.size());
      view.buffer->unmap();
    }
    outputs.emplace(value.name, std::move(tensor));
  }
  return {};
}

// `report` may be null; then nothing is profiled. Steps are points of one timeline: step i starts at value i and
// signals i + 1.
Status Session::State::run_steps(std::vector<Profile>& profiles, RunReport* report, Deadline deadline) {
  const auto timeline = std::make_shared<Semaphore>();
  const auto start = Clock::now();
  Status status;
  for (size_t s = 0; s < steps.size() && status.ok(); ++s) {
    if (lists[s]) {
      auto queue = plan.devices[steps[s].place]->queue(0);
      if (!queue.ok()) {
        status = queue.status();
        break;
      }
      Submission submission;
      submission.waits = {{timeline, s}};
      submission.lists = {lists[s]};
      submission.signals = {{timeline, s + 1}};
      submission.profile = report ? &profiles[s] : nullptr;
      if (s == 0) submission.waits.clear();
      status = (*queue)->submit(std::move(submission)).status();
      continue;
    }
    status = timeline->wait(s, deadline);
    if (!status.ok()) break;
    const auto begin = Clock::now();
    const auto n = static_cast<size_t>(steps[s].nodes[0]);
    status = run_host_step(plan, memory, plan.graph.nodes[n]).with_origin(plan.graph.nodes[n].name);
    if (report) {
      report->nodes[n].measured_ns = ns_since(begin);
      report->segments[s].end_ns = ns_since(start);
      report->segments[s].start_ns = report->segments[s].end_ns - report->nodes[n].measured_ns;
    }
    if (status.ok()) status = timeline->signal(s + 1);
  }
  if (status.ok()) status = timeline->wait(steps.size(), deadline);
  if (status.ok()) return {};
  timeline->fail(status);  // nothing later starts; what runs still writes its profile, so it is waited for
  for (int place : {kMain, kFallback})
    if (plan.devices[place])
      if (auto queue = plan.devices[place]->queue(0); queue.ok()) (void)(*queue)->wait_idle();
  return timeline->failure();
}

Status Session::run(const TensorMap& inputs, TensorMap& outputs, RunReport* report, Deadline deadline) {
  return guarded("run", [&]() -> Status {
    const auto start = Clock::now();
    SYSTOLE_RETURN_IF_ERROR(state_->write_inputs(inputs));
    RunReport mine;
    if (report) mine = state_->prospect;
    std::vector<Profile> profiles(state_->steps.size());
    SYSTOLE_RETURN_IF_ERROR(state_->run_steps(profiles, report ? &mine : nullptr, deadline));
    SYSTOLE_RETURN_IF_ERROR(state_->read_outputs(outputs));
    if (!report) return {};
    fill_times(state_->steps, std::move(profiles), mine);
    mine.wall_ns = ns_since(start);
    *report = std::move(mine);
    return {};
  });
}

Result<std::vector<std::vector<std::byte>>> Session::images() const {
  return guarded("images", [&]() -> Result<std::vector<std::vector<std::byte>>> {
    std::vector<std::vector<std::byte>> images(state_->lists.size());
    for (size_t s = 0; s < images.size(); ++s) {
      if (!state_->lists[s]) continue;
      auto image = state_->lists[s]->executable()->save(*state_->lists[s]);
      if (image.ok())
        images[s] = std::move(image).value();
      else if (image.status().code() != Code::kUnsupported)
        return image.status();
    }
    return images;
  });
}

Result<std::unique_ptr<Session>> open_plan(Plan plan, const std::vector<std::vector<std::byte>>& images) {
  return guarded("open", [&]() -> Result<std::unique_ptr<Session>> {
    auto state = std::make_unique<Session::State>();
    state->plan = std::move(plan);
    state->steps = steps_of(state->plan);
    if (!images.empty() && images.size() != state->steps.size())
      return Status(Code::kDataLoss, "a plan of " + std::to_string(state->steps.size()) + " steps with " +
                                         std::to_string(images.size()) + " images");
    for (const Step& step : state->steps)
      if (step.place != kHost && !state->plan.devices[step.place])
        return Status(Code::kDataLoss, "a step runs where there is no device");
    state->memory = plan_memory(state->plan, state->steps);
    SYSTOLE_RETURN_IF_ERROR(allocate_memory(state->plan, state->memory));
    SYSTOLE_RETURN_IF_ERROR(state->record(images));
    state->prospect = make_prospect(state->plan, state->steps, state->memory);
    return std::unique_ptr<Session>(new Session(std::move(state)));
  });
}

Result<std::unique_ptr<Session>> compile(Graph graph, SessionOptions options) {
  return guarded("compile", [&]() -> Result<std::unique_ptr<Session>> {
    SYSTOLE_ASSIGN_OR_RETURN(Plan plan, make_plan(std::move(graph), options));
    return open_plan(std::move(plan));
  });
}

}  // namespace systole::graph
