// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

std::vector<double> folded(Builder& b, ValueId output) {
  auto graph = b.import(output);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  if (!graph.ok()) return {};
  EXPECT_TRUE(graph->nodes.empty());
  const Value& value = graph->at(graph->outputs[0]);
  EXPECT_TRUE(value.is_constant() && value.data->frozen());
  return value.is_constant() ? constant_reals(value) : std::vector<double>();
}

using Reals = std::vector<double>;

TEST(Folding, ShapeArithmetic) {  // what exporters write for x.view(x.size(0), -1)
  Builder b;
  ValueId x = b.input("x", {2, 3, 4});
  ValueId shape = b.node("Shape", "shape", {x});
  ValueId first = b.node("Gather", "first", {shape, b.constant("zero", {}, {0}, DType::kI64)}, {{"axis", int64_t{0}}});
  ValueId row = b.node("Unsqueeze", "row", {first, b.ints("axes", {0})});
  ValueId wanted = b.node("Concat", "join", {row, b.ints("minus", {-1})}, {{"axis", int64_t{0}}});
  auto graph = b.import(b.node("Reshape", "view", {x, wanted}));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  ASSERT_EQ(graph->nodes.size(), 1u);
  EXPECT_EQ(graph->nodes[0].type, "Reshape");
  EXPECT_EQ(graph->at(graph->outputs[0]).shape, (Shape{2, 12}));
}

TEST(Folding, DataMovement) {
  Builder b;
  ValueId x = b.constant("x", {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(folded(b, b.node("Transpose", "t", {x})), (Reals{1, 4, 2, 5, 3, 6}));
  Builder c;
  x = c.constant("x", {2, 3}, {1, 2, 3, 4, 5, 6});
  ValueId cut =
      c.node("Slice", "s", {x, c.ints("st", {-1}), c.ints("en", {-9999}), c.ints("ax", {1}), c.ints("step", {-2})});
  EXPECT_EQ(folded(c, cut), (Reals{3, 1, 6, 4}));
  Builder d;
  x = d.constant("x", {2, 1}, {1, 2});
  EXPECT_EQ(folded(d, d.node("Expand", "e", {x, d.ints("to", {2, 2, 3})})),
            (Reals{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
  Builder e;
  x = e.constant("x", {2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(folded(e, e.node("Tile", "tile", {x, e.ints("r", {1, 2})})), (Reals{1, 2, 1, 2, 3, 4, 3, 4}));
  Builder f;
  x = f.constant("x", {2, 2}, {1, 2, 3, 4});
  ValueId y = f.constant("y", {2, 1}, {9, 8});
  EXPECT_EQ(folded(f, f.node("Concat", "cat", {x, y}, {{"axis", int64_t{-1}}})), (Reals{1, 2, 9, 3, 4, 8}));
}

TEST(Folding, ArithmeticBroadcastsAndRoundsOnce) {
  Builder b;
  ValueId sum = b.node("Add", "add", {b.constant("a", {2, 1}, {0.1, 0.2}), b.constant("c", {2}, {0.3, 1e9})});
  auto got = folded(b, sum);
  EXPECT_EQ(got, (Reals{0.1f + 0.3f, 0.1f + 1e9f, 0.2f + 0.3f, 0.2f + 1e9f}));
  Builder d;
  EXPECT_EQ(folded(d, d.node("Div", "div", {d.ints("a", {7, -7, 9}), d.ints("c", {2, 2, -1})})), (Reals{3, -3, -9}));
  Builder e;
  Status status = e.import(e.node("Div", "bad", {e.ints("a", {7}), e.ints("c", {0})})).status();
  expect_error(status, Code::kInvalidArgument, {"Div 'bad'", "division by zero"});
}

TEST(Folding, MakersAndChoices) {
  Builder b;
  auto two = std::make_shared<Value>(*real_constant("v", DType::kI64, {1}, {7}));
  EXPECT_EQ(folded(b, b.node("ConstantOfShape", "fill", {b.ints("shape", {2, 2})}, {{"value", two}})),
            (Reals{7, 7, 7, 7}));
  Builder c;
  ValueId range = c.node("Range", "range",
                         {c.constant("s", {}, {1}, DType::kI64), c.constant("l", {}, {8}, DType::kI64),
                          c.constant("d", {}, {3}, DType::kI64)});
  ValueId is4 = c.node("Equal", "eq", {range, c.constant("four", {}, {4}, DType::kI64)});
  EXPECT_EQ(folded(c, c.node("Where", "where", {is4, c.constant("m", {}, {-1}, DType::kI64), range})),
            (Reals{1, -1, 7}));
  Builder d;
  EXPECT_EQ(folded(d, d.node("ReduceProd", "prod", {d.constant("x", {2, 3}, {1, 2, 3, 4, 5, 6}, DType::kI64)},
                             {{"axes", Ints{1}}, {"keepdims", int64_t{0}}})),
            (Reals{6, 120}));
  Builder e;
  EXPECT_EQ(folded(e, e.node("Cast", "cast", {e.constant("x", {3}, {1.9, -1.9, 300})}, {{"to", int64_t{2}}})),
            (Reals{1, 0, 255}));
}

TEST(Folding, QuantizationOfConstants) {
  Builder b;
  ValueId q = b.node(
      "QuantizeLinear", "q",
      {b.constant("x", {4}, {0.25, 0.75, -1, 1000}), b.constant("s", {}, {0.5}), b.constant("z", {}, {3}, DType::kU8)});
  EXPECT_EQ(folded(b, q), (Reals{3, 5, 1, 255}));  // 0.5 and 1.5 round to even
  Builder c;
  ValueId w = c.constant("w", {2, 2}, {1, 2, 3, 4}, DType::kI8);
  ValueId d =
      c.node("DequantizeLinear", "dq", {w, c.constant("s", {2}, {0.5, 2}), c.constant("z", {2}, {1, 0}, DType::kI8)},
             {{"axis", int64_t{0}}});
  EXPECT_EQ(folded(c, d), (Reals{0, 0.5, 6, 8}));
}

TEST(Folding, IdentityOfAWeightIsAnAlias) {
  Builder b(14);
  ValueId w = b.constant("w", {1, 1, 1, 1}, {2});
  ValueId alias = b.node("Identity", "id", {w});
  ValueId x = b.input("x", {1, 1, 2, 2});
  ValueId first = b.node("Conv", "c1", {x, w});
  auto graph = b.import(b.node("Conv", "c2", {first, alias}));
  ASSERT_TRUE(graph.ok());
  ASSERT_EQ(graph->nodes.size(), 2u);
  EXPECT_EQ(graph->at(graph->nodes[0].inputs[1]).data, graph->at(graph->nodes[1].inputs[1]).data);
}

TEST(Folding, ADimensionFromDataIsRefusedByName) {
  Builder b;
  ValueId x = b.input("x", {4}), shape = b.input("shape", {2}, DType::kI64);
  expect_error(b.import(b.node("Reshape", "view", {x, shape})).status(), Code::kUnsupported,
               {"Reshape 'view'", "'shape'"});
}

}  // namespace
}  // namespace systole::graph
