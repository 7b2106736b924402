// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as descriptors in the ring of a small NPU: they end in an error code or are done, or the watchdog ends
// them; reset leaves a device that works.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>

#include "configs/contract/generated/npu_contract.h"
#include "fuzz/small_npu.h"
#include "sim/npu.h"

namespace {

using namespace systole;
namespace reg = contract::reg;

constexpr uint32_t kRing = 256;
constexpr uint64_t kData = 65536;

void set(sim::Npu& npu, uint32_t offset, uint32_t value) {
  if (!npu.reg_write(offset, value)) std::abort();
}
uint32_t get(sim::Npu& npu, uint32_t offset) {
  bool ok = false;
  const uint32_t value = npu.reg_read(offset, ok);
  if (!ok) std::abort();
  return value;
}

// Work that a host would need seconds for is left out: values are computed when a command issues.
bool heavy(const uint8_t* data) {
  contract::Descriptor d;
  std::memcpy(d.words.data(), data, contract::kDescriptorBytes);
  constexpr uint64_t kMost = 1 << 20;
  const auto over = [](std::initializer_list<uint64_t> factors) {
    uint64_t product = 1;
    for (uint64_t factor : factors) {
      if (factor && product > kMost / factor) return true;
      product *= std::max<uint64_t>(factor, 1);
    }
    return false;
  };
  switch (contract::opcode(d)) {
    case contract::Opcode::kLoad:
    case contract::Opcode::kStore: {
      const contract::Load c = contract::decode_load(d);
      return over({c.n0, c.n1, c.n2, c.row_bytes});
    }
    case contract::Opcode::kCompute: {
      const contract::Compute c = contract::decode_compute(d);
      return over({c.m0, c.m1, c.m2, 16});
    }
    case contract::Opcode::kVector: {
      const contract::Vector c = contract::decode_vector(d);
      return over({c.n0, c.n1, c.channels, c.window == contract::WindowOp::kNone ? 1 : uint64_t{c.win_kh} * c.win_kw});
    }
    default:
      return false;
  }
}

// False: still at work after `cycles`.
bool run(sim::Npu& npu, const uint8_t* data, size_t size, uint64_t cycles) {
  set(npu, reg::kCtrl, contract::reg::ctrl::kResetMask);
  std::memset(npu.memory(), 0, kData);
  std::memcpy(npu.memory(), data, size);
  set(npu, reg::kRingSize, kRing);
  set(npu, reg::kWindow0BaseLo, kData);
  set(npu, reg::kWindow0LimitLo, static_cast<uint32_t>(npu.memory_bytes()));
  set(npu, reg::kWindow0Flags, 3);
  set(npu, reg::kWatchdog, 20000);
  set(npu, reg::kIrqEnable, 2);
  set(npu, reg::kCtrl, contract::reg::ctrl::kEnableMask);
  set(npu, reg::kRingTail, static_cast<uint32_t>(size / contract::kDescriptorBytes));
  for (uint64_t passed = 0; passed < cycles && !npu.idle(); passed += 10000) {
    npu.advance(10000);
    if (get(npu, reg::kErrorCode) != 0 && get(npu, reg::kStatus) & contract::reg::status::kErrorMask) return true;
  }
  return npu.idle();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::unique_ptr<sim::Npu> npu = [] {
    std::string error;
    auto made = sim::Npu::create(small_npu(), {.race_check = true}, error);
    if (!made) std::abort();
    return made;
  }();
  size = std::min<size_t>(size / contract::kDescriptorBytes, kRing - 1) * contract::kDescriptorBytes;
  for (size_t at = 0; at < size; at += contract::kDescriptorBytes)
    if (heavy(data + at)) return 0;
  // Loops may keep an honest program busy for longer than this.
  (void)run(*npu, data, size, 200'000);
  contract::Fence fence;
  fence.sequence = 77;
  const contract::Descriptor last = contract::encode(fence);
  if (!run(*npu, reinterpret_cast<const uint8_t*>(last.words.data()), contract::kDescriptorBytes, 100'000) ||
      get(*npu, reg::kFenceLo) != 77)
    std::abort();
  return 0;
}
