// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

constexpr float kBranchGain = 0.5f;

// What every block needs: the text, and the time's embedding behind its SiLU.
struct Unet {
  Sketch& net;
  ValueId text = kAbsent, time = kAbsent;
  int64_t heads = 8;

  ValueId resnet(const std::string& name, ValueId x, int64_t out) {
    ValueId y = net.gate(name + ".act1", net.group_norm(name + ".norm1", x, 32, 1e-5f), Gate::kSilu);
    y = net.conv(name + ".conv1", y, out, {3, 1, 1, 1, true}, 1.5f);
    const ValueId shift = net.linear(name + ".time", time, out);
    y = net.add(name + ".add_time", y, net.reshape(name + ".time_image", shift, {net.batch(), out, 1, 1}));
    y = net.gate(name + ".act2", net.group_norm(name + ".norm2", y, 32, 1e-5f), Gate::kSilu);
    y = net.conv(name + ".conv2", y, out, {3, 1, 1, 1, true}, kBranchGain);
    if (net.extent(x, 1) != out) x = net.conv(name + ".shortcut", x, out, {1, 1, 0, 1, true});
    return net.add(name + ".add", x, y);
  }

  ValueId attend(const std::string& name, ValueId x, ValueId memory) {
    const int64_t width = net.extent(x, -1);
    const ValueId q = net.linear(name + ".q", x, width, false), k = net.linear(name + ".k", memory, width, false),
                  v = net.linear(name + ".v", memory, width, false);
    return net.linear(name + ".out", net.attention(name, q, k, v, heads, false), width, true, kBranchGain);
  }

  ValueId transformer(const std::string& name, ValueId x) {
    const int64_t c = net.extent(x, 1), h = net.extent(x, 2), w = net.extent(x, 3);
    ValueId y = net.conv(name + ".proj_in", net.group_norm(name + ".norm", x, 32, 1e-6f), c, {1, 1, 0, 1, true});
    y = net.reshape(name + ".rows", net.transpose(name + ".last", y, {0, 2, 3, 1}), {net.batch(), h * w, c});
    const ValueId n1 = net.layer_norm(name + ".ln1", y, 1e-5f);
    y = net.add(name + ".add1", y, attend(name + ".self", n1, n1));
    y = net.add(name + ".add2", y, attend(name + ".cross", net.layer_norm(name + ".ln2", y, 1e-5f), text));
    const auto halves =
        net.split(name + ".geglu", net.linear(name + ".up", net.layer_norm(name + ".ln3", y, 1e-5f), 8 * c), 2, -1);
    const ValueId gated = net.mul(name + ".gated", halves[0], net.gate(name + ".gelu", halves[1], Gate::kGeluErf));
    y = net.add(name + ".add3", y, net.linear(name + ".down", gated, c, true, kBranchGain));
    y = net.transpose(name + ".first", net.reshape(name + ".image", y, {net.batch(), h, w, c}), {0, 3, 1, 2});
    return net.add(name + ".add", net.conv(name + ".proj_out", y, c, {1, 1, 0, 1, true}, kBranchGain), x);
  }
};

}  // namespace

Result<Graph> build_sd_unet(Sketch& net) {
  const int64_t width = net.size("width"), size = net.size("size"), text = net.size("text");
  const int64_t widths[] = {width, 2 * width, 4 * width, 4 * width};
  ValueId x = net.input("sample", {net.batch(), 4, size, size});
  const ValueId time = net.input("time_embedding", {net.batch(), width});
  Unet unet{net, net.input("encoder_hidden_states", {net.batch(), 77, text})};
  const ValueId once = net.gate("time.act", net.linear("time.1", time, 4 * width), Gate::kSilu);
  unet.time = net.gate("time.silu", net.linear("time.2", once, 4 * width, true, 1.5f), Gate::kSilu);
  x = net.conv("conv_in", x, width, {3, 1, 1, 1, true});
  std::vector<ValueId> skips{x};
  for (int64_t i = 0; i < 4; ++i) {
    const std::string name = "down." + std::to_string(i);
    for (int j = 0; j < 2; ++j) {
      x = unet.resnet(name + ".resnets." + std::to_string(j), x, widths[i]);
      if (i < 3) x = unet.transformer(name + ".attentions." + std::to_string(j), x);
      skips.push_back(x);
    }
    if (i < 3) skips.push_back(x = net.conv(name + ".downsample", x, widths[i], {3, 2, 1, 1, true}));
  }
  x = unet.resnet("mid.resnets.0", x, widths[3]);
  x = unet.resnet("mid.resnets.1", unet.transformer("mid.attentions.0", x), widths[3]);
  for (int64_t i = 3; i >= 0; --i) {
    const std::string name = "up." + std::to_string(3 - i);
    for (int j = 0; j < 3; ++j) {
      const std::string part = std::to_string(j);
      x = unet.resnet(name + ".resnets." + part, net.concat(name + ".concat." + part, {x, skips.back()}, 1), widths[i]);
      skips.pop_back();
      if (i < 3) x = unet.transformer(name + ".attentions." + part, x);
    }
    if (i > 0) x = net.conv(name + ".upsample", net.upsample(name + ".twice", x), widths[i], {3, 1, 1, 1, true});
  }
  x = net.gate("out.act", net.group_norm("out.norm", x, 32, 1e-5f), Gate::kSilu);
  return net.finish({{"noise", net.conv("conv_out", x, 4, {3, 1, 1, 1, true})}});
}

}  // namespace systole::graph
