// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <onnx/onnx_pb.h>

#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

// y = Relu(Conv(x, w)), as protobuf, to be spoiled by each test.
onnx::ModelProto sound_model() {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  auto* graph = model.mutable_graph();
  graph->set_name("g");
  auto info = [](onnx::ValueInfoProto* value, const char* name, std::vector<int64_t> shape) {
    value->set_name(name);
    auto* tensor = value->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(onnx::TensorProto::FLOAT);
    for (int64_t extent : shape) tensor->mutable_shape()->add_dim()->set_dim_value(extent);
  };
  info(graph->add_input(), "x", {1, 1, 4, 4});
  info(graph->add_output(), "y", {1, 2, 2, 2});
  auto* w = graph->add_initializer();
  w->set_name("w");
  w->set_data_type(onnx::TensorProto::FLOAT);
  for (int64_t extent : {2, 1, 3, 3}) w->add_dims(extent);
  for (int i = 0; i < 18; ++i) w->add_float_data(static_cast<float>(i));
  auto node = [&](const char* type, const char* name, std::vector<std::string> inputs, const char* output) {
    auto* made = graph->add_node();
    made->set_op_type(type);
    made->set_name(name);
    for (const auto& input : inputs) made->add_input(input);
    made->add_output(output);
  };
  node("Conv", "conv1", {"x", "w"}, "c");
  node("Relu", "relu1", {"c"}, "y");
  return model;
}

class Spoiled : public ImportTest {
 protected:
  Status import(const onnx::ModelProto& model, const ImportOptions& options = {}) {
    spill(file("m.onnx"), model.SerializeAsString());
    return import_model(file("m.onnx"), options).status();
  }
};

TEST_F(Spoiled, SoundModelImports) { EXPECT_TRUE(import(sound_model()).ok()); }

TEST_F(Spoiled, EveryTruncationIsAnError) {
  std::string bytes = sound_model().SerializeAsString();
  for (size_t length = 0; length < bytes.size(); ++length) {
    spill(file("t.onnx"), bytes.substr(0, length));
    expect_error(import_model(file("t.onnx")).status(), Code::kDataLoss, {"t.onnx"});
  }
}

TEST_F(Spoiled, CorruptBytesNeverCrash) {
  std::string bytes = sound_model().SerializeAsString();
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned char flip : {0x01, 0x80, 0xff}) {
      std::string bad = bytes;
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ flip);
      spill(file("c.onnx"), bad);
      auto result = import_model(file("c.onnx"));
      if (!result.ok()) {
        EXPECT_FALSE(result.status().message().empty());
      }
    }
  }
}

TEST_F(Spoiled, UnknownContentSaysWhatWasExpected) {
  spill(file("a.onnx"), std::string("\x1c\0\0\0TFL3", 8));
  expect_error(import_model(file("a.onnx")).status(), Code::kInvalidArgument,
               {"TensorFlow Lite", "expected an ONNX model"});
  spill(file("b.onnx"), "hello, world");
  expect_error(import_model(file("b.onnx")).status(), Code::kInvalidArgument,
               {"unknown content", "expected an ONNX model"});
  expect_error(import_model(file("none.onnx")).status(), Code::kNotFound, {"none.onnx"});
}

TEST_F(Spoiled, UnknownOperatorIsNamed) {
  auto model = sound_model();
  model.mutable_graph()->mutable_node(1)->set_op_type("Frobnicate");
  expect_error(import(model), Code::kUnsupported, {"Frobnicate 'relu1'", "opset 13"});
  model.mutable_graph()->mutable_node(1)->set_domain("com.example");
  expect_error(import(model), Code::kUnsupported, {"com.example.Frobnicate", "relu1"});
}

TEST_F(Spoiled, WrongTypes) {
  auto model = sound_model();
  model.mutable_graph()->mutable_initializer(0)->set_data_type(onnx::TensorProto::STRING);
  expect_error(import(model), Code::kUnsupported, {"'w'", "STRING"});
  model = sound_model();
  auto* w = model.mutable_graph()->mutable_initializer(0);
  w->set_data_type(onnx::TensorProto::DOUBLE);
  w->clear_float_data();
  for (int i = 0; i < 18; ++i) w->add_double_data(i);
  expect_error(import(model), Code::kInvalidArgument, {"Conv 'conv1'", "f32", "f64"});
  model = sound_model();
  auto* attribute = model.mutable_graph()->mutable_node(0)->add_attribute();
  attribute->set_name("group");
  attribute->set_type(onnx::AttributeProto::FLOAT);
  attribute->set_f(1);
  expect_error(import(model), Code::kInvalidArgument, {"conv1", "'group'", "expected an int", "a float"});
}

TEST_F(Spoiled, ShapesThatDisagree) {
  auto model = sound_model();
  model.mutable_graph()->mutable_initializer(0)->set_dims(1, 3);
  model.mutable_graph()->mutable_initializer(0)->set_dims(2, 1);
  expect_error(import(model), Code::kInvalidArgument, {"Conv 'conv1'", "1x1x4x4", "2x3x1x3", "channels disagree"});
  model.mutable_graph()->mutable_initializer(0)->set_dims(0, 7);
  expect_error(import(model), Code::kDataLoss, {"'w'", "18", "63"});
  model.mutable_graph()->mutable_initializer(0)->set_dims(0, -1);
  expect_error(import(model), Code::kInvalidArgument, {"'w'", "-1"});
}

