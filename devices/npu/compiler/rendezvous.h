// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How the cores of an NPU keep step: no core begins an op before all have ended the one before it. The first core's
// FENCE waits for those of the others, then it lets them go on; each core's semaphore kRendezvous counts.
#pragma once

#include "devices/npu/compiler/program.h"
#include "devices/npu/compiler/tokens.h"

namespace systole::npu {

inline constexpr int kRendezvous = static_cast<int>(Token::kCount);  // the first number that no op uses

struct Rendezvous {
  int core = 0, cores = 1;

  // Before the commands of every op but the list's first.
  void begin(Program& program, uint16_t tag) const;
  // The op's FENCE is the program's last command. The first core's completes when all have.
  void end(Program& program) const;
};

}  // namespace systole::npu
