// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

constexpr float kBranchGain = 0.5f;
constexpr int64_t kClasses = 80, kBins = 16;

ValueId conv(Sketch& net, const std::string& name, ValueId x, int64_t out, int64_t kernel = 1, int64_t stride = 1,
             float gain = 1.0f) {
  return net.conv_norm(name, x, out, {kernel, stride, kernel / 2}, Gate::kSilu, gain);
}

// Half the channels go through `count` bottlenecks; every intermediate result is kept.
ValueId c2f(Sketch& net, const std::string& name, ValueId x, int64_t out, int64_t count, bool shortcut) {
  const int64_t hidden = out / 2;
  std::vector<ValueId> parts = net.split(name + ".split", conv(net, name + ".cv1", x, 2 * hidden), 2, 1);
  for (int64_t i = 0; i < count; ++i) {
    const std::string block = name + ".m." + std::to_string(i);
    const ValueId from = parts.back();
    const ValueId y = conv(net, block + ".cv2", conv(net, block + ".cv1", from, hidden, 3), hidden, 3, 1,
                           shortcut ? kBranchGain : 1.0f);
    parts.push_back(shortcut ? net.add(block + ".add", from, y) : y);
  }
  return conv(net, name + ".cv2", net.concat(name + ".concat", parts, 1), out);
}

ValueId sppf(Sketch& net, const std::string& name, ValueId x, int64_t out) {
  std::vector<ValueId> parts{conv(net, name + ".cv1", x, net.extent(x, 1) / 2)};
  for (int i = 0; i < 3; ++i)
    parts.push_back(net.max_pool(name + ".pool" + std::to_string(i), parts.back(), {5, 1, 2}));
  return conv(net, name + ".cv2", net.concat(name + ".concat", parts, 1), out);
}

}  // namespace

Result<Graph> build_yolov8n(Sketch& net) {
  const int64_t image = net.size("image");
  ValueId x = net.input("images", {net.batch(), 3, image, image});
  x = conv(net, "model.0", x, 16, 3, 2);
  x = c2f(net, "model.2", conv(net, "model.1", x, 32, 3, 2), 32, 1, true);
  const ValueId p3 = x = c2f(net, "model.4", conv(net, "model.3", x, 64, 3, 2), 64, 2, true);
  const ValueId p4 = x = c2f(net, "model.6", conv(net, "model.5", x, 128, 3, 2), 128, 2, true);
  x = c2f(net, "model.8", conv(net, "model.7", x, 256, 3, 2), 256, 1, true);
  const ValueId p5 = sppf(net, "model.9", x, 256);
  const ValueId n4 = c2f(net, "model.12", net.concat("model.11", {net.upsample("model.10", p5), p4}, 1), 128, 1, false);
  const ValueId n3 = c2f(net, "model.15", net.concat("model.14", {net.upsample("model.13", n4), p3}, 1), 64, 1, false);
  const ValueId m4 =
      c2f(net, "model.18", net.concat("model.17", {conv(net, "model.16", n3, 64, 3, 2), n4}, 1), 128, 1, false);
  const ValueId m5 =
      c2f(net, "model.21", net.concat("model.20", {conv(net, "model.19", m4, 128, 3, 2), p5}, 1), 256, 1, false);

  std::vector<ValueId> boxes, classes;
  int64_t anchors = 0, index = 0;
  for (ValueId level : {n3, m4, m5}) {
    const std::string name = "model.22." + std::to_string(index++);
    const int64_t pixels = net.extent(level, 2) * net.extent(level, 3);
    anchors += pixels;
    ValueId box = conv(net, name + ".box1", conv(net, name + ".box0", level, 64, 3), 64, 3);
    box = net.conv(name + ".box2", box, 4 * kBins, {1, 1, 0, 1, true});
    ValueId kind = conv(net, name + ".cls1", conv(net, name + ".cls0", level, kClasses, 3), kClasses, 3);
    kind = net.conv(name + ".cls2", kind, kClasses, {1, 1, 0, 1, true}, 0.3f);
    boxes.push_back(net.reshape(name + ".box", box, {net.batch(), 4 * kBins, pixels}));
    classes.push_back(net.reshape(name + ".cls", kind, {net.batch(), kClasses, pixels}));
  }
  // A side's distance is the mean of a distribution over bins: a convolution with the weights 0 .. 15.
  ValueId sides = net.reshape("dfl.bins", net.concat("dfl.boxes", boxes, 2), {net.batch(), 4, kBins, anchors});
  sides = net.softmax("dfl.softmax", net.transpose("dfl.turn", sides, {0, 2, 1, 3}), 1);
  sides = net.reshape("dfl.sides", net.conv("dfl", sides, 1, {}), {net.batch(), 4, anchors});
  const ValueId scores = net.gate("scores", net.concat("scores.concat", classes, 2), Gate::kSigmoid);
  return net.finish({{"distances", sides}, {"scores", scores}});
}

}  // namespace systole::graph