TEST_F(Spoiled, CycleNamesItsNodes) {
  auto model = sound_model();
  model.mutable_graph()->mutable_node(0)->set_input(0, "y");
  expect_error(import(model), Code::kInvalidArgument, {"cyclic", "'conv1'", "'relu1'"});
}

TEST_F(Spoiled, DuplicateAndMissingNames) {
  auto model = sound_model();
  model.mutable_graph()->mutable_node(1)->set_output(0, "c");
  expect_error(import(model), Code::kInvalidArgument, {"relu1", "duplicate name", "'c'", "conv1"});
  model = sound_model();
  *model.mutable_graph()->add_initializer() = model.graph().initializer(0);
  expect_error(import(model), Code::kInvalidArgument, {"duplicate name", "'w'"});
  model = sound_model();
  model.mutable_graph()->mutable_node(1)->set_input(0, "ghost");
  expect_error(import(model), Code::kInvalidArgument, {"relu1", "'ghost'"});
  model = sound_model();
  model.mutable_graph()->mutable_node(0)->mutable_input()->RemoveLast();
  expect_error(import(model), Code::kInvalidArgument, {"conv1", "expected 2 to 3 inputs, got 1"});
}

TEST_F(Spoiled, SymbolicDimensions) {
  auto model = sound_model();
  auto* dim =
      model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(2);
  dim->set_dim_param("H");
  expect_error(import(model), Code::kInvalidArgument, {"'x'", "'H'", "--shapes H="});
  ImportOptions options;
  options.dims["H"] = 6;
  spill(file("m.onnx"), model.SerializeAsString());
  auto graph = import_model(file("m.onnx"), options);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(graph->at(graph->outputs[0]).shape, (Shape{1, 2, 4, 2}));
  options.dims = {{"HH", 6}};
  expect_error(import(model, options), Code::kInvalidArgument, {"'H'"});
  options.dims = {{"H", 6}, {"xx:2", 6}};
  expect_error(import(model, options), Code::kNotFound, {"'xx:2'", "did you mean 'x:2'"});
}

TEST_F(Spoiled, BatchOverridesTheFile) {
  ImportOptions options;
  options.batch = 3;
  spill(file("m.onnx"), sound_model().SerializeAsString());
  auto graph = import_model(file("m.onnx"), options);
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->at(graph->outputs[0]).shape, (Shape{3, 2, 2, 2}));
}

TEST_F(Spoiled, VersionsWarnOrRefuse) {
  auto model = sound_model();
  model.set_ir_version(10);
  model.mutable_opset_import(0)->set_version(21);
  spill(file("m.onnx"), model.SerializeAsString());
  auto graph = import_model(file("m.onnx"));
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->warnings.size(), 2u);
  model.mutable_opset_import(0)->set_version(5);
  expect_error(import(model), Code::kUnsupported, {"opset 5", "7 to 17"});
}

TEST_F(Spoiled, ExternalData) {
  auto model = sound_model();
  auto* w = model.mutable_graph()->mutable_initializer(0);
  w->clear_float_data();
  w->set_data_location(onnx::TensorProto::EXTERNAL);
  auto* location = w->add_external_data();
  location->set_key("location");
  location->set_value("w.bin");
  expect_error(import(model), Code::kDataLoss, {"'w'", "w.bin", "missing"});
  spill(file("w.bin"), std::string(70, '\0'));
  expect_error(import(model), Code::kDataLoss, {"'w'", "short", "72", "70"});
  std::string data(72, '\0');
  float five = 5;
  std::memcpy(data.data() + 68, &five, 4);
  spill(file("w.bin"), data);
  spill(file("m.onnx"), model.SerializeAsString());
  auto graph = import_model(file("m.onnx"));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(constant_reals(graph->at(find_node(*graph, "conv1")->inputs[1]))[17], 5.0);
  for (const char* escape : {"../w.bin", "/etc/passwd", "a/../../w.bin", ""}) {
    location->set_value(escape);
    expect_error(import(model), Code::kInvalidArgument, {"'w'", "leaves the model's folder"});
  }
}

TEST_F(Spoiled, MissingWeightsAreSynthetic) {
  auto model = sound_model();
  auto* input = model.mutable_graph()->add_input();
  *input = model.graph().input(0);
  input->set_name("w");
  auto* shape = input->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->mutable_dim(0)->set_dim_value(64);
  shape->mutable_dim(2)->set_dim_value(3);
  shape->mutable_dim(3)->set_dim_value(3);
  model.mutable_graph()->clear_initializer();
  spill(file("m.onnx"), model.SerializeAsString());
  auto first = import_model(file("m.onnx")), again = import_model(file("m.onnx"));
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_EQ(first->inputs.size(), 1u);
  ASSERT_EQ(first->warnings.size(), 1u);
  auto weights = [](const Graph& graph) { return constant_reals(graph.at(find_node(graph, "conv1")->inputs[1])); };
  EXPECT_EQ(weights(*first), weights(*again));
  double sum = 0, squares = 0;
  for (double value : weights(*first)) sum += value, squares += value * value;
  EXPECT_NEAR(sum / 576, 0.0, 0.08);
  EXPECT_NEAR(squares / 576, 2.0 / 9, 0.04);
  ImportOptions options;
  options.seed = 2;
  EXPECT_NE(weights(*import_model(file("m.onnx"), options)), weights(*first));
  options.keep_inputs = {"w"};
  EXPECT_EQ(import_model(file("m.onnx"), options)->inputs.size(), 2u);
}

}  // namespace
}  // namespace systole::graph
