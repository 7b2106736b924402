// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/link_keys.h"

namespace systole::spec {
namespace {

#define SLOT(member) [](void* s) -> Slot { return &static_cast<LinkSpec*>(s)->member; }

constexpr KeyInfo kKeys[] = {
    {"name", Dimension::kText, true, 0, 0, SLOT(name)},
    {"description", Dimension::kText, true, 0, 0, SLOT(description)},
    {"sources", Dimension::kText, false, 0, 0, SLOT(sources)},
    {"link.bytes_per_second", Dimension::kBytesPerSecond, true, 1e6, 1e14, SLOT(link.bytes_per_second)},
    {"link.per_device", Dimension::kCount, false, 1, 1024, SLOT(link.per_device)},
    {"link.latency", Dimension::kSeconds, true, 0, 1e-3, SLOT(link.latency)},
    {"link.payload_bytes", Dimension::kBytes, true, 8, 1 << 20, SLOT(link.payload_bytes)},
    {"link.header_bytes", Dimension::kBytes, false, 0, 4096, SLOT(link.header_bytes)},
    {"link.buffer_packets", Dimension::kCount, false, 0, 1 << 20, SLOT(link.buffer_packets)},
    {"switch.latency", Dimension::kSeconds, false, 0, 1e-3, SLOT(switch_.latency)},
};

#undef SLOT

}  // namespace

Keys link_keys() { return kKeys; }

std::vector<Complaint> settle(const LinkSpec& spec) {
  if (spec.link.buffer_packets == 1)  // two free places let a packet into a ring without closing it
    return {{"link.buffer_packets", "expected 0 or at least 2, got 1"}};
  return {};
}

Result<LinkSpec> resolve_link_spec(const YamlDocument& document) {
  return resolve<LinkSpec>(link_keys(), document, [](const LinkSpec& spec) { return settle(spec); });
}

}  // namespace systole::spec
