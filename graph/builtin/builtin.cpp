// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/builtin.h"

#include <algorithm>
#include <charconv>

#include "graph/builtin/models.h"
#include "graph/llm/llm_config.h"

namespace systole::graph {
namespace {

using Sizes = std::map<std::string, int64_t>;

struct Entry {
  const char* name;
  const char* description;
  int64_t parameters;  // as published; models.h names the papers
  Shape input;
  ValueId (*images)(Network&) = nullptr;    // also in int8
  Result<Graph> (*any)(Sketch&) = nullptr;  // f32 only
  Sizes sizes = {};
};

// A step of a language model: sequence new tokens behind context ones.
Entry llm_entry(const LlmConfig& config) {
  Entry entry{config.name.c_str(),
              "language model, a step with its cache: sequence new tokens after context ones",
              config.parameters(),
              {1, 128}};
  entry.any = build_llm;
  entry.sizes = {{"sequence", 128}, {"context", 0}, {"layers", config.layers}, {"tp", 1}};
  return entry;
}

std::vector<Entry> with_llms(std::vector<Entry> entries) {
  for (const LlmConfig& config : builtin_llms())
    if (std::none_of(entries.begin(), entries.end(), [&](const Entry& entry) { return config.name == entry.name; }))
      entries.push_back(llm_entry(config));
  return entries;
}

const std::vector<Entry>& table() {
  static const std::vector<Entry> entries = with_llms({
      {"lenet5", "LeNet-5, 28x28 digits", 61706, {1, 1, 28, 28}, build_lenet5},
      {"alexnet", "AlexNet, 224x224 images", 61100840, {1, 3, 224, 224}, nullptr, build_alexnet},
      {"vgg16", "VGG-16, 224x224 images", 138357544, {1, 3, 224, 224}, nullptr, build_vgg16, {{"width", 4096}}},
      {"resnet18", "ResNet-18, 224x224 images", 11689512, {1, 3, 224, 224}, build_resnet18},
      {"resnet50", "ResNet-50, 224x224 images", 25557032, {1, 3, 224, 224}, build_resnet50},
      {"mobilenet_v1",
       "MobileNetV1, of a width in percent",
       4231976,
       {1, 3, 224, 224},
       build_mobilenet_v1,
       nullptr,
       {{"image", 224}, {"width", 100}, {"colors", 3}, {"classes", 1000}}},
      {"mobilenet_v2", "MobileNetV2 1.0, 224x224 images", 3504872, {1, 3, 224, 224}, build_mobilenet_v2},
      {"efficientnet_b0",
       "EfficientNet-B0",
       5288548,
       {1, 3, 224, 224},
       nullptr,
       build_efficientnet_b0,
       {{"image", 224}}},
      {"yolov8n",
       "YOLOv8n-like detector, 80 classes",
       3157200,
       {1, 3, 640, 640},
       nullptr,
       build_yolov8n,
       {{"image", 640}}},
      {"vit_b16",
       "ViT-B/16",
       86567656,
       {1, 3, 224, 224},
       nullptr,
       build_vit_b16,
       {{"image", 224}, {"layers", 12}, {"width", 768}}},
      {"bert_base",
       "BERT-base, encoder of tokens",
       109482240,
       {1, 128},
       nullptr,
       build_bert_base,
       {{"sequence", 128}, {"layers", 12}, {"width", 768}}},
      {"gpt2",
       "GPT-2 124M, one pass over a sequence",
       124439808,
       {1, 128},
       nullptr,
       build_gpt2,
       {{"sequence", 128}, {"layers", 12}, {"width", 768}}},
      {"whisper_base",
       "Whisper-base-like encoder and decoder",
       72593920,
       {1, 80, 3000},
       nullptr,
       build_whisper_base,
       {{"frames", 3000}, {"sequence", 32}, {"layers", 6}, {"width", 512}}},
      {"bert_layer",
       "one encoder layer of BERT-base",
       7087872,
       {1, 128, 768},
       nullptr,
       build_bert_layer,
       {{"sequence", 128}, {"width", 768}}},
      {"resnet50_block",
       "one bottleneck of ResNet-50",
       1115648,
       {1, 1024, 14, 14},
       nullptr,
       build_resnet50_block,
       {{"width", 256}, {"image", 14}}},
      {"sd_unet",
       "Stable-Diffusion-1.5-like UNet",
       859520964,
       {1, 4, 64, 64},
       nullptr,
       build_sd_unet,
       {{"width", 320}, {"size", 64}, {"text", 768}}},
  });
  return entries;
}

std::string join(const Sizes& sizes) {
  std::string text;
  for (const auto& [key, value] : sizes) text += (text.empty() ? "" : ", ") + key + "=" + std::to_string(value);
  return text;
}

// Beyond these a graph is no network any more, and takes its time to say so.
int64_t most_of(const std::string& option) { return option == "layers" ? 4096 : int64_t{1} << 24; }

// "a=1&b=2" over the defaults.
Result<Sizes> parse_sizes(const std::string& name, const std::string& text, const Sizes& defaults) {
  Sizes sizes = defaults;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('&', begin), text.size()), equals = text.find('=', begin);
    const std::string key = text.substr(begin, std::min(equals, end) - begin);
    int64_t value = 0;
    const char* last = text.data() + end;
    const char* first = equals < end ? text.data() + equals + 1 : last;
    const auto [stopped, error] = std::from_chars(first, last, value);
    const bool known = defaults.contains(key), read = error == std::errc() && stopped == last;
    if (!known || !read || value < std::min<int64_t>(1, defaults.at(key)) || value > most_of(key))
      return Status(Code::kInvalidArgument,
                    "built-in network '" + name + "': option '" + text.substr(begin, end - begin) +
                        "': expected a number from 1, or 0 where that is the default, to " +
                        std::to_string(most_of(key)) + " for " +
                        (defaults.empty() ? "one of its options, and it has none" : "one of " + join(defaults)));
    sizes[key] = value;
    begin = end + 1;
  }
  return sizes;
}

}  // namespace

