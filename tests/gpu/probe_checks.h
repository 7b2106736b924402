// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the probes' kernels are held to on every provider.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "devices/gpu/probe.h"

namespace systole::gpu {

// Both ways of going through memory touch every word of it once a pass.
inline void expect_probes_touch_all(const std::shared_ptr<Provider>& provider) {
  constexpr int64_t kBytes = 1 << 16, kWords = kBytes / 8;
  ProgramCache programs(provider, DiskCache(""));
  auto memory = provider->allocate(2 * kBytes + 8);
  auto stream = provider->stream();
  ASSERT_TRUE(memory.ok() && stream.ok());
  const Operand x{memory->get(), 0}, y{memory->get(), kBytes}, sum{memory->get(), 2 * kBytes};
  for (bool host_threads : {false, true}) {
    Facts facts = provider->facts();
    facts.is_cpu = host_threads;
    facts.compute_units = 3;
    std::vector<std::pair<std::string, std::string>> macros;
    if (host_threads && provider->facts().is_cpu) macros.emplace_back("HOST_VECTORS", "1");
    for (int64_t passes : {1, 3}) {
      ProbeShape shape = probe_words(facts, kBytes);
      shape.params.passes = passes;
      const auto run = [&](const char* entry, const Operand& to) {
        auto kernel = programs.own_kernel("probe", macros, entry);
        if (!kernel.ok()) return kernel.status();
        const Operand operands[] = {to, x};
        SYSTOLE_RETURN_IF_ERROR(
            (*stream)->launch(**kernel, shape.grid, operands, std::as_bytes(std::span(&shape.params, 1))));
        return (*stream)->finish();
      };
      std::vector<uint64_t> words(kWords);
      for (size_t i = 0; i < words.size(); ++i) words[i] = 1000 * i;
      ASSERT_TRUE((*stream)->write(std::as_bytes(std::span(words)), x).ok());
      ASSERT_TRUE((*stream)->fill(y, kBytes, 0, 4).ok());
      Status ran = run("stream_words", y);
      ASSERT_TRUE(ran.ok()) << ran.to_string();
      ASSERT_TRUE((*stream)->read(y, std::as_writable_bytes(std::span(words))).ok());
      for (size_t i = 0; i < words.size(); ++i) ASSERT_EQ(words[i], 1000 * i + 1) << i;
      // A sum of all ones, which `passes` times that word make, is told: whoever reads the last word has it.
      words.assign(words.size(), 0);
      words.back() = passes == 1 ? ~uint64_t{0} : ~uint64_t{0} / 3;
      ASSERT_TRUE((*stream)->write(std::as_bytes(std::span(words)), x).ok());
      ASSERT_TRUE((*stream)->fill(sum, 8, 0, 4).ok());
      if (passes == 3 && !host_threads) continue;  // groups change places from one pass to the next
      ran = run("read_words", sum);
      ASSERT_TRUE(ran.ok()) << ran.to_string();
      uint64_t told = 0;
      ASSERT_TRUE((*stream)->read(sum, std::as_writable_bytes(std::span(&told, 1))).ok());
      EXPECT_EQ(told, ~uint64_t{0}) << "host threads: " << host_threads << ", passes: " << passes;
    }
  }
}

}  // namespace systole::gpu
