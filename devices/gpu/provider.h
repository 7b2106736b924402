// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a GPU runtime gives the device: memory, programs from source, one stream of commands. OpenCL and CUDA each
// implement it once; nothing above this file names either. Sizes in bytes, times in nanoseconds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hal/op.h"

namespace systole::gpu {

// A vendor's library of products of matrices, loaded where it is found.
struct ProductLibrary {
  std::string name;             // "cuBLASLt 13.1.0": part of the key of what is chosen by measuring; "": there is none
  std::string missing;          // then: what to install
  bool narrow_types = false;    // has f16, bf16, fp8 and i8 besides f32
  bool epilogues = false;       // has bias, residual and activations
  int algorithms = 1;           // worth measuring against each other, at most
  int64_t workspace_bytes = 0;  // that a product uses well, at most
};

struct Facts {
  std::string provider;  // "opencl", "cuda"
  std::string name;      // the device's, as its vendor says
  std::string driver;    // versions of what compiles and runs kernels: part of the key of every cache
  int64_t memory_bytes = 0, most_allocation_bytes = 0;
  int64_t local_bytes = 0;  // memory that a work-group shares
  int compute_units = 0;
  int64_t most_work_items = 0;  // of a work-group
  bool f64 = false;             // has arithmetic on f64
  bool tensor_cores = false;    // warps multiply matrices of f16, bf16 and i8 (kernels/warp.cl)
  bool tensor_f8 = false;       // of f8e4m3 too
  bool is_cpu = false;          // host threads behind a GPU runtime: loops are long, local memory is no faster
  ProductLibrary library;       // to be used: none where the device's options say so
};

// Memory of the device for kernels, or pinned memory of the host's for transfers: `host` is its address, null for the
// device's.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual std::byte* host() const { return nullptr; }
};

// A kernel's source: a name for messages and caches, the whole text (prelude included), macros as {"NAME", "value"}.
struct ProgramSource {
  std::string name;
  std::string text;
  std::vector<std::pair<std::string, std::string>> macros;
  bool operator==(const ProgramSource&) const = default;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  // Of the addresses of its operands, bytes.
  virtual int64_t alignment() const { return 1; }
};

// How a matrix of a product lies, in elements: one of `row` and `column`, steps from one to the next, is 1, the other
// at least the extent along that one.
struct MatrixSpec {
  DType type = DType::kF32;
  int64_t row = 0, column = 1, batch = 0;
  auto operator<=>(const MatrixSpec&) const = default;
};

// y[i] = activation(a[i] b[i] + residual[i] + bias), i < batch, of m x k and k x n matrices; sums of f32, or of i32,
// which wraps, for i8.
struct ProductSpec {
  int64_t m = 0, n = 0, k = 0, batch = 1;
  MatrixSpec y, a, b, residual;
  bool has_residual = false;
  bool has_bias = false;                      // of f32, a value for each position along y's axis of step 1
  Activation activation = Activation::kNone;  // or kRelu, kGeluTanh
  int algorithm = 0;                          // 0: what the library thinks best, 1: next to that, ...
  int64_t workspace_bytes = 0;                // that it may use
  auto operator<=>(const ProductSpec&) const = default;
};

// An argument pair of a kernel: an address and the byte from which on it is the operand.
struct Operand {
  Memory* memory = nullptr;
  int64_t offset = 0;
};

struct Grid {
  std::array<int64_t, 3> items{1, 1, 1};  // multiples of group
  std::array<int64_t, 3> group{1, 1, 1};
};

// Device time of a command, from the provider's own epoch: asked for, begun, done.
struct Stamp {
  double queued_ns = 0, start_ns = 0, end_ns = 0;
};

// Commands to be asked for again in one call. Used by one thread at a time; what they name outlives its use.
class Recording {
 public:
  virtual ~Recording() = default;
};

// Commands in order. Used by one thread at a time. What a call names stays alive until finish() has returned; what is
// asked of two streams at once runs in any order. Sizes are positive. A command may wait for earlier ones: no more than
// kRunAhead are outstanding, so that who stops asking soon sees the end of them.
// kDeviceLost: the context is gone, and nothing of this provider works any more.
inline constexpr int kRunAhead = 64;
class Stream {
 public:
  virtual ~Stream() = default;
  // Arguments of the kernel, in this order: for every operand an address and a 64-bit byte offset, then the params.
  virtual Status launch(Kernel& kernel, const Grid& grid, std::span<const Operand> operands,
                        std::span<const std::byte> params) = 0;
  virtual Status copy(const Operand& from, const Operand& to, int64_t bytes) = 0;  // of ranges that do not overlap
  // Offset and size are multiples of pattern_bytes: 1, 2 or 4, the first of `pattern` as it lies in memory.
  virtual Status fill(const Operand& to, int64_t bytes, uint32_t pattern, int pattern_bytes) = 0;
  virtual Status write(std::span<const std::byte> from, const Operand& to) = 0;  // waits
  virtual Status read(const Operand& from, std::span<std::byte> to) = 0;         // waits
  virtual Status flush() = 0;                                                    // what was asked for so far begins
  virtual Status finish() = 0;                                                   // and waits until all of it is done
  // Between finish() and the next command. While on, every launch, copy and fill has a stamp.
  virtual Status set_profiling(bool on) = 0;
  // Those of the commands since the last call, in order; after finish().
  virtual Result<std::vector<Stamp>> stamps() = 0;
  // After record() launches, copies and fills are kept instead of done, until recorded() gives them; nothing else is
  // asked in between, whatever fails there recorded() ends it, and profiling is off. A failure of either, kUnsupported
  // where the runtime records nothing, leaves nothing done and the stream as it was.
  virtual Status record() { return {Code::kUnsupported, "the runtime records no commands"}; }
  virtual Result<std::unique_ptr<Recording>> recorded() { return record(); }
  // Of any stream of the provider. They count as that many commands ahead. kUnsupported: none of it was done.
  virtual Status replay(Recording&) { return record(); }
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual const Facts& facts() const = 0;
  // Of any content. kOutOfMemory with what was asked for and what there is. Thread-safe, as all below.
  virtual Result<std::unique_ptr<Memory>> allocate(int64_t bytes) = 0;
  // Memory that host() addresses: writes from it and reads into it are fastest.
  virtual Result<std::unique_ptr<Memory>> allocate_pinned(int64_t bytes) = 0;
  // Memory of the host's that stays where it is and outlives the result: commands read what the host wrote before they
  // were asked for, and the host what they wrote once finish() has returned. kUnsupported with the reason.
  virtual Result<std::unique_ptr<Memory>> import_host(std::byte*, int64_t) {
    return Status(Code::kUnsupported, facts().provider + " reaches only memory of its own");
  }
  // kInternal with the compiler's log and the source's name. `binary`: of an earlier call, empty for none; one that
  // is damaged or of another driver counts as none. On return it is what to keep.
  virtual Result<std::shared_ptr<Kernel>> build(const ProgramSource& source, const std::string& entry,
                                                std::vector<std::byte>& binary) = 0;
  virtual Result<std::unique_ptr<Stream>> stream() = 0;
  // A library's products, where there is one: loaded when first asked for.
  virtual ProductLibrary library() { return {}; }
  // What Stream::launch takes as any kernel, its grid and params ignored, with the operands y, a, b, residual, bias,
  // workspace (a stand-in each where there is none). kUnsupported for what the library does not do. It allocates and
  // waits for nothing when launched.
  virtual Result<std::shared_ptr<Kernel>> product(const ProductSpec&) {
    return Status(Code::kUnsupported, "no library of products");
  }
};

}  // namespace systole::gpu