std::vector<BuiltinInfo> builtin_models() {
  std::vector<BuiltinInfo> models;
  for (const Entry& entry : table()) {
    models.push_back({entry.name, entry.description + std::string(entry.any == build_llm ? ", bf16" : ", f32"),
                      entry.parameters, entry.input, false, entry.sizes});
    if (!entry.images) continue;
    models.push_back({entry.name + std::string("_int8"),
                      entry.description + std::string(", int8 with per-channel weight scales"), entry.parameters,
                      entry.input, true, entry.sizes});
  }
  return models;
}

bool is_builtin(const std::string& name) {
  const std::string plain = name.substr(0, name.find('?'));
  for (const BuiltinInfo& info : builtin_models())
    if (info.name == plain) return true;
  return false;
}

bool is_lowered_builtin(const std::string& name) {
  const std::string plain = name.substr(0, name.find('?'));
  for (const Entry& entry : table())
    if (entry.name == plain) return entry.any == build_llm;
  return false;
}

namespace {

// Builds entry `plain`: `any` with a Sketch, `images` with a Network.
template <typename Images, typename Any>
auto with_entry(const std::string& name, Images images, Any any) -> decltype(any(table()[0], Sizes{})) {
  const size_t question = name.find('?');
  const std::string plain = name.substr(0, question), text = question < name.size() ? name.substr(question + 1) : "";
  std::vector<std::string> known;
  for (const Entry& entry : table()) {
    known.push_back(entry.name);
    if (entry.any && plain == entry.name) {
      SYSTOLE_ASSIGN_OR_RETURN(Sizes sizes, parse_sizes(plain, text, entry.sizes));
      return any(entry, std::move(sizes));
    }
    if (!entry.images) continue;
    known.push_back(entry.name + std::string("_int8"));
    if (plain != entry.name && plain != known.back()) continue;
    SYSTOLE_ASSIGN_OR_RETURN(Sizes sizes, parse_sizes(plain, text, entry.sizes));
    return images(entry, plain == known.back(), std::move(sizes));
  }
  const std::string near = nearest_name(plain, known.data(), known.size());
  return Status(Code::kNotFound,
                "no built-in network '" + plain + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

}  // namespace

Result<Graph> make_builtin(const std::string& name, const BuiltinOptions& options) {
  if (options.batch < 1)
    return Status(Code::kInvalidArgument, "batch " + std::to_string(options.batch) + ", expected 1 or more");
  const std::string plain = name.substr(0, name.find('?'));
  return with_entry(
      name,
      [&](const Entry& entry, bool int8, Sizes sizes) -> Result<Graph> {
        Network net(plain, options.seed, options.batch, int8, std::move(sizes), options.values);
        const ValueId last = entry.images(net);
        return net.finish("output", last);
      },
      [&](const Entry& entry, Sizes sizes) -> Result<Graph> {
        Sketch net(plain, options.seed, options.batch, std::move(sizes),
                   options.values ? Sketch::Weights::kDrawn : Sketch::Weights::kWithheld);
        return entry.any(net);
      });
}

Result<int64_t> builtin_parameters(const std::string& name) {
  return with_entry(
      name,
      [&](const Entry& entry, bool int8, Sizes sizes) -> Result<int64_t> {
        Network net(name, 1, 1, int8, std::move(sizes));
        const ValueId last = entry.images(net);
        SYSTOLE_ASSIGN_OR_RETURN(const Graph graph, net.finish("output", last));
        return count_parameters(graph);
      },
      [&](const Entry& entry, Sizes sizes) -> Result<int64_t> {
        Sketch net(name, 1, 1, std::move(sizes), Sketch::Weights::kCounted);
        SYSTOLE_RETURN_IF_ERROR(entry.any(net).status());
        return net.parameters();
      });
}

int64_t count_parameters(const Graph& graph) {
  int64_t count = 0;
  for (const Value& value : graph.values) {
    if (!value.is_constant()) continue;
    for (const char* suffix : {".weight", ".bias", ".gamma", ".beta"})
      if (value.name.ends_with(suffix)) count += element_count(value.shape);
  }
  return count;
}

}  // namespace systole::graph
