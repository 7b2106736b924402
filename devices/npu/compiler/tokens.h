// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Semaphore numbers of an op, and how commands take and give their counts. Every op sets those it uses before its first
// command, and its FENCE leaves nothing in flight, so that ops share the numbers.
#pragma once

#include <cstdlib>

#include "configs/contract/generated/npu_contract.h"

namespace systole::npu {

enum class Token : int {
  kXFull,
  kXFree,
  kWFull,
  kWFree,
  kAccFull,
  kAccFree,
  kOutFull,
  kOutFree,
  kResidualFull,
  kParamFull,
  kParamFree,
  kPFull,  // attention: probabilities in the scratchpad
  kPFree,
  kSumFull,  // attention: weighed values in the accumulators
  kSumFree,
  kChain,  // from one vector command to the next that reads what it wrote
  kCount,
};

template <typename Command>
void wait(Command& command, Token token) {
  contract::Header& h = command.header;
  if (h.wait0_count == 0) {
    h.wait0_id = static_cast<uint32_t>(token), h.wait0_count = 1;
  } else if (h.wait1_count == 0) {
    h.wait1_id = static_cast<uint32_t>(token), h.wait1_count = 1;
  } else {
    std::abort();
  }
}

template <typename Command>
void signal(Command& command, Token token, int count = 1) {
  contract::Header& h = command.header;
  if (h.signal0_count == 0) {
    h.signal0_id = static_cast<uint32_t>(token), h.signal0_count = static_cast<uint32_t>(count);
  } else if (h.signal1_count == 0) {
    h.signal1_id = static_cast<uint32_t>(token), h.signal1_count = static_cast<uint32_t>(count);
  } else {
    std::abort();
  }
}

}  // namespace systole::npu
