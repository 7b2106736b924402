// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and convolution: what their kernels share.
#pragma once

#include "devices/gpu/lower/nest.h"

namespace systole::gpu {

// The epilogue, with the constants it reads: a GpuChannel a column, or one.
struct Finish {
  FinishParams params{};
  std::vector<std::byte> constants;
  OperandRef bias = input(0), residual = input(0);  // stand-ins where there are none
};
Result<Finish> finish_of(const Epilogue& epilogue, const OpDesc& desc);

// Of the op with `a` for its first operand; all but how work-items share it.
Result<MatmulParams> matmul_params(const Matmul& op, const OpDesc& desc, const TensorDesc& a,
                                   const FinishParams& finish);

int32_t zero_of(const TensorDesc& desc);  // 0 where there is none

// A product as tiles see it, and how the weights lie: what a matmul's and a convolution's params say.
struct Tiles {
  TileParams params{};
  PackParams pack{};
  bool depthwise = false;
};
Tiles matmul_tiles(const MatmulParams& p);
Tiles conv_tiles(const ConvParams& p, int64_t images, int64_t groups);

Tiles depthwise_tiles(const ConvParams& p, int64_t images);
// A convolution of groups of one channel in and one out.
bool is_depthwise(const OpDesc& desc);

inline constexpr int64_t kPanelColumns = 32;  // NR of kernels/vectors.cl
int64_t packed_bytes(const PackParams& pack);
// Packs weights of that type as `stored`: input 1 to prepared memory of packed_bytes(). Fills in what `pack`
// and `p` have of panels; p.lead_stride[2], w's strides before, is that of the packed weights after.
Launch pack_launch(PackParams& pack, TileParams& p, DType type, DType stored, const Facts& facts);

// Below so many, a choice among candidates is worth less than their programs' compilation.
inline constexpr int64_t kTunedMacs = 1 << 22;
// Of local memory a CUDA kernel has at most without asking for more.
inline constexpr int64_t kStaticLocalBytes = 48 << 10;

// Products of a graphics processor by blocks in local memory, the likely best first; none where its local memory or
// work-groups are too small.
bool worth_blocks(const OpDesc& desc, int64_t columns);
std::vector<Candidate> block_candidates(Tiles tiles, const OpDesc& desc, Finish finish, const Facts& facts);
// Depthwise ones by tiles of pixels there, alike.
std::vector<Candidate> depthwise_candidates(Tiles tiles, const OpDesc& desc, const Finish& finish, const Facts& facts);

// Whether packing the weights pays; `columns` of a group.
bool worth_tiles(const OpDesc& desc, int64_t columns);
// The first operand as tiles read it: of f32, in the order of its strides; depthwise with its channels innermost.
TensorDesc tiled_operand(const OpDesc& op);
Result<std::vector<Candidate>> lower_tiles(Tiles tiles, const OpDesc& desc, Finish finish, const Facts& facts);

}  // namespace systole::gpu
