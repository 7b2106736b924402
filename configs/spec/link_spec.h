// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The links of a device as plain data: what one file of configs/links says.
#pragma once

#include "configs/spec/described.h"

namespace systole::spec {

struct LinkFigures {            // one link; both directions at once, each with these figures
  double bytes_per_second = 0;  // on the wire in one direction, line code taken off, headers not
  int per_device = 1;           // a device shares its links out to its neighbours
  double latency = 0;           // seconds from a packet's last bit sent to its last bit there
  int payload_bytes = 0;        // the most a packet carries
  int header_bytes = 0;         // on the wire with every packet: header, CRC, framing
  int buffer_packets = 0;       // a receiver's FIFO, a link; 0: what a round trip at full rate needs
  bool operator==(const LinkFigures&) const = default;
};

struct SwitchFigures {
  double latency = 0;  // seconds from a packet's last bit in to its first bit out, the way free
  bool operator==(const SwitchFigures&) const = default;
};

struct LinkSpec : Described {
  LinkFigures link;
  SwitchFigures switch_;
  bool operator==(const LinkSpec&) const = default;
};

}  // namespace systole::spec
