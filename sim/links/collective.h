// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Collectives of all devices of a network. With N devices, `bytes` is the whole tensor: what each device holds before a
// reduction, or has after a gather; device d's share of it is the d-th of N parts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sim/links/network.h"

namespace systole::links {

enum class Operation : uint8_t { kAllReduce, kAllGather, kReduceScatter };

enum class Algorithm : uint8_t {
  kRing,     // parts go from device d to d + 1: N - 1 steps of reduction, then N - 1 of gathering
  kDirect,   // every device sends each other one its part; then the reduced parts likewise
  kOneShot,  // an all-reduce in one go: every device sends its whole tensor to each other one
};

struct Collective {
  Operation operation = Operation::kAllReduce;
  Algorithm algorithm = Algorithm::kRing;
  int64_t bytes = 0;
  int chunks = 1;  // of a part: each goes on as soon as it is there
};

// What else a network has to do meanwhile.
struct Load {
  int concurrent = 1;      // so many of the collective at once
  int64_t host_bytes = 0;  // that the host sends each device
};

// "" where it can be done on that shape, which must be right; else "KEY: expected ..., got ...". There are bounds of
// the packets on all channels together, so that it ends, and of the time, so that it is counted.
std::string wrong_with(const Shape& shape, const Collective& collective, const Load& load = {});

// Starts one now, on flows of its own; `done` is called when every device has its result. Several may be under way.
void begin(Network& network, const Collective& collective, std::function<void()> done);
// The time of one alone, and the network after it.
Femtoseconds time_alone(const Shape& shape, const Collective& collective);

// Bytes that leave each device.
int64_t sent_by_device(const Collective& collective, int devices);

// Its time in closed form, on a quiet network whose memory is no limit; none where there is no such form. With L the
// latency of a way (a switch: of both channels, its own, and a packet's time), s the time of a chunk with its headers
// at the way's rate, c chunks and K steps (ring: N - 1, all-reduce 2(N - 1)):
//   ring:                      (K - 1) max(c s, s + L) + c s + L;  c = 1: K (s + L), that is for an all-reduce
//                              2(N - 1)/N bytes/bandwidth + 2(N - 1) latency
//   direct, fully connected:   c s + L a phase (all-reduce has two, c = 1 only), one-shot: s(bytes) + L
// Parts that are not equal count as the largest. Flows of neighbours on the way of a switch do not meet.
std::optional<double> closed_form_seconds(const Shape& shape, const Collective& collective);

}  // namespace systole::links
