// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

using TensorFile = ImportTest;
using Writer = ImportTest;

HostTensor sample(DType dtype, Shape shape) {
  HostTensor tensor = make_host_tensor(dtype, std::move(shape));
  for (int64_t i = 0; i < element_count(tensor.shape); ++i)
    store_real(dtype, tensor.data.data(), i, static_cast<double>(i % 2));
  return tensor;
}

TEST_F(TensorFile, RoundTripsEveryType) {
  for (DType dtype : {DType::kF64, DType::kF32, DType::kF16, DType::kI64, DType::kI32, DType::kI16, DType::kI8,
                      DType::kU64, DType::kU32, DType::kU16, DType::kU8, DType::kBool}) {
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 0}}) {
      HostTensor tensor = sample(dtype, shape);
      ASSERT_TRUE(write_npy(tensor, file("a.npy")).ok());
      ASSERT_TRUE(write_tensor_proto(tensor, "t", file("a.pb")).ok());
      for (const char* name : {"a.npy", "a.pb"}) {
        auto read = read_tensor_file(file(name));
        ASSERT_TRUE(read.ok()) << read.status().to_string();
        EXPECT_EQ(read->dtype, dtype);
        EXPECT_EQ(read->shape, shape);
        EXPECT_EQ(read->data, tensor.data);
      }
    }
  }
}

TEST_F(TensorFile, HeaderIsWhatNumpyWrites) {
  ASSERT_TRUE(write_npy(sample(DType::kF32, {3}), file("a.npy")).ok());
  std::string bytes = slurp(file("a.npy"));
  EXPECT_EQ(bytes.size(), 128u + 12u);
  EXPECT_EQ(bytes.substr(10, 59), "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }  ");
  EXPECT_EQ(bytes[127], '\n');
}

TEST_F(TensorFile, EveryTruncationIsDataLoss) {
  ASSERT_TRUE(write_npy(sample(DType::kI16, {2, 3}), file("a.npy")).ok());
  ASSERT_TRUE(write_tensor_proto(sample(DType::kI16, {2, 3}), "t", file("a.pb")).ok());
  for (const char* name : {"a.npy", "a.pb"}) {
    std::string bytes = slurp(file(name));
    for (size_t length = 0; length < bytes.size(); ++length) {
      spill(file("cut"), bytes.substr(0, length));
      EXPECT_EQ(read_tensor_file(file("cut")).status().code(), Code::kDataLoss) << name << " cut to " << length;
    }
  }
  spill(file("long"), slurp(file("a.npy")) + "x");
  EXPECT_EQ(read_tensor_file(file("long")).status().code(), Code::kDataLoss);
  EXPECT_EQ(read_tensor_file(file("none")).status().code(), Code::kNotFound);
}

TEST_F(TensorFile, FortranOrderAndBigEndian) {
  ASSERT_TRUE(write_npy(sample(DType::kI8, {2, 3}), file("a.npy")).ok());
  std::string bytes = slurp(file("a.npy"));
  bytes.replace(bytes.find("False"), 5, "True ");
  for (size_t i = 0; i < 6; ++i) bytes[bytes.size() - 6 + i] = static_cast<char>(i);
  spill(file("f.npy"), bytes);
  auto read = read_tensor_file(file("f.npy"));
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  std::vector<int> got;
  for (std::byte b : read->data) got.push_back(static_cast<int>(b));
  EXPECT_EQ(got, (std::vector<int>{0, 2, 4, 1, 3, 5}));
  bytes.replace(bytes.find("|i1"), 3, ">i4");
  spill(file("b.npy"), bytes);
  expect_error(read_tensor_file(file("b.npy")).status(), Code::kUnsupported, {"big-endian"});
}

TEST_F(Writer, RoundTrip) {
  Builder b;
  ValueId x = b.input("x", {1, 1, 4, 4}), w = b.constant("w", {1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  ValueId conv = b.node("Conv", "conv", {x, w}, {{"pads", Ints{1, 1, 1, 1}}, {"auto_pad", std::string("NOTSET")}});
  ValueId clip = b.node("Clip", "clip", {conv, kAbsent, b.constant("hi", {}, {6})});
  b.graph.outputs = {clip};
  ASSERT_TRUE(write_onnx(b.graph, file("m.onnx")).ok());
  auto read = read_onnx(file("m.onnx"));
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->opset, 13);
  ASSERT_EQ(read->nodes.size(), 2u);
  EXPECT_EQ(read->nodes[0].attributes, b.graph.nodes[0].attributes);
  EXPECT_EQ(read->nodes[1].inputs[1], kAbsent);
  EXPECT_EQ(constant_reals(read->at(read->nodes[0].inputs[1])), constant_reals(b.graph.at(w)));
  ASSERT_TRUE(write_onnx(*read, file("again.onnx")).ok());
  auto twice = read_onnx(file("again.onnx"));
  ASSERT_TRUE(twice.ok());
  ASSERT_TRUE(write_onnx(*twice, file("third.onnx")).ok());
  EXPECT_EQ(slurp(file("again.onnx")), slurp(file("third.onnx")));
}

TEST_F(Writer, FailureLeavesNothingBehind) {
  Builder b;
  b.graph.outputs = {b.node("Relu", "r", {b.input("x", {2})})};
  auto lowered = import_graph(b.graph);
  ASSERT_TRUE(lowered.ok());
  expect_error(write_onnx(*lowered, file("m.onnx")), Code::kUnsupported, {"'r'", "lowered"});
  EXPECT_FALSE(write_onnx(b.graph, file("no/such/folder/m.onnx")).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace systole::graph
