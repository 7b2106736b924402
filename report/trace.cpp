// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/trace.h"

#include <algorithm>
#include <map>

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

}  // namespace

std::string perfetto_trace(const graph::RunReport& run) {
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
    if (added) {
      perfetto::TrackDescriptor* descriptor = trace.add_packet()->mutable_track_descriptor();
      descriptor->set_uuid(track->second);
      descriptor->set_name(span.track);
    }
    edges.push_back({nanoseconds(span.start_ns), true, edges.size(), track->second, span.name});
    edges.push_back({nanoseconds(span.end_ns), false, edges.size(), track->second, ""});
  }
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.time != b.time ? a.time < b.time : a.order < b.order; });
  for (const Edge& edge : edges) {
    perfetto::TracePacket* packet = trace.add_packet();
    packet->set_timestamp(edge.time);
    packet->set_trusted_packet_sequence_id(kSequence);
    perfetto::TrackEvent* event = packet->mutable_track_event();
    event->set_type(edge.begin ? perfetto::TrackEvent::TYPE_SLICE_BEGIN : perfetto::TrackEvent::TYPE_SLICE_END);
    event->set_track_uuid(edge.track);
    if (edge.begin) event->set_name(edge.name);
  }
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

}  // namespace systole::report
