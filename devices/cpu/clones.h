// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One clone of a loop for each instruction set, chosen at load time; every clone gives the same bits.
#pragma once

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define SYSTOLE_CPU_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SYSTOLE_CPU_CLONES
#endif
