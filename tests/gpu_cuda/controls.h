// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What tests ask of the driver's double, besides the driver's own functions: symbols of its library.
#pragma once

#include <cstdint>

extern "C" {
// The call of that name after `calls` others of it fails with the driver's error code `error`, once; a kernel launch's
// failure shows at the wait, and the context is dead then. Null: none does.
using DoubleFail = void(const char* name, int error, int calls);
using DoubleCount = int64_t();
// From cuBLASLt's double: run(what) is a command of the stream, done as often as it is replayed; release(what) when it
// is gone. Symbol: double_ask.
using DoubleAsk = int(struct CUstream_st* stream, void (*run)(void* what), void (*release)(void* what), void* what);
// The next call of that name of cuBLASLt's double gives that status. Symbol: double_blas_fail; counts, of now:
// double_blas_objects (handles and descriptions); since the start: double_blas_products, and double_blas_fused of them
// with more than a sum.
using DoubleBlasFail = void(const char* name, int status);
// Symbols: double_fail; of now: double_contexts, double_allocated_bytes (pinned memory included),
// double_registered (ranges of the host's), double_modules,
// double_streams, double_events, double_graphs (ready ones and not); since the start: double_launches (those captured
// once), double_graph_launches; double_current: contexts current in this thread.
}
