// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/command_record.h"

namespace systole {

ProfileRecord command_record(const Command& command) {
  ProfileRecord record;
  if (const auto* op = std::get_if<OpCall>(&command)) {
    const OpDesc desc = describe(*op);
    record.name = op->name;
    record.op = op_name(op->op);
    record.counters = {{"macs", mac_count(desc)}, {"bytes", compulsory_bytes(desc)}};
  } else if (const auto* copy = std::get_if<CopyBytes>(&command)) {
    record.name = record.op = "copy";
    record.counters = {{"macs", 0}, {"bytes", 2 * copy->bytes}};
  } else if (const auto* fill = std::get_if<FillBytes>(&command)) {
    record.name = record.op = "fill";
    record.counters = {{"macs", 0}, {"bytes", fill->bytes}};
  } else {
    record.name = record.op = "barrier";
  }
  return record;
}

}  // namespace systole
