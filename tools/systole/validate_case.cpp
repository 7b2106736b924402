// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/validate_case.h"

#include "configs/spec/load.h"
#include "graph/executor.h"
#include "hal/queue.h"
#include "report/layers.h"
#include "tools/systole/bench_op.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/model.h"
#include "tools/systole/plans.h"
#include "tools/systole/tensors.h"

namespace systole::cli {
namespace {

struct Simulated {
  double seconds = 0, cycles = 0, macs = 0, bytes = 0, utilization = 0;
  std::array<double, report::kBounds> causes{};
};

Result<Simulated> run_ops(const spec::ValidationCase& what, const std::shared_ptr<Device>& device) {
  std::vector<OpDesc> ops;
  double peak = 0;
  Simulated sum;
  for (const spec::OpLine& line : what.ops) {
    SYSTOLE_ASSIGN_OR_RETURN(const OpDesc op, parse_op(line.name, line.shapes, what.dtype, line.attributes));
    if (Support support = device->supports(op); !support.yes)
      return Status(Code::kUnsupported, line.name + " " + line.shapes + ": " + support.reason);
    for (int64_t i = 0; i < line.times; ++i) ops.push_back(op);
    sum.macs += static_cast<double>(mac_count(op)) * static_cast<double>(line.times);
    peak = report::limit(device->info(),
                         op.inputs[0].dtype == DType::kI8 ? "peak_macs_per_cycle_i8" : "peak_macs_per_cycle_bf16");
  }
  SYSTOLE_ASSIGN_OR_RETURN(auto list, record_ops(device, ops));
  Profile profile;
  SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &profile));
  for (const ProfileRecord& record : profile.records) {
    const auto causes = report::causes_of(record);
    for (size_t i = 0; i < causes.size(); ++i) sum.causes[i] += static_cast<double>(causes[i]);
    sum.seconds += (record.end_ns - record.start_ns) * 1e-9;
    sum.cycles += static_cast<double>(record.counter("cycles"));
    sum.bytes += static_cast<double>(record.counter("dram_read_bytes") + record.counter("dram_write_bytes"));
  }
  if (peak > 0) sum.utilization = sum.macs / (sum.cycles * peak);
  return sum;
}

Result<Simulated> run_model(const spec::ValidationCase& what, const std::shared_ptr<Device>& device) {
  SYSTOLE_ASSIGN_OR_RETURN(graph::Graph graph, load_model(what.model, {{}, what.batch, 1, false}, nullptr));
  SYSTOLE_ASSIGN_OR_RETURN(graph::TensorMap inputs, make_inputs(graph, {}, 1));
  graph::SessionOptions options;
  options.device = device;
  SYSTOLE_ASSIGN_OR_RETURN(options.fallback, open_device("cpu"));
  SYSTOLE_ASSIGN_OR_RETURN(auto session, graph::compile(std::move(graph), options));
  graph::TensorMap outputs;
  graph::RunReport run;
  SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs, &run));
  const auto sum = report::totals(report::layer_rows(run, device->info()), run, device->info());
  Simulated result{sum.simulated_ns * 1e-9,
                   static_cast<double>(sum.cycles),
                   static_cast<double>(sum.device_macs),
                   static_cast<double>(sum.dram_read_bytes + sum.dram_write_bytes),
                   sum.utilization,
                   {}};
  for (size_t i = 0; i < result.causes.size(); ++i) result.causes[i] = static_cast<double>(sum.stall_cycles[i]);
  return result;
}

double in_unit(const Simulated& s, const std::string& unit, int64_t batch) {
  if (unit == "cycles") return s.cycles;
  if (unit == "ns") return s.seconds * 1e9;
  if (unit == "us") return s.seconds * 1e6;
  if (unit == "ms") return s.seconds * 1e3;
  if (unit == "s") return s.seconds;
  if (unit == "fps") return static_cast<double>(batch) / s.seconds;
  if (unit == "TOPS") return 2 * s.macs / s.seconds * 1e-12;
  if (unit == "GB/s") return s.bytes / s.seconds * 1e-9;
  return s.utilization * 100;
}

Result<Simulated> simulate(const spec::ValidationCase& what, Checked& result) {
  SYSTOLE_ASSIGN_OR_RETURN(const spec::NpuSpec spec, spec::load_npu_spec(what.hardware));
  result.structure = spec.structure;
  SYSTOLE_ASSIGN_OR_RETURN(const std::string set, joined_settings(what.set));
  std::vector<std::pair<std::string, std::string>> extra = {{"functional", "off"}};
  if (!set.empty()) extra.push_back({"set", set});
  SYSTOLE_ASSIGN_OR_RETURN(auto device, open_device("npu:" + what.hardware, extra));
  auto simulated = what.model.empty() ? run_ops(what, device) : run_model(what, device);
  if (simulated.ok())
    for (double& cycles : simulated->causes) cycles /= report::cores(device->info());
  return simulated;
}

}  // namespace

Checked check_case(const spec::ValidationCase& what) {
  Checked result;
  result.what = what;
  result.overridden = !what.set.empty();
  const auto simulated = simulate(what, result);
  result.status = simulated.status();
  if (!simulated.ok()) return result;
  result.cycles = simulated->cycles;
  for (size_t i = 0; i < result.causes.size(); ++i)
    result.causes[i] = result.cycles > 0 ? simulated->causes[i] / result.cycles : 0;
  result.simulated = in_unit(*simulated, what.published.unit, what.batch);
  result.error = result.simulated / what.published.value - 1;
  return result;
}

}  // namespace systole::cli
