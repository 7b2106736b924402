// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/trace.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "report/limits.h"
#include "trace.pb.h"

namespace systole::report {
namespace {

constexpr uint32_t kSequence = 1;

struct Edge {
  uint64_t time;
  bool begin;
  size_t order;  // spans that begin together keep their order; ends come before begins
  uint64_t track;
  std::string name;
};

uint64_t nanoseconds(double value) { return value <= 0 ? 0 : static_cast<uint64_t>(value + 0.5); }

perfetto::TrackDescriptor* describe_track(perfetto::Trace& trace, uint64_t track, const std::string& name) {
  perfetto::TrackDescriptor* descriptor = trace.add_packet()->mutable_track_descriptor();
  descriptor->set_uuid(track);
  descriptor->set_name(name);
  return descriptor;
}

perfetto::TrackEvent* add_event(perfetto::Trace& trace, uint64_t time, uint64_t track) {
  perfetto::TracePacket* packet = trace.add_packet();
  packet->set_timestamp(time);
  packet->set_trusted_packet_sequence_id(kSequence);
  perfetto::TrackEvent* event = packet->mutable_track_event();
  event->set_track_uuid(track);
  return event;
}

// A counter holds its value until the next one; equal ones in a row are written once.
class CounterTrack {
 public:
  CounterTrack(perfetto::Trace& trace, uint64_t track, const std::string& name, const char* unit)
      : trace_(trace), track_(track) {
    describe_track(trace, track, name)->mutable_counter()->set_unit_name(unit);
  }
  void set(double at_ns, int64_t value) {
    if (value == value_) return;
    perfetto::TrackEvent* event = add_event(trace_, nanoseconds(at_ns), track_);
    event->set_type(perfetto::TrackEvent::TYPE_COUNTER);
    event->set_counter_value(value);
    value_ = value;
  }

 private:
  perfetto::Trace& trace_;
  uint64_t track_;
  int64_t value_ = -1;
};

void add_counters(perfetto::Trace& trace, uint64_t track, const graph::RunReport& run,
                  const std::vector<Series>& traffic) {
  for (const Series& series : traffic) {
    std::string name = series.name;
    if (name.ends_with("_bytes")) name.erase(name.size() - 6);
    CounterTrack counter(trace, track++, name, "B/s");
    for (size_t bin = 0; bin < series.values.size(); ++bin)
      counter.set(series.start_ns + static_cast<double>(bin) * series.bin_ns,
                  std::llround(static_cast<double>(series.values[bin]) / series.bin_ns * 1e9));
    counter.set(series.start_ns + static_cast<double>(series.values.size()) * series.bin_ns, 0);
  }
  CounterTrack scratchpad(trace, track++, "scratchpad in use", "B"),
      accumulators(trace, track, "accumulators in use", "B");
  double end_ns = 0;
  for (const graph::NodeReport& node : run.nodes) {
    if (!node.profile || node.profile->kind != NumberKind::kSimulated) continue;
    const Limits limits = limits_of(*node.profile);
    scratchpad.set(node.profile->start_ns, limits.scratchpad_bytes + limits.resident_bytes);
    accumulators.set(node.profile->start_ns, limits.accumulator_bytes);
    end_ns = node.profile->end_ns;
  }
  scratchpad.set(end_ns, 0);
  accumulators.set(end_ns, 0);
}

}  // namespace

std::string perfetto_trace(const graph::RunReport& run, const std::vector<Series>& traffic) {
  std::vector<TraceSpan> spans;
  for (const graph::NodeReport& node : run.nodes) {
    if (node.profile && node.profile->kind == NumberKind::kSimulated) {
      spans.push_back({"layers", node.name, node.profile->start_ns, node.profile->end_ns});
    }
  }
  spans.insert(spans.end(), run.spans.begin(), run.spans.end());

  perfetto::Trace trace;
  std::map<std::string, uint64_t> tracks;
  std::vector<Edge> edges;
  for (const TraceSpan& span : spans) {
    const auto [track, added] = tracks.try_emplace(span.track, tracks.size() + 1);
    if (added) describe_track(trace, track->second, span.track);
    edges.push_back({nanoseconds(span.start_ns), true, edges.size(), track->second, span.name});
    edges.push_back({nanoseconds(span.end_ns), false, edges.size(), track->second, ""});
  }
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.time != b.time ? a.time < b.time : a.order < b.order; });
  for (const Edge& edge : edges) {
    perfetto::TrackEvent* event = add_event(trace, edge.time, edge.track);
    event->set_type(edge.begin ? perfetto::TrackEvent::TYPE_SLICE_BEGIN : perfetto::TrackEvent::TYPE_SLICE_END);
    if (edge.begin) event->set_name(edge.name);
  }
  add_counters(trace, tracks.size() + 1, run, traffic);
  std::string bytes;
  trace.SerializeToString(&bytes);
  return bytes;
}

Result<std::vector<ReadSpan>> read_perfetto_trace(const std::string& bytes) {
  perfetto::Trace trace;
  if (!trace.ParseFromString(bytes)) return Status(Code::kDataLoss, "not a Perfetto trace, or a truncated one");
  std::map<uint64_t, std::string> names;
  std::map<uint64_t, std::vector<ReadSpan>> open;
  std::vector<ReadSpan> spans;
  for (const perfetto::TracePacket& packet : trace.packet()) {
    if (packet.has_track_descriptor()) names[packet.track_descriptor().uuid()] = packet.track_descriptor().name();
    if (!packet.has_track_event()) continue;
    const perfetto::TrackEvent& event = packet.track_event();
    if (event.type() == perfetto::TrackEvent::TYPE_COUNTER) continue;
    std::vector<ReadSpan>& stack = open[event.track_uuid()];
    if (event.type() == perfetto::TrackEvent::TYPE_SLICE_BEGIN) {
      stack.push_back({names[event.track_uuid()], event.name(), packet.timestamp(), 0});
    } else if (stack.empty()) {
      return Status(Code::kDataLoss, "a span ends on track '" + names[event.track_uuid()] + "' where none is open");
    } else {
      stack.back().end_ns = packet.timestamp();
      spans.push_back(stack.back());
      stack.pop_back();
    }
  }
  return spans;
}

Result<std::vector<ReadCounter>> read_perfetto_counters(const std::string& bytes) {
  perfetto::Trace trace;
  if (!trace.ParseFromString(bytes)) return Status(Code::kDataLoss, "not a Perfetto trace, or a truncated one");
  std::map<uint64_t, std::string> names;
  std::vector<ReadCounter> counters;
  for (const perfetto::TracePacket& packet : trace.packet()) {
    if (packet.has_track_descriptor()) names[packet.track_descriptor().uuid()] = packet.track_descriptor().name();
    if (packet.has_track_event() && packet.track_event().type() == perfetto::TrackEvent::TYPE_COUNTER)
      counters.push_back(
          {names[packet.track_event().track_uuid()], packet.timestamp(), packet.track_event().counter_value()});
  }
  return counters;
}

}  // namespace systole::report
