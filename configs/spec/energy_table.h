// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Energy an action in joules as plain data: what one file of configs/energy says.
#pragma once

#include <cstdint>
#include <string>

#include "configs/spec/described.h"

namespace systole::spec {

struct EnergyTable : Described {
  struct Mac {
    double int8 = 0, bf16 = 0;  // multiply and accumulate
    bool operator==(const Mac&) const = default;
  } mac;
  struct Register {
    double byte = 0;  // written and read
    bool operator==(const Register&) const = default;
  } registers;
  struct Sram {  // an access of 64 bits, by the memory's size
    int64_t small_bytes = 0, medium_bytes = 0, large_bytes = 0;
    double small = 0, medium = 0, large = 0;
    bool operator==(const Sram&) const = default;
  } sram;
  struct Vector {
    double operation = 0;  // an element through a chain of the vector engine
    bool operator==(const Vector&) const = default;
  } vector;
  struct Dram {  // a byte, by kind; 0: the table has none
    double ddr = 0, lpddr = 0, gddr5 = 0, gddr6 = 0, hbm2 = 0;
    bool operator==(const Dram&) const = default;
  } dram;
  bool operator==(const EnergyTable&) const = default;

  // A byte of an SRAM of so many bytes: between two of the three sizes, and beyond them by the nearest two, energy is a
  // power of the size (a straight line on logarithmic axes).
  double sram_byte(int64_t bytes) const;
  const double* dram_byte(const std::string& kind) const;  // null for a kind that no table knows
};

}  // namespace systole::spec
