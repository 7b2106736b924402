// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/registry.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

TEST(DeviceUri, PartsAndBack) {
  auto uri = parse_device_uri("npu:my/chip.yaml?fidelity=model&seed=3");
  ASSERT_TRUE(uri.ok());
  EXPECT_EQ(uri->scheme, "npu");
  EXPECT_EQ(uri->name, "my/chip.yaml");
  EXPECT_EQ(uri->options.at("fidelity"), "model");
  EXPECT_EQ(uri->to_string(), "npu:my/chip.yaml?fidelity=model&seed=3");
  EXPECT_EQ(parse_device_uri("gpu:opencl:0")->name, "opencl:0");
  EXPECT_EQ(parse_device_uri("cpu")->to_string(), "cpu");
}

TEST(DeviceUri, BadOnesAreRefused) {
  for (const char* text : {"", ":x", "?a=b", "npu:", "npu?", "npu?a", "npu?=b", "npu?a=1&a=2", "npu?a=1&"}) {
    EXPECT_EQ(parse_device_uri(text).status().code(), Code::kInvalidArgument) << text;
  }
}

DriverInfo driver(std::string scheme, Status availability = {}) {
  DriverInfo info;
  info.scheme = std::move(scheme);
  info.option_names = {"memory", "threads"};
  info.availability = [availability] { return availability; };
  info.open = [](const DeviceUri&) -> Result<std::shared_ptr<Device>> { return Status(Code::kInternal, "opened"); };
  return info;
}

TEST(Registry, OpensByScheme) {
  Registry registry;
  ASSERT_TRUE(registry.add(driver("cpu")).ok());
  EXPECT_EQ(registry.open("cpu?threads=1").status().message(), "opened");
}

TEST(Registry, ASchemeIsTakenOnce) {
  Registry registry;
  ASSERT_TRUE(registry.add(driver("cpu")).ok());
  EXPECT_EQ(registry.add(driver("cpu")).code(), Code::kInvalidArgument);
  EXPECT_EQ(registry.drivers().size(), 1u);
}

TEST(Registry, UnknownNamesGetTheNearest) {
  Registry registry;
  ASSERT_TRUE(registry.add(driver("cpu")).ok());
  Status scheme = registry.open("cpuu").status();
  EXPECT_EQ(scheme.code(), Code::kNotFound);
  EXPECT_NE(scheme.message().find("did you mean 'cpu'"), std::string::npos) << scheme.message();
  Status option = registry.open("cpu?thread=2").status();
  EXPECT_EQ(option.code(), Code::kInvalidArgument);
  EXPECT_NE(option.message().find("did you mean 'threads'"), std::string::npos) << option.message();
}

TEST(Registry, UnavailableIsNotUnknown) {
  Registry registry;
  ASSERT_TRUE(registry.add(driver("gpu", Status(Code::kUnavailable, "install x"))).ok());
  EXPECT_EQ(registry.open("gpu").status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace systole
